// Takes the pictures of the dashboard for the docs, of a site that has been busy for a while:
//     node pictures.mjs BIN_DIR FOLDER
// Prints the path and size of each.

import fs from 'node:fs';
import path from 'node:path';
import { launch, openPage } from './browser.mjs';
import { Site } from './site.mjs';

const ROUNDS = 58; // of a second: the charts show a minute
const SHOTS = [
  { name: 'light', viewport: { width: 1280, height: 860 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2 },
];
const FAILURES = { 47: 'corrupt', 31: 'download-failed', 101: 'invalid-media', 8: 'download-flaky-1' };

let made = 0;

// The n-th video of all; some fail, and some at first.
function video(batch, size) {
  const n = ++made;
  const kind = Object.entries(FAILURES).find(([every]) => n % every === 0)?.[1] ?? 'footage';
  return { url: `https://media.example.com/${kind}/${batch}/reel-${1000 + n}.mp4`, id: `${batch}-${1000 + n}`,
    batch, ...(size && { batch_size: size }) };
}

const videos = (count, batch, size) => Array.from({ length: count }, () => video(batch, size));

async function keepBusy(site) {
  await site.push(...videos(24, 'interviews', 24));
  for (let round = 0; round < ROUNDS; round++) {
    if (round === 6) await site.push(...videos(60, 'launch-event', 60));
    if (round >= 9 && round % 9 === 0) await site.push(...videos(70, 'monday', 400));
    if (round % 3 === 0) await site.push(...videos(3 + (round % 4), 'archive-2019'));
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}

async function shoot(page, folder, { name, viewport }) {
  const file = path.join(folder, `dashboard-${name}.png`);
  await page.setViewportSize(viewport);
  await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.screenshot({ path: file, animations: 'disabled' });
  console.log(`${file} ${Math.ceil(fs.statSync(file).size / 1024)} KiB`);
}

async function prepare(site) {
  await site.startRedis();
  await site.startSandbox(['--upload-time', '3000', '--index-time', '2500',
    '--fault', 'upload:latency(600)=1', '--fault', 'index:latency(400)=1']);
  await site.startWebhook('a-token-for-the-pictures');
  await site.startWorkers(3, { REELQ_MAX_AWAITING: '48', REELQ_RETRY_BASE: '4s' });
}

async function main() {
  const [bin, folder] = process.argv.slice(2);
  const site = new Site(bin);
  let browser = null;
  try {
    await prepare(site);
    browser = await launch();
    const pages = await Promise.all(SHOTS.map(shot => openPage(browser, site.url, shot)));
    await keepBusy(site);
    for (const [i, shot] of SHOTS.entries()) await shoot(pages[i], folder, shot);
  } finally {
    await browser?.close();
    await site.end();
  }
}

await main();
