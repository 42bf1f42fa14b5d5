// Tables of rows that are updated in place. On a narrow screen each row becomes a card, in which a
// cell begins with the title of its column. The roles are said: cards would lose them.

import { KeyedList, element, setHidden, setText } from './dom.js';
import { count } from './format.js';

// columns: [{name, title, build?(cell, item), fill(cell, item)}]; build makes what is in a cell once.
export function makeRow(columns, item) {
  return element('tr', { role: 'row' }, ...columns.map(column => {
    const cell = element('td', { role: 'cell', class: `cell-${column.name}`, 'data-title': column.title });
    column.build?.(cell, item);
    return cell;
  }));
}

export function updateRow(columns, row, item) {
  columns.forEach((column, i) => column.fill(row.children[i], item));
}

// A table with a head, and what is shown in its place when there is nothing; bodies come behind. One
// that has nothing to be reached by Tab is reached itself, to be scrolled.
export function makeFrame(parent, { label, columns, empty }) {
  const head = element('tr', { role: 'row' }, ...columns.map(column =>
    element('th', { role: 'columnheader', scope: 'col', class: `cell-${column.name}` },
      element('span', { text: column.title, ...(column.quiet && { class: 'hidden' }) }))));
  const table = element('table', { role: 'table', 'aria-labelledby': label },
    element('thead', { role: 'rowgroup' }, head));
  const reached = columns.some(column => column.name === 'id');
  const frame = element('div', { class: 'frame', ...(!reached && { tabindex: 0, role: 'group', 'aria-labelledby': label }) },
    table);
  const nothing = element('div', { class: 'empty' }, ...empty);
  parent.append(frame, nothing);
  return { table, frame, nothing };
}

// known: whether the server has said what is there
export function showFrame({ frame, nothing }, known, some) {
  setHidden(frame, !some);
  setHidden(nothing, some || !known);
}

// "12", or "100 of 12,345" when there are more than are shown. total null: that many are not known of.
export function showCount(node, shown, total) {
  const more = total !== null && total > shown;
  setText(node, more ? `${count(shown)} of ${count(total)}` : count(shown));
}

export class Table {
  constructor(parent, { label, columns, empty, keyOf }) {
    this.frame = makeFrame(parent, { label, columns, empty });
    const body = element('tbody', { role: 'rowgroup' });
    this.frame.table.append(body);
    this.rows = new KeyedList(body, { keyOf, make: item => makeRow(columns, item),
      update: (row, item) => updateRow(columns, row, item) });
  }

  // items null: not known yet
  show(items) {
    this.rows.show(items ?? []);
    showFrame(this.frame, items !== null, (items ?? []).length > 0);
  }
}

// Columns that many tables have.

export function textColumn(name, title, textOf) {
  return { name, title, fill: (cell, item) => setText(cell, textOf(item)) };
}

// An id that opens the task.
export function idColumn(open) {
  return {
    name: 'id', title: 'Task',
    build: (cell, item) => cell.append(element('button', { type: 'button', class: 'link open',
      text: item.id, title: item.id, onclick: () => open(item.id) })),
    fill: () => {},
  };
}

export function badge(cell) {
  cell.append(element('span', { class: 'badge' }));
}

export function setBadge(cell, state) {
  const node = cell.firstElementChild;
  setText(node, state);
  if (node.dataset.state !== state) node.dataset.state = state;
}
