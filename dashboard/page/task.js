// One task in a dialog: what its record says, and what happened to it.

import { byId, element, setText } from './dom.js';
import { clock, duration, interval, text } from './format.js';

// A fragment of a record is the inside of a JSON object.
function fragment(value) {
  if (typeof value !== 'string') return {};
  try {
    return JSON.parse(`{${value}}`);
  } catch {
    return {};
  }
}

// The record with its fragments opened.
export function fieldsOf(answer) {
  const record = answer.record ?? answer;
  return { ...record, ...fragment(record.about), ...fragment(record.video), ...fragment(record.failure) };
}

const timeOf = event => event.at ?? event.ready_at ?? event.failed_at ?? event.submitted_at ?? null;

const number = value => (value === undefined || value === null || value === '' ? null : Number(value));

function words(event) {
  const parts = [];
  if (event.attempt) parts.push(`attempt ${event.attempt}`);
  for (const name of ['stage', 'error', 'action', 'video_id', 'kept']) {
    if (event[name]) parts.push(text(event[name]));
  }
  return parts.join(' · ');
}

function lineOf(event, from, own) {
  const at = timeOf(event);
  const label = typeof event.id === 'string' && event.id.startsWith(`${own}/`) ? event.id.slice(own.length + 1) : '';
  return element('li', { 'data-event': event.event ?? '' },
    element('time', { text: clock(at) }),
    element('span', { class: 'delta', text: at !== null && from !== null ? `+${at - from < 10000 ? interval(Math.max(0, at - from)) : duration(at - from)}` : '' }),
    element('span', { class: 'what' }, element('strong', { text: text(event.event) }),
      element('span', { class: 'muted', text: label && ` ${label}` }),
      element('span', { class: 'words', text: words(event) })));
}

const byTime = (a, b) => (timeOf(a) ?? 0) - (timeOf(b) ?? 0);

function timeLine(answer, fields) {
  const from = number(fields.submitted_at);
  const events = [...(Array.isArray(answer.events) ? answer.events : [])].sort(byTime);
  if (from !== null) events.unshift({ event: 'taken', at: from });
  if (events.length === 0) return element('p', { class: 'muted', text: 'The stream of events has nothing of it any more.' });
  return element('ol', { class: 'time-line' }, ...events.map(event => lineOf(event, from, answer.id)));
}

function facts(fields) {
  const rows = [
    ['State', fields.state], ['Kind', fields.kind], ['URL', fields.url], ['Video', fields.video_id],
    ['Batch', fields.batch], ['Indexes', fields.labels],
    ['Attempt', fields.attempt && `${fields.attempt} of ${text(fields.max_attempts)}`],
    ['Stage', fields.stage], ['Error', fields.error], ['What to do', fields.action],
    ['Meta', fields.meta === undefined ? null : JSON.stringify(fields.meta)],
  ].filter(([, value]) => value !== undefined && value !== null && value !== '');
  return element('dl', { class: 'facts' }, ...rows.flatMap(([name, value]) =>
    [element('dt', { text: name }), element('dd', { text: name === 'Indexes' && Array.isArray(value) ? value.join(', ') : value })]));
}

function rawOf(answer) {
  return element('details', {}, element('summary', { text: 'The record' }),
    element('pre', { tabindex: 0, text: JSON.stringify(answer.record ?? answer, null, 2) }));
}

export class TaskView {
  // retry(id) queues a failed task again; mayRetry() tells whether that is possible
  constructor(api, { retry, mayRetry }) {
    Object.assign(this, { api, retry, mayRetry });
    this.dialog = byId('task-dialog');
    this.body = byId('task-body');
  }

  async open(id) {
    this.id = id;
    setText(byId('task-title'), id);
    this.body.replaceChildren(element('p', { class: 'muted', text: 'Looking…' }));
    if (!this.dialog.open) this.dialog.showModal();
    let parts;
    try {
      parts = this.parts(id, await this.api.task(id));
    } catch (error) {
      parts = [element('p', { class: 'problem', text: error.message })];
    }
    if (this.id === id) this.body.replaceChildren(...parts);
  }

  parts(id, answer) {
    const fields = fieldsOf(answer);
    const buttons = [element('button', { type: 'button', class: 'button', text: 'Look again', onclick: () => this.open(id) })];
    if (fields.state === 'failed' && this.mayRetry()) {
      buttons.push(element('button', { type: 'button', class: 'button primary', text: 'Retry', onclick: () => {
        this.dialog.close();
        this.retry(id);
      } }));
    }
    return [facts(fields), element('h3', { text: 'What happened' }), timeLine(answer, fields), rawOf(answer),
      element('div', { class: 'dialog-buttons' }, ...buttons)];
  }
}
