// The dialog that confirms a command before it is sent.

import * as api from './api.js';

const VERBS = {
  pause: {title: 'Pause', text: 'The share stays the same. Only a verdict of harm still changes the rollout.'},
  resume: {title: 'Resume', text: 'The rollout continues with its evidence so far.'},
  advance: {title: 'Advance', text: 'The next stage starts now, regardless of the evidence.'},
  back: {title: 'Go back', text: 'The previous stage starts again, with new evidence.'},
  approve: {title: 'Approve', text: 'The rollout takes the step that it waits for.'},
  promote: {title: 'Promote', text: 'The candidate becomes the existing model for all users, regardless of the evidence, as soon as a program serves it as that. The only way back is to deploy the previous model.'},
  abort: {title: 'Abort', text: 'The candidate receives no more requests.', danger: true},
  retry: {title: 'Retry', text: 'A held stage starts again, or an aborted rollout starts again as a new rollout.'},
};

/** The commands that apply to a rollout, by its status. */
const ALLOWED = {
  RUNNING: ['pause', 'advance', 'back', 'promote', 'abort'],
  PAUSED: ['resume', 'advance', 'back', 'promote', 'abort'],
  HELD: ['resume', 'retry', 'advance', 'back', 'promote', 'abort'],
  AWAITING_APPROVAL: ['approve', 'advance', 'back', 'promote', 'abort'],
  AWAITING_READINESS: ['advance', 'back', 'promote', 'abort'],
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
let pending = null;

/** A random identifier. crypto.randomUUID is not available on a page without TLS. */
function identifier() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** Opens the dialog, which asks for a reason. The command applies to the state that the operator sees. */
export function ask(verb, deployment) {
  pending = {verb, deployment: deployment.deployment, rollout: deployment.rollout.id, version: deployment.version, id: identifier()};
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
    showProblem('Enter your name and a reason. Both are recorded for the audit.');
    return;
  }
  localStorage.setItem('understudy-actor', actor);
  go.disabled = true;
  try {
    await api.command(pending.deployment, {
      verb: pending.verb,
      actor,
      reason,
      id: pending.id,
      rollout: pending.rollout,
      // An abort has no expected version: it applies no matter what happened since the dialog was opened.
      ...(pending.verb === 'abort' ? {} : {expectedVersion: pending.version}),
    });
    dialog.close();
  } catch (failure) {
    showProblem(failure.message);
    if (failure.status === 401) {
      document.getElementById('token-field').hidden = false;
      form.elements.token.focus();
    }
    if (failure.status === CONFLICT) {
      // A rejected command stays rejected under its identifier, so the next attempt gets a new one. After any other
      // failure the command may still have been applied, so a repetition must have the same identifier.
      pending.id = identifier();
    }
  } finally {
    go.disabled = false;
  }
});

function showProblem(text) {
  problem.textContent = text;
  problem.hidden = false;
}
