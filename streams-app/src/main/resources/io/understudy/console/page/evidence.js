// The evaluations of a rollout: charts over time, and a table of the current values.

import {Chart, range} from './charts.js';
import {element, number, percent} from './dom.js';

const STEP = 0.001;

/**
 * The columns of a chart. Lines are interrupted between two stages or epochs, because each starts with new evidence.
 */
function columns(evaluations, ...values) {
  const data = [[], ...values.map(() => [])];
  let before = null;
  for (const evaluation of evaluations) {
    const previous = data[0].at(-1) ?? 0;
    // Windows of two epochs may end in the same second, and the values on the axis must increase.
    const x = Math.max(Date.parse(evaluation.windowEnd) / 1000, previous + 2 * STEP);
    if (before && before.epoch !== evaluation.epoch) {
      data[0].push(previous + STEP);
      values.forEach((value, i) => data[i + 1].push(null));
    }
    data[0].push(x);
    values.forEach((value, i) => data[i + 1].push(value(evaluation, before?.epoch === evaluation.epoch ? before : null) ?? null));
    before = evaluation;
  }
  return data;
}

/** The requests of this window alone; the totals are cumulative over the stage. */
function served(evaluation, before, arm) {
  const count = one => one?.[arm]?.requests ?? 0;
  return Math.max(0, count(evaluation) - count(before));
}

function candidateShare(evaluation, before, stages) {
  if (stages[evaluation.stage]?.share === 0) {
    return 0;
  }
  const existing = served(evaluation, before, 'existing');
  const candidate = served(evaluation, before, 'candidate');
  return existing + candidate === 0 ? null : 100 * candidate / (existing + candidate);
}

/** The better direction, from the sign of the margin or of the worthwhile effect. */
function betterWhen(metric) {
  const good = metric.worthwhile ?? -(metric.margin ?? 0);
  return good === 0 ? '' : `; ${good > 0 ? 'higher' : 'lower'} is better`;
}

/**
 * The axis of an effect. It leaves out the widest intervals, because next to them all later intervals would look like a
 * line.
 */
function narrowed(chart, low, high) {
  const drawn = chart.data.slice(1).flat().filter(value => value !== null && value !== undefined).sort((a, b) => a - b);
  if (drawn.length < 20) {
    return range(chart, low, high);
  }
  return range(chart, drawn[Math.floor(drawn.length * 0.05)], drawn[Math.ceil(drawn.length * 0.95) - 1]);
}

class MetricCharts {
  constructor(metric) {
    this.name = metric.name;
    const title = `${metric.name} (${metric.kind}, ${metric.role.toLowerCase()})`;
    this.estimates = new Chart(`${title}: both arms`, 'Estimate over the stage so far', {lines: [
      {label: 'existing', style: 'existing', legend: 'existing'},
      {label: 'candidate', style: 'candidate', legend: 'candidate'},
    ]});
    const guarded = metric.margin !== null;
    const limit = guarded ? 'the margin' : 'the worthwhile effect';
    const better = betterWhen(metric);
    this.effect = new Chart(`${title}: effect`, `With its confidence sequence, compared with zero and ${limit}${better}`, {
      lines: [
        {label: 'upper end', style: 'edge'},
        {label: 'lower end', style: 'edge'},
        {label: 'effect and its confidence sequence', style: 'effect', legend: 'effect'},
        {label: `zero, and ${limit}`, style: 'limit', legend: 'limit'},
        {label: limit, style: 'limit'},
      ],
      band: [1, 2],
      range: narrowed,
    });
    this.evidence = new Chart(`${title}: evidence`, 'Natural logarithm; the dotted lines are the thresholds for passing and for harm', {lines: [
      {label: 'for passing', style: 'good', legend: 'good'},
      {label: 'of harm', style: 'bad', legend: 'bad'},
      {label: 'needed', style: 'limit', legend: 'limit'},
      {label: 'needed for harm', style: 'limit'},
    ]});
    // A diagnostic metric has no evidence, and some metrics have no estimate for a single arm.
    this.all = [
      ...(metric.existing.estimate === null && metric.candidate.estimate === null ? [] : [this.estimates]),
      this.effect,
      ...(metric.threshold === null ? [] : [this.evidence]),
    ];
  }

  show(evaluations) {
    const of = evaluation => evaluation.metrics.find(metric => metric.name === this.name);
    const last = of(evaluations.at(-1));
    if (!last) {
      return;
    }
    this.estimates.show(
      columns(evaluations, e => of(e)?.existing.estimate, e => of(e)?.candidate.estimate),
      `existing ${number(last.existing.estimate)}, candidate ${number(last.candidate.estimate)}`);
    this.effect.show(
      columns(evaluations, e => of(e)?.high, e => of(e)?.low, e => of(e)?.effect, e => (of(e) ? 0 : null), e => of(e)?.margin ?? of(e)?.worthwhile),
      `${number(last.effect)}, from ${number(last.low)} to ${number(last.high)}; ${last.margin === null ? 'worthwhile effect' : 'margin'} ${number(last.margin ?? last.worthwhile)}`);
    this.evidence.show(
      columns(evaluations, e => of(e)?.logEvidence, e => of(e)?.logEvidenceOfHarm, e => of(e)?.threshold, e => of(e)?.thresholdOfHarm),
      `${number(last.logEvidence)} of ${number(last.threshold)}; of harm ${number(last.logEvidenceOfHarm)} of ${number(last.thresholdOfHarm)}`);
  }
}

