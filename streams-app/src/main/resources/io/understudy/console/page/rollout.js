// One rollout: its state, the commands that apply, its evidence, and its events.

import * as command from './command.js';
import {Evidence} from './evidence.js';
import {element, number, percent, setText, time} from './dom.js';

/** Maximum number of evaluations in the charts: more than the pixels of a chart are not visible. */
const MAX_EVALUATIONS = 1200;

function stageText(stage) {
  return stage.share > 0 ? `serves ${number(stage.share)} %` : `mirrors ${number(stage.mirror)} %`;
}

function fact(name) {
  const value = element('dd');
  return {row: element('div', {}, element('dt', {}, name), value), value};
}

function coverage(arm) {
  return arm && arm.requests > 0 ? percent(100 * Math.min(1, arm.labelled / arm.requests)) : '–';
}

export class RolloutView {
  constructor(deployment) {
    this.id = deployment.rollout.id;
    this.deployment = deployment;
    this.evaluations = [];
    this.events = [];
    this.evidence = new Evidence();
    this.status = element('span', {class: 'status'});
    this.reason = element('p', {class: 'reason'});
    this.stages = element('ol', {class: 'stages'});
    this.buttons = element('p', {class: 'buttons', role: 'group', 'aria-label': 'Commands'});
    this.verdict = element('p', {class: 'reason', role: 'status'}, 'No window of this stage has been evaluated yet.');
    this.warnings = element('ul');
    this.facts = {
      models: fact('Models'),
      share: fact('Served by the candidate'),
      units: fact('Units, existing and candidate'),
      ratio: fact('Evidence of a wrong traffic split'),
      coverage: fact('Known outcomes, existing and candidate'),
      remaining: fact('Units until a decision, approximately'),
    };
    this.others = element('p', {hidden: true});
    this.timeline = element('ol', {class: 'timeline', reversed: true});
    this.root = element('article', {'aria-labelledby': 'rollout-title'},
      element('h1', {id: 'rollout-title'}, deployment.deployment),
      element('p', {}, `Rollout ${this.id}: `, this.status),
      this.reason,
      element('h2', {}, 'Stages'),
      this.stages,
      this.buttons,
      element('dl', {class: 'facts'}, ...Object.values(this.facts).map(one => one.row)),
      element('h2', {}, 'Evidence'),
      this.verdict,
      this.warnings,
      this.evidence.table,
      this.evidence.metricGrid,
      element('h2', {}, 'Traffic, scores and latency'),
      this.evidence.trafficGrid,
      element('h2', {}, 'Timeline'),
      this.timeline,
      this.others);
    this.showDeployment(deployment);
  }

  showDeployment(deployment) {
    this.deployment = deployment;
    const rollout = deployment.rollout;
    setText(this.status, rollout.status);
    this.status.className = `status ${rollout.status}`;
    setText(this.reason, rollout.reason ?? '');
    const over = rollout.status === 'PROMOTED';
    this.stages.replaceChildren(...rollout.stages.map((stage, index) => element('li', {
      class: over || index < rollout.stage ? 'done' : null,
      'aria-current': index === rollout.stage && !over ? 'step' : null,
    }, `${index} ${stage.kind.toLowerCase()}`, element('small', {}, stageText(stage)))));
    setText(this.facts.models.value, `existing ${deployment.existing.version}, candidate ${rollout.candidate.version}`);
    setText(this.facts.share.value, rollout.mirror > 0
      ? `${percent(rollout.share)}, mirrored ${percent(rollout.mirror)}` : percent(rollout.share));
    // An earlier rollout is shown without commands.
    this.showButtons(deployment.past ? [] : command.verbs(rollout));
    this.showOthers(deployment);
  }

  showOthers(deployment) {
    const others = (deployment.rollouts ?? []).filter(id => id !== this.id);
    this.others.hidden = others.length === 0;
    this.others.replaceChildren('Other rollouts: ', ...others.flatMap((id, index) => [
      index === 0 ? '' : ', ', element('a', {href: `#/rollouts/${encodeURIComponent(id)}`}, id)]));
  }

  /**
   * Replaces the buttons only when they change, so that a button does not disappear while someone is about to press it.
   */
  showButtons(verbs) {
    if (this.shown === verbs.join()) {
      return;
    }
    this.shown = verbs.join();
    this.buttons.replaceChildren(...verbs.map(verb => element('button', {
      type: 'button',
      class: command.isDanger(verb) ? 'danger' : 'quiet',
      onclick: () => command.ask(verb, this.deployment),
    }, command.title(verb))));
  }

  showEvaluations(evaluations) {
    const known = new Set(this.evaluations.map(key));
    this.evaluations.push(...evaluations.filter(one => one.rollout === this.id && !known.has(key(one))));
    this.evaluations.sort((a, b) => a.epoch - b.epoch || Date.parse(a.windowEnd) - Date.parse(b.windowEnd));
    if (this.evaluations.length > MAX_EVALUATIONS) {
      // Like the console: of the older half, only every second evaluation is kept.
      this.evaluations = this.evaluations.filter((one, index) => index >= MAX_EVALUATIONS / 2 || index % 2 === 0);
    }
    const last = this.evaluations.at(-1);
    if (!last) {
      return;
    }
    setText(this.verdict, `${last.verdict} in stage ${last.stage}: ${last.reason}`);
    this.verdict.className = `reason verdict ${last.verdict}`;
    this.warnings.replaceChildren(...last.warnings.map(warning => element('li', {}, warning)));
    setText(this.facts.units.value, `${number(last.existing?.units)} and ${number(last.candidate?.units)}`);
    setText(this.facts.ratio.value, `${number(last.sampleRatioEvidence)}; over 3 is suspicious`);
    setText(this.facts.coverage.value, `${coverage(last.existing)} and ${coverage(last.candidate)}`);
    setText(this.facts.remaining.value, number(last.remainingUnits));
    this.evidence.show(this.evaluations, this.deployment.rollout.stages);
  }

  showEvents(events) {
    const known = new Set(this.events.map(eventKey));
    for (const event of events) {
      if (event.rollout === this.id && !known.has(eventKey(event))) {
        this.events.push(event);
        this.timeline.prepend(entry(event));
      }
    }
  }

  close() {
    this.evidence.close();
  }
}

function key(evaluation) {
  return `${evaluation.epoch} ${evaluation.windowEnd} ${evaluation.at}`;
}

function eventKey(event) {
  return `${event.type} ${event.at} ${event.commandId} ${event.stateVersion}`;
}

function entry(event) {
  return element('li', {},
    element('p', {}, time(event.at), ' ', element('strong', {}, event.type),
      event.stage === null ? '' : ` in stage ${event.stage}`, ` by ${event.actor}`),
    event.reason ? element('p', {class: 'reason'}, event.reason) : null,
    event.evidence
      ? element('details', {}, element('summary', {}, 'Evidence'),
        element('pre', {tabindex: '0'}, JSON.stringify(event.evidence, null, 2)))
      : null);
}
