// The workers, and how busy each is.

import { byId, element, setAttribute, setText } from './dom.js';
import { bytes, count, duration } from './format.js';
import { Table, badge, setBadge, showCount, textColumn } from './table.js';

function buildLoad(cell) {
  cell.append(element('div', { class: 'load', 'aria-hidden': 'true' }, element('i')), element('span'));
}

function fillLoad(cell, { running, concurrency }) {
  const [bar, label] = cell.children;
  const width = concurrency > 0 ? `${Math.min(100, (running * 100) / concurrency)}%` : '0%';
  if (bar.firstElementChild.style.width !== width) bar.firstElementChild.style.width = width;
  setText(label, `${count(running)}/${count(concurrency)}`);
}

// One that VideoDB has refused says so: it takes one task at a time, to try.
function fillState(cell, worker) {
  setBadge(cell, worker.state === 'up' && worker.api ? 'refused' : worker.state);
  setAttribute(cell, 'title', worker.api ?? null);
}

const since = (now, ms) => (typeof ms === 'number' ? now - ms : null);

export class Workers {
  constructor() {
    this.now = 0;
    this.table = new Table(byId('workers'), {
      label: 'workers-title',
      keyOf: worker => worker.name,
      columns: [
        { name: 'name', title: 'Worker', fill: (cell, worker) => {
          setText(cell, worker.name);
          setAttribute(cell, 'title', `${worker.name}, version ${worker.version ?? 'not known'}`);
        } },
        { name: 'state', title: 'State', build: badge, fill: fillState },
        { name: 'load', title: 'Load', build: buildLoad, fill: fillLoad },
        textColumn('memory', 'Memory', worker => bytes(worker.memory)),
        textColumn('uptime', 'Up for', worker => duration(since(this.now, worker.started_at))),
        textColumn('seen', 'Seen ago', worker => duration(since(this.now, worker.seen_at))),
      ],
      empty: [element('p', { text: 'No worker has been seen. This starts one:' }),
        element('code', { text: 'VIDEO_DB_API_KEY=… reelq-worker' })],
    });
  }

  // workers null: not known yet
  show(workers, now) {
    this.now = now;
    this.table.show(workers);
    showCount(byId('workers-count'), workers?.length ?? null, null);
  }
}
