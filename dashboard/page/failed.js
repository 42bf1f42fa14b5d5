// What has failed, grouped by error, to be tried again: one task, or all that are shown with an error.

import { Cancelled } from './api.js';
import { tell } from './banners.js';
import { KeyedList, byId, element, setAttribute, setHidden, setText } from './dom.js';
import { clock, count, duration, text } from './format.js';
import { idColumn, makeFrame, makeRow, showCount, showFrame, textColumn, updateRow } from './table.js';

const AT_ONCE = 4;

const groupKey = task => `${task.error ?? ''}\n${task.action ?? ''}`;

// Groups in the order of their latest task; within one the latest first, as they come.
export function groupsOf(tasks) {
  const groups = new Map();
  for (const task of tasks) {
    const key = groupKey(task);
    if (!groups.has(key)) groups.set(key, { key, error: task.error, action: task.action, tasks: [] });
    groups.get(key).tasks.push(task);
  }
  return [...groups.values()];
}

export class Failed {
  // open(id) shows a task
  constructor(api, open) {
    Object.assign(this, { api, now: 0, writable: false, busy: new Map(), groups: new Map() });
    this.columns = [
      idColumn(open),
      textColumn('stage', 'Stage', task => text(task.stage)),
      textColumn('batch', 'Batch', task => text(task.batch)),
      textColumn('attempt', 'Attempts', task => count(task.attempts)),
      { name: 'at', title: 'Failed', fill: (cell, task) => this.fillTime(cell, task) },
      { name: 'action', title: 'Retry', quiet: true, build: (cell, task) => this.buildRetry(cell, task),
        fill: (cell, task) => this.fillRetry(cell.firstElementChild, this.isBusy(task)) },
    ];
    this.frame = makeFrame(byId('failed'), { label: 'failed-title', columns: this.columns,
      empty: [element('p', { text: 'Nothing has failed.' })] });
    this.list = new KeyedList(this.frame.table, { keyOf: group => group.key, fixed: 1,
      make: group => this.makeGroup(group), update: (body, group) => this.updateGroup(body, group) });
  }

  // Queued, and has not failed again since.
  isBusy(task) {
    return this.busy.get(task.id) === task.at;
  }

  fillTime(cell, task) {
    setText(cell, `${duration(task.at === null ? null : this.now - task.at)} ago`);
    setAttribute(cell, 'title', clock(task.at, this.now));
  }

  buildRetry(cell, task) {
    cell.append(element('button', { type: 'button', class: 'button small retry', text: 'Retry',
      'aria-label': `Retry ${task.id}`, 'aria-describedby': 'reason',
      onclick: () => this.retry([task]) }));
  }

  // A button that cannot be used keeps its place in the order of Tab, and says why.
  fillRetry(button, busy) {
    setAttribute(button, 'aria-disabled', this.writable && !busy ? null : 'true');
    setAttribute(button, 'title', this.writable ? null : byId('reason').textContent);
    setText(button, busy ? 'Retrying' : 'Retry');
  }

  makeGroup(group) {
    const all = element('button', { type: 'button', class: 'button small retry-all',
      'aria-describedby': 'reason',
      onclick: () => this.retry(this.groups.get(group.key).tasks) });
    const head = element('tr', { role: 'row', class: 'group' },
      element('th', { role: 'rowheader', scope: 'rowgroup', colspan: this.columns.length },
        element('div', { class: 'group-line' }, element('span', { class: 'group-error', text: text(group.error) }),
          element('span', { class: 'count' }), element('span', { class: 'group-action', text: group.action ?? '' }),
          all)));
    const body = element('tbody', { role: 'rowgroup' }, head);
    body.rowsList = new KeyedList(body, { keyOf: task => task.id, fixed: 1,
      make: task => makeRow(this.columns, task),
      update: (row, task) => updateRow(this.columns, row, task) });
    return body;
  }

  updateGroup(body, group) {
    const all = body.querySelector('.retry-all');
    setText(body.querySelector('.count'), count(group.tasks.length));
    setText(all, `Retry all ${count(group.tasks.length)}`);
    setAttribute(all, 'aria-label', `Retry all ${group.tasks.length} shown with: ${group.error}`);
    setAttribute(all, 'aria-disabled', this.writable ? null : 'true');
    setHidden(all, group.tasks.length < 2);
    body.rowsList.show(group.tasks);
  }

  // Groups stay where they are while the user aims at one of their buttons; new ones come first.
  inPlace(groups) {
    const places = new Map([...this.groups.keys()].map((key, i) => [key, i]));
    const placeOf = group => places.get(group.key) ?? -1;
    return new Map(groups.sort((a, b) => placeOf(a) - placeOf(b)).map(group => [group.key, group]));
  }

  // tasks null: not known yet; total: how many there are, of which these are shown
  show(tasks, { total, now, writable }) {
    Object.assign(this, { now, writable });
    this.groups = this.inPlace(groupsOf(tasks ?? []));
    this.list.show([...this.groups.values()]);
    showFrame(this.frame, tasks !== null, this.groups.size > 0);
    showCount(byId('failed-count'), tasks?.length ?? null, total);
    setText(byId('failed-note'), writable || this.groups.size === 0 ? '' : byId('reason').textContent);
    const there = new Map((tasks ?? []).map(task => [task.id, task.at]));
    for (const [id, at] of this.busy) if (there.get(id) !== at) this.busy.delete(id);
  }

  find(id) {
    return [...this.groups.values()].flatMap(group => group.tasks).find(task => task.id === id) ??
      { id, at: null };
  }

  // The first alone: it may ask for the token.
  async retry(tasks) {
    const left = tasks.filter(task => !this.isBusy(task));
    if (!this.writable || left.length === 0) return;
    const result = { asked: left.length, id: left[0].id, pushed: 0, problem: null };
    try {
      await this.push(left.shift(), result);
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left.length > 0) await this.push(left.shift(), result);
      }));
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
    }
    this.report(result);
  }

  // That one is refused does not keep the others from being tried.
  async push(task, result) {
    this.busy.set(task.id, task.at);
    try {
      await this.api.change('/api/retry', { id: task.id });
      result.pushed++;
    } catch (error) {
      this.busy.delete(task.id);
      if (error instanceof Cancelled) throw error;
      result.problem = error.message;
    }
  }

  report({ asked, id, pushed, problem }) {
    const what = asked === 1 ? id : `${count(pushed)} of ${count(asked)}`;
    if (problem !== null) tell('bad', `Not queued: ${problem}`, asked > 1 ? `${count(pushed)} were.` : '');
    else if (pushed > 0) tell('good', `Queued again: ${what}`, 'The next free worker takes it.');
  }
}
