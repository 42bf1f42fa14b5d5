// The dashboard: takes what the server sends, and has every part of the page show it.

import { Api, Cancelled } from './api.js';
import { showBanners, tell } from './banners.js';
import { Batches } from './batches.js';
import { Chart } from './chart.js';
import { askPause, askToken, startDialogs } from './dialogs.js';
import { byId, setAttribute, setHidden, setText } from './dom.js';
import { Failed } from './failed.js';
import { count, rate, shortCount } from './format.js';
import { BatchPace, History } from './history.js';
import { InFlight } from './in_flight.js';
import { Stream } from './stream.js';
import { TaskView } from './task.js';
import { startTheme } from './theme.js';
import { Tiles } from './tiles.js';
import { Workers } from './workers.js';

const READ_ONLY = 'Read only: REELQ_ADMIN_TOKEN is not set in the webhook.';
const CONNECTION = { connecting: 'connecting', live: 'live', lost: 'no connection' };

// What the server has said; null until it has.
const state = { connection: 'connecting', summary: null, workers: null, batches: null, in_flight: null,
  failed: null };

const api = new Api(askToken);
const history = new History();
const task = new TaskView(api, { retry: id => failed.retry([failed.find(id)]), mayRetry: isWritable });
const open = id => task.open(id);
const tiles = new Tiles(open);
const batches = new Batches(new BatchPace());
const workers = new Workers();
const inFlight = new InFlight(open);
const failed = new Failed(api, open);
const charts = [
  { title: 'Waiting', unit: 'tasks', least: 4, format: shortCount, lines: [{ key: 'waiting', name: 'waiting' }] },
  { title: 'Under way', unit: 'tasks', least: 4, format: shortCount, lines: [{ key: 'awaiting', name: 'awaiting' },
    { key: 'running', name: 'running' }, { key: 'delayed', name: 'delayed' }] },
  { title: 'Throughput', unit: 'per second', least: 1, format: rate, lines: [{ key: 'readyRate', name: 'ready' },
    { key: 'failedRate', name: 'failed' }] },
].map(options => new Chart(byId('charts'), options));

let wanted = false;

function isWritable() {
  return state.summary?.writable === true;
}

// While the page is hidden nothing is drawn but its title.
function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    draw();
  });
}

function draw() {
  showBanners(state);
  drawBar();
  const { summary } = state;
  document.body.classList.toggle('stale', state.connection === 'lost' || summary?.redis === false);
  if (!summary?.redis) return;
  const { items, now } = summary;
  tiles.show(summary, history.last());
  for (const chart of charts) chart.show(history.samples);
  batches.show(state.batches, now);
  workers.show(state.workers, now);
  inFlight.show(state.in_flight, items.running + items.awaiting + items.delayed, now);
  failed.show(state.failed, { total: items.dead, now, writable: isWritable() });
}

function drawBar() {
  const { connection, summary } = state;
  setAttribute(byId('connection'), 'data-state', summary?.redis === false && connection === 'live' ? 'lost' : connection);
  setText(byId('connection-text'), CONNECTION[connection]);
  if (summary === null) return;
  setText(byId('version'), summary.version ?? '');
  setHidden(byId('read-only'), summary.writable);
  setText(byId('reason'), summary.writable ? '' : READ_ONLY);
  setAttribute(byId('read-only'), 'title', READ_ONLY);
  const button = byId('pause');
  setText(button, summary.paused_ms > 0 ? 'Resume' : 'Pause');
  setAttribute(button, 'aria-disabled', summary.writable ? null : 'true');
  setAttribute(button, 'title', summary.writable ? null : READ_ONLY);
}

function drawTitle() {
  const { connection, summary } = state;
  let text = 'reelq';
  if (connection === 'lost') text = 'no connection · reelq';
  else if (summary?.redis === false) text = 'Redis is away · reelq';
  else if (summary) text = `${count(summary.items.dead)} failed · ${count(summary.items.running)} running · reelq`;
  if (document.title !== text) document.title = text;
}

function take(name, value) {
  state[name] = value;
  if (name === 'summary' && value.redis) history.add(value);
  drawTitle();
  redraw();
}

async function pauseOrResume() {
  if (!isWritable()) return;
  try {
    if (state.summary.paused_ms > 0) {
      await api.change('/api/resume', {});
      tell('good', 'Resumed', 'The workers go on within 5 s.');
      return;
    }
    const ms = await askPause();
    if (ms === null) return;
    await api.change('/api/pause', { ms });
    tell('good', 'The workers pause');
  } catch (error) {
    if (!(error instanceof Cancelled)) tell('bad', `It was not done: ${error.message}`);
  }
}

function start() {
  startTheme(byId('theme'));
  startDialogs();
  history.restore();
  byId('pause').addEventListener('click', pauseOrResume);
  addEventListener('pagehide', () => history.save());
  new Stream('/events', {
    onSection: take,
    onState: connection => {
      state.connection = connection;
      drawTitle();
      redraw();
    },
  }).open();
}

start();
