// Clicks through the dashboard of a webhook, with workers at work behind it:
//     node dashboard.mjs BIN_DIR
// One line per step; ends with 1 when one of them fails, which is then told with a picture's path.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { barriersOf, bodyColour, complaintsOf, launch, openPage, tabTo } from './browser.mjs';
import { Site } from './site.mjs';

const TOKEN = 'a-token-for-the-browser';
const PICTURE = fileURLToPath(new URL('failed.png', import.meta.url));
const EXPECTED_401 = /status of 401/;
const LOST = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;

const banner = (page, key) => page.locator(`[data-banner="${key}"]`);
const gone = locator => locator.waitFor({ state: 'detached' });
const shown = locator => locator.waitFor({ state: 'visible' });
const video = (id, name, more = {}) => ({ url: `https://example.com/${name}/${id}.mp4`, id, ...more });
const row = (page, section, id) => page.locator(`#${section} tbody tr:not(.group)`,
  { has: page.getByText(id, { exact: true }) });

// Waits until the text of an element is such; it is looked at with each frame.
function until(page, selector, pattern) {
  return page.waitForFunction(([wanted, source]) =>
    new RegExp(source).test(document.querySelector(wanted)?.textContent ?? ''), [selector, pattern.source]);
}

async function giveToken(page, token) {
  await shown(page.locator('#token-dialog'));
  await page.fill('#token', token);
  await page.keyboard.press('Enter');
}

// ---- Steps --------------------------------------------------------------------------------------

async function emptyPage({ page }) {
  await until(page, '#connection-text', /^live$/);
  await shown(banner(page, 'workers'));
  await shown(page.locator('#in-flight .empty code'));
  assert.match(await page.locator('#in-flight .empty').textContent(), /LPUSH reelq:tasks/);
  assert.match(await page.locator('#batches .empty').textContent(), /reelq submit/);
  assert.match(await page.locator('#version').textContent(), /^\d+\.\d+/);
  assert.match(await page.title(), /^0 failed · 0 running/);
}

async function workersCome({ page, site }) {
  await site.startWorkers(2);
  await gone(banner(page, 'workers'));
  await page.waitForFunction(() => document.querySelectorAll('#workers tbody tr').length === 2);
  await until(page, '#workers td.cell-state', /up/);
  await until(page, '#workers td.cell-memory', /MiB/);
}

async function batchFills({ page, site }) {
  const items = Array.from({ length: 40 }, (_, i) => video(`film-${i}`, 'fine', { batch: 'reel', batch_size: 42 }));
  await site.push(...items, video('torn-1', 'corrupt', { batch: 'reel' }), video('torn-2', 'corrupt', { batch: 'reel' }));
  await until(page, '#in-flight td.cell-id', /film-/);
  await until(page, '#batches td.cell-name', /^reel$/);
  await until(page, '#batches td.cell-percent', /^100%$/);
  await until(page, '#batches td.cell-counts', /40 \+ 2 failed of 42/);
  const widths = await page.locator('#batches .progress i').evaluateAll(bars => bars.map(bar => parseFloat(bar.style.width)));
  assert.ok(Math.abs(widths[0] - 95.24) < 0.1 && Math.abs(widths[1] - 4.76) < 0.1, `bars are ${widths}`);
  await until(page, '#batches td.cell-left', /complete/);
}

async function chartsDraw({ page }) {
  for (const key of ['waiting', 'awaiting', 'readyRate']) {
    await page.waitForFunction(name =>
      (document.querySelector(`path.line.line-${name}`)?.getAttribute('d').match(/L/g) ?? []).length > 4, key);
  }
  await until(page, '.tile-ready dd', /[1-9]/);
  assert.match(await page.locator('#chart-awaiting-text').textContent(), /awaiting: now .* at most/);
}

async function chartByKeys({ page }) {
  const plot = page.locator('#chart-awaiting .plot');
  await plot.focus();
  await page.keyboard.press('Home');
  assert.match(await plot.getAttribute('aria-valuetext'), /ago: awaiting \d+, running \d+, delayed \d+/);
  await until(page, '#chart-awaiting .chart-when', /ago/);
  await page.keyboard.press('Escape');
  await until(page, '#chart-awaiting .chart-when', /^$/);
  await page.locator('#chart-awaiting .plot').hover();
  await until(page, '#chart-awaiting .chart-when', /ago/);
  await page.mouse.move(0, 0);
}