/** All charts of one rollout, and the table of metrics. */
export class Evidence {
  constructor() {
    this.metrics = new Map();
    this.split = new Chart('Traffic split', 'Percentage of the requests in each window that were assigned to the candidate', {
      lines: [{label: 'candidate', style: 'candidate', legend: 'candidate'}],
      range: () => [0, 100],
    });
    this.scores = new Chart('Scores', 'Fraction of each model’s scores, over the stage so far', {
      x: 'number',
      lines: [
        {label: 'existing', style: 'existing', legend: 'existing', steps: true},
        {label: 'candidate', style: 'candidate', legend: 'candidate', steps: true},
      ],
    });
    this.latency = new Chart('Latency', 'Milliseconds from routing to answer, per window: median, and 99th percentile as thin lines', {lines: [
      {label: 'existing', style: 'existing', legend: 'existing'},
      {label: 'candidate', style: 'candidate', legend: 'candidate'},
      {label: 'existing p99', style: 'existingFaint'},
      {label: 'candidate p99', style: 'candidateFaint'},
    ]});
    this.body = element('tbody');
    this.table = element('div', {class: 'table', role: 'region', tabindex: '0', 'aria-label': 'Current metrics'},
      element('table', {},
        element('caption', {}, 'As of the last window'),
        element('thead', {}, element('tr', {}, ...['Metric', 'Role', 'Existing', 'Candidate', 'Effect', 'From', 'To', 'Margin or worthwhile effect', 'Evidence', 'Evidence of harm', 'Waits for']
          .map(name => element('th', {scope: 'col'}, name)))),
        this.body));
    this.metricGrid = element('div', {class: 'grid'});
    this.trafficGrid = element('div', {class: 'grid'}, this.split.figure, this.scores.figure, this.latency.figure);
  }

  show(evaluations, stages) {
    const last = evaluations.at(-1);
    if (!last) {
      return;
    }
    for (const metric of last.metrics) {
      if (!this.metrics.has(metric.name)) {
        const charts = new MetricCharts(metric);
        this.metrics.set(metric.name, charts);
        this.metricGrid.append(...charts.all.map(chart => chart.figure));
      }
    }
    this.metrics.forEach(charts => charts.show(evaluations));
    const share = (evaluation, before) => candidateShare(evaluation, before, stages);
    const previous = evaluations.at(-2);
    this.split.show(columns(evaluations, share), percent(share(last, previous?.epoch === last.epoch ? previous : null)));
    const latency = (arm, quantile) => evaluation => evaluation[arm]?.latencyMillis[quantile];
    this.latency.show(
      columns(evaluations, latency('existing', 'p50'), latency('candidate', 'p50'), latency('existing', 'p99'), latency('candidate', 'p99')),
      `median existing ${number(latency('existing', 'p50')(last))}, candidate ${number(latency('candidate', 'p50')(last))} ms`);
    this.showScores(last);
    this.body.replaceChildren(...last.metrics.map(row));
  }

  showScores(last) {
    if (last.scoreEdges.length === 0) {
      return;
    }
    const bars = arm => {
      const parts = last[arm]?.scores ?? [];
      return parts.length === 0 ? last.scoreEdges.map(() => null) : [...parts, 0];
    };
    this.scores.show([last.scoreEdges, bars('existing'), bars('candidate')],
      `from ${number(last.scoreEdges[0])} to ${number(last.scoreEdges.at(-1))}`);
  }

  close() {
    [this.split, this.scores, this.latency, ...[...this.metrics.values()].flatMap(charts => charts.all)]
      .forEach(chart => chart.close());
  }
}

function overCycles(metric) {
  // Events of earlier versions have no cycles.
  return (metric.logEvidenceOfCycles ?? null) === null ? ''
    : `; over cycles ${number(metric.logEvidenceOfCycles)} (${metric.cyclesBetter} better, ${metric.cyclesWorse} worse)`;
}

function row(metric) {
  const cell = text => element('td', {class: 'number'}, text);
  return element('tr', {},
    element('th', {scope: 'row'}, metric.name),
    element('td', {}, metric.role.toLowerCase()),
    cell(number(metric.existing.estimate)),
    cell(number(metric.candidate.estimate)),
    cell(number(metric.effect)),
    cell(number(metric.low)),
    cell(number(metric.high)),
    cell(number(metric.margin ?? metric.worthwhile)),
    cell(metric.threshold === null ? '–' : `${number(metric.logEvidence)} of ${number(metric.threshold)}${overCycles(metric)}`),
    cell(metric.thresholdOfHarm === null ? '–' : `${number(metric.logEvidenceOfHarm)} of ${number(metric.thresholdOfHarm)}`),
    element('td', {class: 'words'}, metric.missing ?? ''));
}
