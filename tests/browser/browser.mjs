// A headless Chromium, and a record of what its pages complain about and whom they ask.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const WAIT_MS = 15000;

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true,
    args: FLAGS, handleSIGINT: false });
}

// A page that is watched. forgiven: patterns of messages that a test provokes.
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.complaints = [];
  page.forgiven = [];
  const complain = text => page.complaints.push(text);
  page.on('pageerror', error => complain(`error: ${error.stack ?? error}`));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complain(`${message.type()}: ${message.text()}`);
  });
  page.on('request', request => {
    const target = request.url();
    if (!target.startsWith(url) && !target.startsWith('data:')) complain(`asks another host: ${target}`);
  });
  await page.goto(url);
  return page;
}

// What the page complained about, but for what was to be expected.
export function complaintsOf(page) {
  return page.complaints.filter(text => !page.forgiven.some(pattern => pattern.test(text)));
}

// What axe finds wrong with the page as it stands, by the rules of WCAG: contrast, names, roles.
export async function barriersOf(page) {
  await page.evaluate(fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`);
}

export async function bodyColour(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

// Presses Tab until an element is reached that `selector` names; an error when that takes too long.
export async function tabTo(page, selector, most = 200) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(wanted => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`Tab does not reach ${selector}`);
}