async function retryByKeys({ page, site }) {
  await site.push(video('shy', 'download-flaky-1', { max_attempts: 1, index: [] }));
  await shown(row(page, 'failed', 'shy'));
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('Tab');
  await tabTo(page, '[aria-label="Retry shy"]');
  await page.keyboard.press('Enter');
  await giveToken(page, '\u201cquoted\u201d');
  await until(page, '#token-problem', /character that no token has/);
  await giveToken(page, 'wrong');
  await until(page, '#token-problem', /refuses this token/);
  await giveToken(page, TOKEN);
  await shown(banner(page, 'notice'));
  await gone(row(page, 'failed', 'shy'));
  await site.event('ready', 'shy');
  assert.equal(await page.evaluate(() => Object.keys(localStorage).join()), '');
  assert.ok(await page.evaluate(() => document.activeElement !== document.body), 'the focus is lost');
}

async function detailShows({ page }) {
  await row(page, 'failed', 'torn-1').locator('.open').click();
  await until(page, '#task-body .facts', /Something went wrong/);
  await until(page, '#task-body .time-line', /failed/);
  assert.match(await page.locator('#task-body').textContent(), /example\.com\/corrupt\/torn-1\.mp4/);
  await page.keyboard.press('Escape');
  await page.locator('#task-dialog').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'torn-1');
}

async function retryAll({ page, site }) {
  const ids = ['flaky-1', 'flaky-2', 'flaky-3'];
  await site.push(...ids.map(id => video(id, 'download-flaky-1', { max_attempts: 1, index: [] })));
  for (const id of ids) await shown(row(page, 'failed', id));
  const group = page.locator('#failed tbody', { has: page.getByText('Download failed') });
  await until(page, '#failed', /Retry all 3/);
  await group.locator('.retry-all').click();
  for (const id of ids) await gone(row(page, 'failed', id));
  await shown(row(page, 'failed', 'torn-1'));
}

async function pauseAndResume({ page, site }) {
  await page.click('#pause');
  await page.getByLabel('1 minute', { exact: true }).check();
  await page.click('#pause-form .primary');
  await until(page, '[data-banner="paused"]', /^Paused, (\d+s|1m 00s) left/);
  await site.push(video('patient', 'fine', { index: [] }));
  await until(page, '.tile-waiting dd', /^1$/);
  await until(page, '#pause', /Resume/);
  await page.click('#pause');
  await gone(banner(page, 'paused'));
  await until(page, '.tile-waiting dd', /^0$/);
}

async function keyRefused({ page, site }) {
  await site.stopWorkers();
  await site.startWorkers(1);
  await gone(banner(page, 'workers'));
  await site.setFaults('any:401=1');
  await site.push(video('locked', 'fine', { index: [] }));
  await until(page, '[data-banner="blocked"]', /VideoDB refuses calls: .*401/);
  await site.setFaults();
  await gone(banner(page, 'blocked'));
  await site.startWorkers(1);
}

async function manyFailed({ page, site }) {
  const items = Array.from({ length: 500 }, (_, i) => ({ url: 'https://example.com/a.mp4', id: `odd-${i}`,
    [`<img src=x onerror=alert(1)>${'y'.repeat(i % 3)}`]: 1 }));
  await site.push(...items.slice(0, 400));
  await page.waitForFunction(() => /100 of 4/.test(document.querySelector('#failed-count').textContent));
  const held = page.locator('#failed .open').first();
  const id = await held.textContent();
  await held.focus();
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('#failed .group-error')));
  await site.push({ ...items[400] });
  await until(page, '#failed', /odd-400/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), id, 'the focus has moved');
  assert.notEqual(await page.evaluate(() => String(getSelection())), '', 'the selection is lost');
  await site.push(...items.slice(401));
  await until(page, '#failed-count', /^100 of 50\d$/);
  assert.equal(await page.locator('#failed tbody tr:not(.group)').count(), 100);
  assert.equal(await page.locator('#failed img').count(), 0);
  assert.equal(await page.locator('#failed thead:first-child').count(), 1);
  assert.equal(await page.locator('#failed tbody > .group:first-child').count(), await page.locator('#failed tbody').count());
}

