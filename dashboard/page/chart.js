// A line chart of the history, in SVG. It is read with the pointer, with the arrow keys (it is a
// slider over the time), and as a sentence.

import { element, setAttribute, setText, svg } from './dom.js';
import { duration } from './format.js';
import { SPAN } from './history.js';

const HEIGHT = 132, TOP = 8, BOTTOM = 20, LEFT = 38, RIGHT = 8;
const LEAST_SPAN = 60000, GAP = 5000;
const KEY_STEP = 5000;

// The least round value that has room for `value`, and whose half is one that can be read, too.
export function niceTop(value, least) {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const steps = power < 10 ? [1, 2, 4, 6, 8, 10] : [1, 2, 3, 4, 5, 6, 8, 10];
  return steps.map(step => step * power).find(top => top >= wanted * 0.999);
}

// So much of the time is shown: as much as there is, in steps.
export function spanOf(samples) {
  const seen = samples.length > 0 ? samples[samples.length - 1].at - samples[0].at : 0;
  return [LEAST_SPAN, 120000, 300000].find(span => seen <= span) ?? SPAN;
}

export class Chart {
  // lines: [{key, name}]; format(value) gives text; least: the scale ends there or above
  constructor(parent, { title, unit, lines, format, least }) {
    Object.assign(this, { title, unit, lines, format, least, samples: [], cursor: null, width: 0 });
    this.build(parent);
    new ResizeObserver(([entry]) => {
      this.width = Math.round(entry.contentRect.width);
      this.draw();
    }).observe(this.plot);
  }

  build(parent) {
    const id = `chart-${this.lines[0].key}`;
    this.values = this.lines.map(line => element('span', { class: 'legend-value' }));
    const legend = element('ul', { class: 'legend' }, ...this.lines.map((line, i) =>
      element('li', { class: `line-${line.key}` }, element('i', { 'aria-hidden': 'true' }),
        element('span', { text: line.name }), this.values[i])));
    this.when = element('span', { class: 'chart-when' });
    this.sentence = element('p', { class: 'hidden', id: `${id}-text` });
    this.plot = element('div', { class: 'plot', role: 'slider', tabindex: 0, 'aria-label': this.title,
      'aria-describedby': `${id}-text`, 'aria-orientation': 'horizontal' }, this.drawing());
    parent.append(element('div', { class: 'panel chart', id },
      element('div', { class: 'chart-head' }, element('h3', { text: this.title }),
        element('span', { class: 'unit', text: this.unit }), this.when),
      legend, this.plot, this.sentence));
    this.listen();
  }

  drawing() {
    this.grid = [0, 1, 2].map(() => ({ line: svg('line', { class: 'grid' }),
      text: svg('text', { class: 'tick', x: LEFT - 8, 'text-anchor': 'end' }) }));
    this.times = [0, 1, 2].map(i => svg('text', { class: 'tick', y: HEIGHT - 4,
      'text-anchor': ['start', 'middle', 'end'][i] }));
    this.paths = this.lines.map(line => svg('path', { class: `line line-${line.key}` }));
    this.area = svg('path', { class: `area line-${this.lines[0].key}` });
    this.rule = svg('line', { class: 'rule', y1: TOP, y2: HEIGHT - BOTTOM });
    this.dots = this.lines.map(line => svg('circle', { class: `point line-${line.key}`, r: 3.5 }));
    this.root = svg('svg', { height: HEIGHT, width: '100%', 'aria-hidden': 'true' },
      ...this.grid.flatMap(({ line, text }) => [line, text]), ...this.times, this.area,
      ...this.paths, this.rule, ...this.dots);
    return this.root;
  }

  listen() {
    this.plot.addEventListener('pointermove', event => {
      const x = event.clientX - this.root.getBoundingClientRect().left;
      this.point(this.end - ((this.right - x) / (this.right - LEFT)) * this.span);
    });
    this.plot.addEventListener('pointerleave', () => this.release());
    this.plot.addEventListener('blur', () => this.release());
    this.plot.addEventListener('keydown', event => this.onKey(event));
  }

