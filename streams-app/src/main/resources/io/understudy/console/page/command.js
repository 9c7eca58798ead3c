// The dialog in which a command is thought over.

import * as api from './api.js';

const VERBS = {
  pause: {title: 'Pause', text: 'The share stays as it is; verdicts move nothing, unless the candidate does harm.'},
  resume: {title: 'Resume', text: 'The rollout goes on with the evidence it has.'},
  advance: {title: 'Advance', text: 'The next stage begins now, whatever the evidence says.'},
  back: {title: 'Go back', text: 'The stage before begins anew, with new evidence.'},
  approve: {title: 'Approve', text: 'The step that the rollout awaits is taken.'},
  promote: {title: 'Promote', text: 'The candidate becomes the existing model for everybody, whatever the evidence says. There is no way back but to deploy the former model.'},
  abort: {title: 'Abort', text: 'The candidate receives nothing any more.', danger: true},
  retry: {title: 'Retry', text: 'A held stage, or an aborted rollout, begins anew.'},
};

/** What an operator can do with a rollout, by its status. */
const ALLOWED = {
  RUNNING: ['pause', 'advance', 'back', 'promote', 'abort'],
  PAUSED: ['resume', 'advance', 'back', 'promote', 'abort'],
  HELD: ['resume', 'retry', 'advance', 'back', 'promote', 'abort'],
  AWAITING_APPROVAL: ['approve', 'advance', 'back', 'promote', 'abort'],
  ABORTED: ['retry'],
  PROMOTED: [],
};

export function verbs(rollout) {
  return (ALLOWED[rollout.status] ?? [])
    .filter(verb => verb !== 'back' || rollout.stage > 0)
    .filter(verb => verb !== 'advance' || rollout.stage < rollout.stages.length - 1);
}

export function title(verb) {
  return VERBS[verb].title;
}

export function isDanger(verb) {
  return VERBS[verb].danger === true;
}

const CONFLICT = 409;
const dialog = document.getElementById('command');
const form = document.getElementById('command-form');
const problem = document.getElementById('command-problem');
const go = document.getElementById('command-go');
let asked = null;

/** Random; crypto.randomUUID is not there where the page came without TLS. */
function identifier() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** Asks for a reason, and sends the command for the state that the operator sees. */
export function ask(verb, deployment) {
  asked = {verb, deployment: deployment.deployment, rollout: deployment.rollout.id, version: deployment.version, id: identifier()};
  document.getElementById('command-title').textContent = `${VERBS[verb].title} ${deployment.rollout.id}?`;
  document.getElementById('command-text').textContent = VERBS[verb].text;
  go.textContent = VERBS[verb].title;
  go.className = VERBS[verb].danger ? 'danger' : '';
  document.getElementById('token-field').hidden = api.token() !== '';
  form.elements.actor.value ||= localStorage.getItem('understudy-actor') ?? '';
  form.elements.reason.value = '';
  problem.hidden = true;
  dialog.showModal();
  (form.elements.actor.value ? form.elements.reason : form.elements.actor).focus();
}

document.getElementById('command-cancel').addEventListener('click', () => dialog.close());

form.addEventListener('submit', async event => {
  event.preventDefault();
  if (form.elements.token.value) {
    api.setToken(form.elements.token.value.trim());
  }
  const actor = form.elements.actor.value.trim();
  const reason = form.elements.reason.value.trim();
  if (!actor || !reason) {
    complain('Your name and a reason are needed; the audit keeps them.');
    return;
  }
  localStorage.setItem('understudy-actor', actor);
  go.disabled = true;
  try {
    await api.command(asked.deployment, {
      verb: asked.verb,
      actor,
      reason,
      id: asked.id,
      rollout: asked.rollout,
      // Whoever wants the candidate out wants it out, whatever has happened since the dialog was opened.
      ...(asked.verb === 'abort' ? {} : {expectedVersion: asked.version}),
    });
    dialog.close();
  } catch (failure) {
    complain(failure.message);
    if (failure.status === 401) {
      document.getElementById('token-field').hidden = false;
      form.elements.token.focus();
    }
    if (failure.status === CONFLICT) {
      // A rejected command stays rejected under its identifier; what is sent next is another one. Any other failure may have been
      // followed all the same: sent again, it must be known again.
      asked.id = identifier();
    }
  } finally {
    go.disabled = false;
  }
});

function complain(text) {
  problem.textContent = text;
  problem.hidden = false;
}