async function themes({ page }) {
  const light = await bodyColour(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await bodyColour(page);
  assert.notEqual(light, dark);
  await page.locator('#theme [value="light"]').check({ force: true });
  assert.equal(await bodyColour(page), light);
  await page.reload();
  assert.equal(await bodyColour(page), light);
  await page.locator('#theme [value="dark"]').check({ force: true });
  await page.emulateMedia({ colorScheme: 'light' });
  assert.equal(await bodyColour(page), dark);
  await page.locator('#theme [value="system"]').check({ force: true });
  assert.equal(await bodyColour(page), light);
}

async function noBarriers({ page }) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await barriersOf(page), [], colorScheme);
  }
}

async function onAPhone({ page, site }) {
  await site.push(video('n'.repeat(128), 'corrupt', { batch: 'b'.repeat(128) }));
  await page.setViewportSize({ width: 360, height: 740 });
  await shown(row(page, 'failed', 'n'.repeat(128)));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, `the page is ${wide} wide`);
  const outside = await page.evaluate(() => [...document.querySelectorAll('main *')].filter(node =>
    node.getBoundingClientRect().right > 361 && !node.closest('thead, .hidden'))
    .map(node => node.className || node.tagName).slice(0, 5));
  assert.deepEqual(outside, []);
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function skipLink({ page }) {
  await page.reload();
  await page.keyboard.press('Tab');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Skip/);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.equal(await page.locator('[aria-live=polite], [aria-live=assertive], [role=alert]').count(), 1);
}

async function workersGo({ page, site }) {
  await site.stopWorkers();
  await shown(banner(page, 'workers'));
}

async function redisAway({ page, site }) {
  await site.stopRedis();
  await shown(banner(page, 'redis'));
  assert.match(await page.title(), /Redis is away/);
  await site.startRedis();
  await gone(banner(page, 'redis'));
  await until(page, '#failed-count', /100 of/);
}

async function webhookAway({ page, site }) {
  page.forgiven.push(LOST);
  await site.stopWebhook();
  await shown(banner(page, 'lost'));
  await until(page, '#connection-text', /no connection/);
  await site.startWebhook(); // without a token
  await gone(banner(page, 'lost'));
  await until(page, '#connection-text', /^live$/);
}

async function readOnly({ page }) {
  await shown(page.locator('#read-only'));
  await page.waitForFunction(() => document.querySelector('#failed .retry')?.getAttribute('aria-disabled') === 'true');
  assert.match(await page.locator('#failed-note').textContent(), /REELQ_ADMIN_TOKEN/);
  assert.equal(await page.locator('#pause').getAttribute('aria-disabled'), 'true');
  await page.locator('#failed .retry').first().click({ force: true });
  await page.locator('#pause').click({ force: true });
  assert.equal(await page.locator('dialog[open]').count(), 0);
}

