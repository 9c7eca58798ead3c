// Charts with uPlot, in the colours of the page and as wide as their container.

import uPlot from '/uplot/uPlot.esm.js';
import {element} from './dom.js';

const HEIGHT = 190;
const DASH = [7, 4];
const DOTS = [2, 4];

const charts = new Set();

/** The range of an axis, from the lowest to the highest value. A constant value gets some space around it. */
export function range(chart, low, high) {
  if (low === null || low === undefined) {
    return [0, 1];
  }
  if (low === high) {
    return low === 0 ? [0, 1] : [low - Math.abs(low) / 10, low + Math.abs(low) / 10];
  }
  return uPlot.rangeNum(low, high, 0.1, true);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Line styles. The lines of existing and candidate differ in colour and in dash. */
const STYLES = {
  existing: {stroke: 'existing', width: 2},
  candidate: {stroke: 'candidate', width: 2, dash: DASH},
  existingFaint: {stroke: 'existing', width: 1},
  candidateFaint: {stroke: 'candidate', width: 1, dash: DASH},
  good: {stroke: 'good', width: 2},
  bad: {stroke: 'bad', width: 2, dash: DASH},
  limit: {stroke: 'faint', width: 1.5, dash: DOTS},
  effect: {stroke: 'ink', width: 2},
  edge: {stroke: 'ink', width: 1},
};

function series(line) {
  const style = STYLES[line.style];
  return {
    label: line.label,
    stroke: () => colour(style.stroke),
    width: style.width,
    dash: style.dash,
    points: {show: false},
    paths: line.steps ? uPlot.paths.stepped({align: 1}) : undefined,
    spanGaps: false,
  };
}

function axis(options = {}) {
  return {
    stroke: () => colour('ink'),
    grid: {stroke: () => colour('line'), width: 1},
    ticks: {stroke: () => colour('line'), width: 1},
    size: 56,
    ...options,
  };
}

/**
 * A figure with a chart.
 *
 * lines: [{label, style, legend}], band: [upper line, lower line] as indexes from 1, x: 'time' or 'number'
 */
export class Chart {
  constructor(title, note, {lines, band, x = 'time', range: ofY = range}) {
    this.lines = lines;
    this.options = {band, x, ofY};
    this.container = element('div', {class: 'chart', role: 'img', 'aria-label': title});
    this.title = title;
    this.figure = element(
      'figure',
      {},
      element('figcaption', {}, title, note ? element('small', {}, note) : null),
      this.container,
      element('ul', {class: 'legend', 'aria-hidden': 'true'},
        ...lines.filter(line => line.legend).map(line => element('li', {class: line.legend}, line.label))),
    );
    this.data = [[], ...lines.map(() => [])];
    charts.add(this);
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.container);
  }

  /** Shows data. The description is a text version of the chart for screen readers. */
  show(data, description) {
    this.data = data;
    this.container.setAttribute('aria-label', `${this.title}: ${description}`);
    if (this.drawn) {
      this.drawn.setData(data);
    } else {
      this.draw();
    }
  }

  draw() {
    const width = this.container.clientWidth;
    if (width === 0) {
      return;
    }
    if (this.drawn && this.drawn.width !== width) {
      this.drawn.setSize({width, height: HEIGHT});
      return;
    }
    if (!this.drawn) {
      const {band, x, ofY} = this.options;
      this.drawn = new uPlot({
        width,
        height: HEIGHT,
        // Times are in UTC, as in the command line.
        tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
        legend: {show: false},
        cursor: {show: false},
        scales: {x: {time: x === 'time'}, y: {range: ofY}},
        axes: [axis({size: 44}), axis()],
        series: [{}, ...this.lines.map(series)],
        bands: band ? [{series: band, fill: () => `${colour('ink')}22`}] : [],
      }, this.data, this.container);
    }
  }

  redraw() {
    this.drawn?.redraw(false, true);
  }

  close() {
    charts.delete(this);
    this.resizing.disconnect();
    this.drawn?.destroy();
  }
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach(chart => chart.redraw()));
