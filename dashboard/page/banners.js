// The banners: what is wrong as a whole, and what to do about it.

import { isForEver } from './dialogs.js';
import { KeyedList, byId, element, setHidden, setText } from './dom.js';
import { duration, interval } from './format.js';

const NOTICE_MS = 8000;

const isUp = worker => worker.state === 'up';

// A worker learns only by its next call that VideoDB takes calls again; till then others may have.
function ofRefusal(reason, workers) {
  const up = workers.filter(isUp);
  const refused = up.filter(worker => worker.api);
  const some = refused.length > 0 && refused.length < up.length;
  return { key: 'blocked', tone: some ? 'warn' : 'bad',
    title: some ? `VideoDB refused calls of ${refused.length} of ${up.length} workers: ${reason}`
      : `VideoDB refuses calls: ${reason}`,
    text: some ? 'Each tries again with a task that it takes, slowly.'
      : 'The workers try again, slowly, with one task at a time. No task is lost.' };
}

function ofApi(summary, workers) {
  const found = [];
  if (summary.blocked) found.push(ofRefusal(summary.blocked, workers ?? []));
  if (summary.paused_ms > 0) {
    const left = isForEver(summary.paused_ms) ? 'until resumed' : `${duration(summary.paused_ms)} left`;
    found.push({ key: 'paused', tone: 'warn', title: 'Paused', ticking: `, ${left}`,
      text: 'No worker takes tasks meanwhile. Callbacks are taken.' });
  }
  if (summary.interval_ms > 0) {
    found.push({ key: 'pace', tone: 'info', title: 'VideoDB limits the rate',
      text: `All workers together begin one item every ${interval(summary.interval_ms)}.` });
  }
  return found;
}

// A Redis that is there, and refuses, begins with such a word.
function ofRedis(error) {
  const refused = /^(NOPERM|NOAUTH|WRONGPASS)\b/.test(error);
  return { key: 'redis', tone: 'bad', title: refused ? 'Redis refuses to tell' : 'Redis is away',
    text: `${error}${/[.!?]$/.test(error) || error === '' ? '' : '.'} What is shown is how it was.` };
}

// state: {connection, summary, workers}, each null until it is known. The most urgent one is first.
export function bannersOf({ connection, summary, workers }) {
  if (connection === 'lost') {
    return [{ key: 'lost', tone: 'bad', title: 'Lost the connection to the webhook',
      text: 'Trying again. What is shown is how it was.' }];
  }
  if (summary === null) return [];
  if (!summary.redis) return [ofRedis(summary.redis_error ?? '')];
  const found = ofApi(summary, workers);
  if (workers !== null && !workers.some(isUp)) {
    found.unshift({ key: 'workers', tone: 'bad', title: 'No workers',
      text: 'Nothing is taken from the queue. Start one, on any machine that reaches this Redis:',
      command: 'VIDEO_DB_API_KEY=… reelq-worker' });
  }
  return found;
}

// What changes each second is not read out.
function make({ key, tone }) {
  return element('div', { class: 'banner', 'data-banner': key, 'data-tone': tone },
    element('strong', {}, element('span'), element('span', { 'aria-live': 'off' })), element('span'),
    element('code'));
}

function update(node, banner) {
  const [title, text, command] = node.children;
  setText(title.firstElementChild, banner.title);
  setText(title.lastElementChild, banner.ticking ?? '');
  setText(text, banner.text);
  setText(command, banner.command ?? '');
  setHidden(command, banner.command === undefined);
}

const list = new KeyedList(byId('banners'), {
  keyOf: banner => `${banner.key} ${banner.tone}`, make, update });

let notice = null;
let shown = [];

function draw() {
  list.show(notice ? [...shown, notice] : shown);
}

export function showBanners(state) {
  shown = bannersOf(state);
  draw();
}

// Tells what came of something that the user did; goes by itself. tone: 'good' or 'bad'
export function tell(tone, title, text = '') {
  clearTimeout(notice?.timer);
  notice = { key: 'notice', tone, title, text };
  notice.timer = setTimeout(() => {
    notice = null;
    draw();
  }, NOTICE_MS);
  draw();
}