// What is computed, by the page's own modules.
async function values({ page }) {
  const found = await page.evaluate(async () => {
    const { History, BatchPace } = await import('/history.js');
    const { niceTop, spanOf } = await import('/chart.js');
    const { groupsOf } = await import('/failed.js');
    const { bannersOf } = await import('/banners.js');
    const format = await import('/format.js');
    const titles = (summary, workers) => bannersOf({ connection: 'live', workers,
      summary: { redis: true, paused_ms: 0, interval_ms: 0, blocked: '', ...summary } }).map(({ title }) => title);
    const [well, refused, away] = [{ state: 'up' }, { state: 'up', api: '401' }, { state: 'gone', api: '401' }];
    const history = new History();
    const totals = [100, 110, 120, 5, 15, 25]; // one worker of many is forgotten
    totals.forEach((ready, i) => history.add({ now: 1000000 + i * 1000, items: { tasks: 3, taken: 2 }, ready, failed: 0 }));
    for (let i = 0; i < 700; i++) history.add({ now: 1010000 + i * 1000, items: {}, ready: 25, failed: 0 });
    const steps = new History(); // a step of 30 each 5 s, then a pause, then a step
    const at = (second, ready) => {
      steps.add({ now: second * 1000, items: {}, ready, failed: 0 });
      return Math.round(steps.last().readyRate);
    };
    const rates = [];
    for (let i = 1; i <= 40; i++) rates.push(at(i, Math.floor(i / 5) * 30));
    const stepped = [...new Set(rates.slice(25)), at(80, 240), at(81, 270)];
    const pace = new BatchPace();
    [0, 4, 8].forEach((done, i) => pace.note('b', done, i * 1000));
    return {
      kept: history.samples.length, stepped, last: history.last().readyRate, sum: history.last().readySum,
      pace: pace.rate('b'), unknown: pace.rate('c'),
      tops: [0, 3, 12, 101, 17000].map(value => niceTop(value, 4)),
      span: spanOf([{ at: 0 }, { at: 61000 }]),
      groups: groupsOf([{ error: 'x' }, { error: 'y' }, { error: 'x' }]).map(group => group.tasks.length),
      banners: [titles({ blocked: '401', interval_ms: 250 }, [refused, away]), titles({ blocked: '401' }, [well, refused]),
        titles({ paused_ms: 1e12 }, [away]), titles({ redis: false, redis_error: 'NOPERM no' }, null)],
      texts: [format.duration(0), format.duration(125000), format.duration(11520000), format.duration(null),
        format.count(1234567), format.shortCount(1234567), format.bytes(9.5 * 1048576), format.percent(999, 1000)],
    };
  });
  assert.ok(found.kept <= 617, `${found.kept} samples are kept`);
  assert.deepEqual([found.last, found.sum, found.pace, found.unknown], [0, 40, 4, null]);
  assert.deepEqual(found.stepped, [6, 0, 6]);
  assert.deepEqual(found.tops, [4, 4, 20, 200, 20000]);
  assert.equal(found.span, 120000);
  assert.deepEqual(found.groups, [2, 1]);
  assert.deepEqual(found.banners, [['VideoDB refuses calls: 401', 'VideoDB limits the rate'],
    ['VideoDB refused calls of 1 of 2 workers: 401'], ['No workers', 'Paused'], ['Redis refuses to tell']]);
  assert.deepEqual(found.texts, ['0s', '2m 05s', '3h 12m', '–', '1,234,567', '1.2M', '9.5 MiB', '99%']);
}

async function noComplaints({ page }) {
  assert.deepEqual(complaintsOf(page), []);
}

const STEPS = [emptyPage, workersCome, batchFills, chartsDraw, chartByKeys, retryByKeys, detailShows, retryAll,
  pauseAndResume, noBarriers, keyRefused, manyFailed, themes, onAPhone, skipLink, workersGo, redisAway, webhookAway, readOnly,
  values, noComplaints];

// ---- Run ----------------------------------------------------------------------------------------

async function prepare(site) {
  await site.startRedis();
  await site.startSandbox(['--upload-time', '700', '--index-time', '700']);
  await site.startWebhook(TOKEN);
}

async function walk(test) {
  for (const step of STEPS) {
    const began = Date.now();
    await step(test);
    console.log(`ok ${step.name} ${Date.now() - began} ms`);
  }
}

async function main() {
  const site = new Site(process.argv[2]);
  let browser = null, page = null;
  try {
    await prepare(site);
    browser = await launch();
    page = await openPage(browser, site.url);
    page.forgiven.push(EXPECTED_401);
    await walk({ page, site });
    console.log(`${STEPS.length} passed, 0 failed`);
  } catch (error) {
    console.log(`failed: ${error.stack}`);
    if (page) console.log(complaintsOf(page).join('\n'));
    await page?.screenshot({ path: PICTURE }).then(() => console.log(`how it looked: ${PICTURE}`)).catch(() => {});
    process.exitCode = 1;
  } finally {
    await browser?.close();
    await site.end();
  }
}

await main();
