// The batches, each with its progress.

import { byId, element, setAttribute, setText } from './dom.js';
import { NONE, count, duration, percent, rate } from './format.js';
import { Table, showCount, textColumn } from './table.js';

const done = batch => (batch.ready ?? 0) + (batch.failed ?? 0);
const sizeOf = batch => batch.size ?? batch.total ?? null;
const part = (n, of) => `${of > 0 ? Math.min(100, ((n ?? 0) * 100) / of) : 0}%`;

function buildBar(cell) {
  cell.append(element('div', { class: 'progress', role: 'progressbar', 'aria-valuemin': 0 },
    element('i', { class: 'ready' }), element('i', { class: 'failed' })));
}

function fillBar(cell, batch) {
  const bar = cell.firstElementChild, of = sizeOf(batch);
  const widths = [part(batch.ready, of), part(batch.failed, of)];
  widths.forEach((width, i) => {
    if (bar.children[i].style.width !== width) bar.children[i].style.width = width;
  });
  setAttribute(bar, 'aria-label', `Batch ${batch.id}`);
  setAttribute(bar, 'aria-valuemax', of ?? 0);
  setAttribute(bar, 'aria-valuenow', done(batch));
  setAttribute(bar, 'aria-valuetext',
    `${percent(done(batch), of)}: ${count(batch.ready)} ready, ${count(batch.failed)} failed, of ${count(of)}`);
}

function buildCounts(cell) {
  cell.append(element('span', {}, element('span', { class: 'ready-text' }),
    element('span', { class: 'failed-text' }), element('span', { class: 'muted' })));
}

function fillCounts(cell, batch) {
  const [ready, failed, of] = cell.firstElementChild.children;
  setText(ready, count(batch.ready ?? 0));
  setText(failed, batch.failed > 0 ? ` + ${count(batch.failed)} failed` : '');
  setText(of, batch.size === null ? ` of ${count(batch.total)} so far` : ` of ${count(batch.size)}`);
}

const isComplete = batch => batch.size !== null && done(batch) >= batch.size;

function timeLeft(batch, pace) {
  if (isComplete(batch)) return 'complete';
  const perSecond = pace.rate(batch.id);
  if (!perSecond || batch.size === null) return NONE;
  return duration(((batch.size - done(batch)) / perSecond) * 1000);
}

const paceText = (batch, pace) => {
  const perSecond = isComplete(batch) ? null : pace.rate(batch.id);
  return perSecond ? `${rate(perSecond)}/s` : NONE;
};

export class Batches {
  constructor(pace) {
    this.pace = pace;
    this.table = new Table(byId('batches'), {
      label: 'batches-title',
      keyOf: batch => batch.id,
      columns: [
        { name: 'name', title: 'Batch', fill: (cell, batch) => {
          setText(cell, batch.id);
          setAttribute(cell, 'title', batch.id);
        } },
        { name: 'bar', title: 'Progress', build: buildBar, fill: fillBar },
        textColumn('percent', 'Done', batch => percent(done(batch), batch.size)),
        { name: 'counts', title: 'Ready', build: buildCounts, fill: fillCounts },
        textColumn('rate', 'Rate', batch => paceText(batch, pace)),
        textColumn('left', 'Time left', batch => timeLeft(batch, pace)),
      ],
      empty: [element('p', { text: 'No batch yet. A batch is a name that tasks share; this submits one:' }),
        element('code', { text: 'reelq submit --batch monday videos.csv' })],
    });
  }

  // batches null: not known yet
  show(batches, now) {
    for (const batch of batches ?? []) this.pace.note(batch.id, done(batch), now);
    this.pace.keep(new Set((batches ?? []).map(batch => batch.id)));
    this.table.show(batches);
    showCount(byId('batches-count'), batches?.length ?? null, null);
  }
}
