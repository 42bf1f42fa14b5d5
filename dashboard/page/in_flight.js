// What is under way, what has been so for the longest first.

import { byId, element, setAttribute, setText } from './dom.js';
import { NONE, count, duration, shortUrl, text } from './format.js';
import { Table, badge, idColumn, setBadge, showCount, textColumn } from './table.js';

const oldestFirst = (a, b) => (a.since ?? Infinity) - (b.since ?? Infinity) || (a.id < b.id ? -1 : 1);

// What comes next, and when.
function next(task, now) {
  if (typeof task.due !== 'number') return NONE;
  const left = duration(task.due - now);
  if (task.state === 'delayed') return `again in ${left}`;
  return task.state === 'awaiting' ? `asks in ${left}` : NONE;
}

function fillSource(cell, task) {
  setText(cell, task.url ? shortUrl(task.url) : text(task.video_id));
  setAttribute(cell, 'title', task.url ?? task.video_id ?? null);
}

export class InFlight {
  // open(id) shows a task
  constructor(open) {
    this.now = 0;
    this.table = new Table(byId('in-flight'), {
      label: 'in-flight-title',
      keyOf: task => task.id,
      columns: [
        idColumn(open),
        { name: 'state', title: 'State', build: badge, fill: (cell, task) => setBadge(cell, task.state) },
        textColumn('since', 'For', task => duration(task.since === null ? null : this.now - task.since)),
        textColumn('next', 'Next', task => next(task, this.now)),
        textColumn('kind', 'Kind', task => text(task.kind)),
        textColumn('attempt', 'Attempt', task => count(task.attempt)),
        textColumn('batch', 'Batch', task => text(task.batch)),
        { name: 'source', title: 'Source', fill: fillSource },
      ],
      empty: [element('p', { text: 'Nothing is in flight. This submits a video:' }),
        element('code', { text: 'redis-cli LPUSH reelq:tasks \'{"url":"https://example.com/a.mp4"}\'' })],
    });
  }

  // tasks null: not known yet; total: how many there are, of which these are shown
  show(tasks, total, now) {
    this.now = now;
    this.table.show(tasks && [...tasks].sort(oldestFirst));
    showCount(byId('in-flight-count'), tasks?.length ?? null, total);
  }
}
