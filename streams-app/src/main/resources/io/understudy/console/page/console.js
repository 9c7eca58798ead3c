// The page: a list of all deployments and the details of one rollout, updated live.

import * as api from './api.js';
import {element, number, setText} from './dom.js';
import {RolloutView} from './rollout.js';

const MAX_SILENCE_MS = 10_000;

const freshness = document.getElementById('freshness');
const list = document.getElementById('deployments');
const content = document.getElementById('content');
const deployments = new Map();
let view = null;
let lastMessage = 0;
let loaded = false;
let last = {asOf: null, stale: true};
let trouble = 'Connecting …';

function selected() {
  const match = location.hash.match(/^#\/deployments\/(.+)$/);
  return match ? decodeURIComponent(match[1]) : null;
}

function showFreshness() {
  const silent = Date.now() - lastMessage > MAX_SILENCE_MS;
  const since = last.asOf ? new Date(last.asOf).toLocaleTimeString() : 'it started';
  if (silent || trouble) {
    freshness.className = loaded ? 'freshness stale' : 'freshness waiting';
    setText(freshness, loaded ? `Stale since ${since}. ${trouble ?? 'The console sends no data.'}` : trouble ?? 'Connecting …');
  } else if (last.stale) {
    freshness.className = 'freshness stale';
    setText(freshness, `Stale since ${since}: the broker does not answer the console.`);
  } else {
    freshness.className = 'freshness live';
    setText(freshness, 'Live');
  }
}

function showList() {
  const chosen = selected();
  const focused = document.activeElement?.dataset?.deployment;
  list.replaceChildren(...[...deployments.values()]
    .sort((a, b) => a.deployment.localeCompare(b.deployment))
    .map(one => element('li', {}, summary(one, chosen))));
  if (focused) {
    list.querySelector(`[data-deployment="${CSS.escape(focused)}"]`)?.focus();
  }
}

function summary(one, chosen) {
  const rollout = one.rollout;
  return element('a', {
    href: `#/deployments/${encodeURIComponent(one.deployment)}`,
    'data-deployment': one.deployment,
    'aria-current': one.deployment === chosen ? 'page' : null,
  },
  element('strong', {}, one.deployment),
  element('small', {}, `serves ${one.existing.version}`),
  rollout
    ? element('small', {}, element('span', {class: `status ${rollout.status}`}, rollout.status),
      ` ${rollout.candidate.version}, stage ${rollout.stage} of 0–${rollout.stages.length - 1}, ${number(rollout.share)}\u00a0%`)
    : element('small', {}, 'no rollout yet'));
}

/** Opens an earlier rollout of a deployment, in its last known state. */
async function openPast(id) {
  const past = await api.get(`/api/rollouts/${encodeURIComponent(id)}`);
  const current = deployments.get(past.deployment);
  if (current?.rollout?.id === id) {
    location.hash = `#/deployments/${encodeURIComponent(past.deployment)}`;
    return;
  }
  show({...current, deployment: past.deployment, version: past.stateVersion, rollout: past, past: true});
  await load(view);
}

function show(deployment) {
  if (view?.id !== deployment.rollout.id) {
    close();
    view = new RolloutView(deployment);
    content.replaceChildren(view.root);
    document.title = `${deployment.deployment} – Understudy`;
  }
  view.showDeployment(deployment);
}

/** Opens the deployment or rollout in the address, or else the first deployment that has a rollout. */
async function open() {
  showList();
  const past = location.hash.match(/^#\/rollouts\/(.+)$/);
  if (past) {
    await openPast(decodeURIComponent(past[1]));
    return;
  }
  const name = selected() ?? [...deployments.values()].find(one => one.rollout)?.deployment;
  const deployment = deployments.get(name);
  if (!deployment?.rollout) {
    close();
    content.replaceChildren(element('p', {class: 'empty'}, deployments.size === 0
      ? 'There are no deployments yet. Start with: understudy deploy -f FILE'
      : name && !deployment ? `There is no deployment ${name}.`
        : 'This deployment has no rollout yet. Start one with: understudy rollout start -f FILE'));
    return;
  }
  show(deployment);
  await load(view);
}

async function load(target) {
  const path = `/api/rollouts/${encodeURIComponent(target.id)}`;
  const [evaluations, events] = await Promise.all([api.get(`${path}/evaluations`), api.get(`${path}/events`)]);
  if (target === view) {
    target.showEvaluations(evaluations.evaluations);
    target.showEvents(events.events);
  }
}

function close() {
  view?.close();
  view = null;
  document.title = 'Understudy';
}

async function reload() {
  const all = await api.get('/api/deployments');
  deployments.clear();
  all.deployments.forEach(one => deployments.set(one.deployment, one));
  last = all;
  await open();
  loaded = true;
}

function message(type, data) {
  lastMessage = Date.now();
  trouble = null;
  switch (type) {
    case 'heartbeat':
      last = data;
      break;
    case 'deployment':
      deployments.set(data.deployment, data);
      if (view?.deployment.deployment === data.deployment && view.id === data.rollout?.id) {
        view.showDeployment(data);
        showList();
      } else if (!view || view.deployment.deployment === data.deployment && !view.deployment.past) {
        open().catch(failure => lost(failure.message));
      } else {
        showList();
      }
      break;
    case 'evaluation':
      view?.showEvaluations([data]);
      break;
    case 'event':
      view?.showEvents([data]);
      break;
  }
  showFreshness();
}

const UNAUTHORIZED = 401;

function lost(why, status) {
  trouble = status === UNAUTHORIZED ? 'This console needs a token.' : `Reconnecting: ${why}`;
  showFreshness();
  if (status === UNAUTHORIZED && !document.getElementById('look-token')) {
    askToken();
  }
}

/** Asks for the token. A console that other machines can reach also needs it for reading. */
function askToken() {
  const input = element('input', {id: 'look-token', type: 'password', autocomplete: 'off', required: true});
  content.replaceChildren(element('form', {
    onsubmit: event => {
      event.preventDefault();
      api.setToken(input.value.trim());
      location.reload();
    },
  },
  element('p', {class: 'field'}, element('label', {for: 'look-token'}, 'Token of this console'), input),
  element('p', {}, 'Use the token from console.token or UNDERSTUDY_CONSOLE_TOKEN, or the one that was printed when the console started.'),
  element('button', {}, 'Open')));
}

api.takeToken();
addEventListener('hashchange', () => {
  api.takeToken();
  open().catch(failure => lost(failure.message));
  document.getElementById('main').focus();
});
setInterval(showFreshness, 1000);
api.follow({opened: reload, message, lost});
