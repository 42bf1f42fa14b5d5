// The figures at the top.

import { byId, element, setAttribute, setHidden, setText } from './dom.js';
import { NONE, count, duration, rate } from './format.js';
import { waitingOf } from './history.js';

function ageOfOldest({ now, oldest, next_task_age_ms: queued }) {
  const under = oldest ? now - oldest.since : null;
  const ages = [under, queued].filter(age => typeof age === 'number' && age > 0);
  return ages.length > 0 ? Math.max(...ages) : null;
}

const TILES = [
  ['waiting', 'Waiting', 'pushed, not begun yet', ({ items }) => count(waitingOf(items))],
  ['running', 'Running', 'a call to VideoDB is under way', ({ items }) => count(items.running)],
  ['awaiting', 'Awaiting', 'VideoDB works on it', ({ items }) => count(items.awaiting)],
  ['delayed', 'Delayed', 'to be called again later', ({ items }) => count(items.delayed)],
  ['dead', 'Dead', 'failed for good, and kept', ({ items }) => count(items.dead)],
  ['oldest', 'Oldest', 'the oldest task that is not at its end', summary => duration(ageOfOldest(summary))],
  ['ready', 'Ready', 'tasks per second', (summary, last) => rate(last?.readyRate), '/s'],
  ['failing', 'Failed', 'tasks per second', (summary, last) => rate(last?.failedRate), '/s'],
];

export class Tiles {
  // open(id) shows a task
  constructor(open) {
    this.oldest = null;
    this.values = TILES.map(([name, title, hint, , unit]) => {
      const value = element('span', { text: NONE });
      const parts = [value, ...(unit ? [element('span', { class: 'unit', text: unit })] : [])];
      byId('tiles').append(element('div', { class: `tile tile-${name}`, title: hint },
        element('dt', { text: title }), element('dd', {}, ...this.wrap(name, parts, open))));
      return value;
    });
  }

  // Of the oldest task, the figure opens it.
  wrap(name, parts, open) {
    if (name !== 'oldest') return parts;
    this.button = element('button', { type: 'button', class: 'link figure',
      onclick: () => this.oldest && open(this.oldest) }, ...parts);
    return [this.button];
  }

  show(summary, last) {
    TILES.forEach(([, , , valueOf, unit], i) => {
      const text = valueOf(summary, last);
      setText(this.values[i], text);
      if (unit) setHidden(this.values[i].nextElementSibling, text === NONE);
    });
    this.oldest = summary.oldest?.id ?? null;
    this.button.disabled = this.oldest === null;
    setAttribute(this.button, 'title', this.oldest);
    byId('tiles').querySelector('.tile-dead').classList.toggle('alarm', summary.items.dead > 0);
  }
}
