// What a rollout's evaluations look like: charts over time, and a table of where they stand.

import {Chart, range} from './charts.js';
import {element, number, percent} from './dom.js';

const STEP = 0.001;

/** Between two stages or epochs the lines end: evidence begins anew there. */
function columns(evaluations, ...values) {
  const data = [[], ...values.map(() => [])];
  let before = null;
  for (const evaluation of evaluations) {
    const previous = data[0].at(-1) ?? 0;
    // Two epochs may have been judged to the same second; the axis must not go back.
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

/** What came in this window alone: totals are cumulative over the stage. */
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

/** Which way is good, as the signs of the margin and of what is worth having say. */
function betterWhen(metric) {
  const good = metric.worthwhile ?? -(metric.margin ?? 0);
  return good === 0 ? '' : `; ${good > 0 ? 'higher' : 'lower'} is better`;
}

/** The axis of an effect: the first intervals are so wide that all later ones would be one line. */
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
    const limit = guarded ? 'the margin' : 'what is worth having';
    const better = betterWhen(metric);
    this.effect = new Chart(`${title}: effect`, `With its confidence sequence, against zero and ${limit}${better}`, {
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
    this.evidence = new Chart(`${title}: evidence`, 'Natural logarithm; what passing and harm must reach is dotted', {lines: [
      {label: 'for passing', style: 'good', legend: 'good'},
      {label: 'of harm', style: 'bad', legend: 'bad'},
      {label: 'needed', style: 'limit', legend: 'limit'},
      {label: 'needed for harm', style: 'limit'},
    ]});
    // A diagnostic claims nothing, and some metrics have no estimate of one arm alone.
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
      `${number(last.effect)}, from ${number(last.low)} to ${number(last.high)}; ${last.margin === null ? 'worth having' : 'margin'} ${number(last.margin ?? last.worthwhile)}`);
    this.evidence.show(
      columns(evaluations, e => of(e)?.logEvidence, e => of(e)?.logEvidenceOfHarm, e => of(e)?.threshold, e => of(e)?.thresholdOfHarm),
      `${number(last.logEvidence)} of ${number(last.threshold)}; of harm ${number(last.logEvidenceOfHarm)} of ${number(last.thresholdOfHarm)}`);
  }
}

/** All charts of one rollout, and the table. */
export class Evidence {
  constructor() {
    this.metrics = new Map();
    this.split = new Chart('Traffic split', 'Per cent of each window’s requests that the candidate was to serve', {
      lines: [{label: 'candidate', style: 'candidate', legend: 'candidate'}],
      range: () => [0, 100],
    });
    this.scores = new Chart('Scores', 'Part of each model’s scores, over the stage', {
      x: 'number',
      lines: [
        {label: 'existing', style: 'existing', legend: 'existing', steps: true},
        {label: 'candidate', style: 'candidate', legend: 'candidate', steps: true},
      ],
    });
    this.latency = new Chart('Latency', 'Milliseconds from routing to answer, by window: median and, thin, 99th percentile', {lines: [
      {label: 'existing', style: 'existing', legend: 'existing'},
      {label: 'candidate', style: 'candidate', legend: 'candidate'},
      {label: 'existing p99', style: 'existingFaint'},
      {label: 'candidate p99', style: 'candidateFaint'},
    ]});
    this.body = element('tbody');
    this.table = element('div', {class: 'table', role: 'region', tabindex: '0', 'aria-label': 'Metrics as they stand'},
      element('table', {},
        element('caption', {}, 'As of the last window'),
        element('thead', {}, element('tr', {}, ...['Metric', 'Role', 'Existing', 'Candidate', 'Effect', 'From', 'To', 'Margin, or aim', 'Evidence', 'Of harm', 'Waits for']
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
    cell(metric.threshold === null ? '–' : `${number(metric.logEvidence)} of ${number(metric.threshold)}`),
    cell(metric.thresholdOfHarm === null ? '–' : `${number(metric.logEvidenceOfHarm)} of ${number(metric.thresholdOfHarm)}`),
    element('td', {class: 'words'}, metric.missing ?? ''));
}