  onKey(event) {
    const from = this.cursor ?? this.end;
    const to = { ArrowLeft: from - KEY_STEP, ArrowDown: from - KEY_STEP, ArrowRight: from + KEY_STEP,
      ArrowUp: from + KEY_STEP, PageDown: from - 60000, PageUp: from + 60000, Home: 0,
      End: this.end, Escape: null }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to === null) this.release();
    else this.point(to);
  }

  point(at) {
    if (this.samples.length === 0) return;
    this.cursor = Math.min(this.end, Math.max(at, this.samples[0].at));
    this.draw();
  }

  release() {
    this.cursor = null;
    this.draw();
  }

  show(samples) {
    this.span = spanOf(samples);
    this.end = samples.length > 0 ? samples[samples.length - 1].at : 0;
    this.samples = samples.filter(sample => sample.at >= this.end - this.span);
    this.draw();
  }

  draw() {
    if (this.width === 0 || this.samples.length === 0) return;
    this.right = this.width - RIGHT;
    const most = Math.max(...this.samples.map(sample =>
      Math.max(...this.lines.map(line => sample[line.key] ?? 0))));
    this.top = niceTop(most, this.least);
    this.drawGrid();
    this.drawLines();
    this.drawCursor();
    this.describe();
  }

  x(at) {
    return this.right - ((this.end - at) / this.span) * (this.right - LEFT);
  }

  y(value) {
    return HEIGHT - BOTTOM - (value / this.top) * (HEIGHT - BOTTOM - TOP);
  }

  drawGrid() {
    this.grid.forEach(({ line, text }, i) => {
      const value = (this.top * i) / 2, y = Math.round(this.y(value)) + 0.5;
      for (const [name, at] of [['x1', LEFT], ['x2', this.right], ['y1', y], ['y2', y]]) {
        setAttribute(line, name, at);
      }
      setAttribute(text, 'y', y + 3.5);
      setText(text, this.format(value));
    });
    const names = [`${duration(this.span).replace(' 00s', '')} ago`, '', 'now'];
    this.times.forEach((text, i) => {
      setAttribute(text, 'x', LEFT + ((this.right - LEFT) * i) / 2);
      setText(text, names[i]);
    });
  }

  drawLines() {
    this.lines.forEach((line, i) => setAttribute(this.paths[i], 'd', this.path(line.key, false)));
    setAttribute(this.area, 'd', this.path(this.lines[0].key, true));
  }

  // With `closed` down to the zero line, to be filled. A time without samples is a gap.
  path(key, closed) {
    let d = '', before = null;
    const base = this.y(0).toFixed(1);
    const close = () => (closed && before ? `L${this.x(before.at).toFixed(1)} ${base}Z` : '');
    for (const sample of this.samples) {
      if (sample[key] === null || sample[key] === undefined) continue;
      const x = this.x(sample.at).toFixed(1), y = this.y(sample[key]).toFixed(1);
      const joined = before && sample.at - before.at <= GAP;
      if (joined) d += `L${x} ${y}`;
      else d += `${close()}M${closed ? `${x} ${base}L` : ''}${x} ${y}`;
      before = sample;
    }
    return d + close();
  }

  // The sample at the cursor, or the last one.
  chosen() {
    const at = this.cursor ?? this.end;
    return this.samples.reduce((best, sample) =>
      (Math.abs(sample.at - at) < Math.abs(best.at - at) ? sample : best));
  }

  drawCursor() {
    const sample = this.chosen(), x = this.x(sample.at).toFixed(1);
    const shown = this.cursor !== null;
    setAttribute(this.rule, 'visibility', shown ? 'visible' : 'hidden');
    setAttribute(this.rule, 'x1', x);
    setAttribute(this.rule, 'x2', x);
    this.lines.forEach((line, i) => {
      const value = sample[line.key];
      const there = shown && value !== null && value !== undefined;
      setAttribute(this.dots[i], 'visibility', there ? 'visible' : 'hidden');
      if (there) {
        setAttribute(this.dots[i], 'cx', x);
        setAttribute(this.dots[i], 'cy', this.y(value).toFixed(1));
      }
      setText(this.values[i], this.format(value));
    });
    setText(this.when, shown ? `${duration(this.end - sample.at)} ago` : '');
    this.speak(sample);
  }

  speak(sample) {
    const ago = Math.round((this.end - sample.at) / 1000);
    const values = this.lines.map(line => `${line.name} ${this.format(sample[line.key])}`);
    setAttribute(this.plot, 'aria-valuemin', Math.round((this.samples[0].at - this.end) / 1000));
    setAttribute(this.plot, 'aria-valuemax', 0);
    setAttribute(this.plot, 'aria-valuenow', -ago);
    setAttribute(this.plot, 'aria-valuetext',
      `${ago === 0 ? 'now' : `${duration(ago * 1000)} ago`}: ${values.join(', ')}`);
  }

  describe() {
    const parts = this.lines.map(({ key, name }) => {
      const values = this.samples.map(sample => sample[key]).filter(value => typeof value === 'number');
      if (values.length === 0) return `${name}: not known.`;
      return `${name}: now ${this.format(values[values.length - 1])}, at least ` +
        `${this.format(Math.min(...values))}, at most ${this.format(Math.max(...values))}.`;
    });
    setText(this.sentence, `In the last ${duration(this.span)}: ${parts.join(' ')}`);
  }
}
