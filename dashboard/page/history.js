// What the page remembers: a sample for each summary of the last ten minutes, for the charts and for
// rates. It survives a reload of the page, in this tab's storage.

export const SPAN = 600000;

const RATE_SPAN = 15000; // a rate is that of so long
const STEP = 5000; // workers tell their totals every 5 s
const KEY = 'reelq-history';

const LEVELS = ['running', 'awaiting', 'delayed'];

const isNumber = value => typeof value === 'number' && Number.isFinite(value);

// How much a total that only grows has grown: it falls when a worker is forgotten, which is no news.
function growth(before, after) {
  return isNumber(before) && isNumber(after) ? Math.max(0, after - before) : 0;
}

export class History {
  constructor() {
    this.samples = [];
    this.steps = []; // the samples with which a total changed
    this.totals = null;
  }

  // summary: as the server sends it, of a Redis that is there
  add(summary) {
    const last = this.last();
    if (last && summary.now <= last.at) {
      if (last.at - summary.now < 5000) return;
      this.samples = []; // another Redis, or a clock that was set
      this.steps = [];
      this.totals = null;
    }
    this.samples.push(this.sample(summary));
    const oldest = summary.now - SPAN - RATE_SPAN;
    while (this.samples[0].at < oldest) this.samples.shift();
    this.setRates(this.samples[this.samples.length - 1]);
  }

  sample(summary) {
    const items = summary.items ?? {};
    const before = this.last();
    const sample = { at: summary.now, waiting: waitingOf(items) };
    for (const name of LEVELS) sample[name] = isNumber(items[name]) ? items[name] : null;
    for (const name of ['ready', 'failed']) {
      sample[`${name}Sum`] = (before?.[`${name}Sum`] ?? 0) + growth(this.totals?.[name], summary[name]);
    }
    if (isNumber(summary.ready)) this.totals = { ready: summary.ready, failed: summary.failed };
    return sample;
  }

  // The totals come in steps. So the rate is taken from one step to another, and not over a time that
  // holds now one step more and now one less; without a step for long nothing happens.
  setRates(sample) {
    const last = this.steps[this.steps.length - 1];
    if (!last || last.readySum !== sample.readySum || last.failedSum !== sample.failedSum) {
      if (last && last.at < sample.at - RATE_SPAN) this.steps = [{ ...last, at: sample.at - STEP }];
      this.steps.push(sample);
      while (this.steps.length > 2 && this.steps[1].at <= sample.at - RATE_SPAN) this.steps.shift();
    }
    const from = this.steps[0], to = this.steps[this.steps.length - 1];
    const idle = sample.at - to.at;
    const ms = (idle > RATE_SPAN / 2 ? sample.at : to.at) - from.at;
    for (const name of ['ready', 'failed']) {
      const grown = to[`${name}Sum`] - from[`${name}Sum`];
      const rate = ms <= 0 || idle > RATE_SPAN ? 0 : (grown * 1000) / ms;
      sample[`${name}Rate`] = this.totals === null ? null : rate;
    }
  }

  last() {
    return this.samples[this.samples.length - 1];
  }

  save() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ samples: this.samples, totals: this.totals }));
    } catch {
      // A reload then begins anew.
    }
  }

  restore() {
    try {
      const { samples, totals } = JSON.parse(sessionStorage.getItem(KEY));
      if (Array.isArray(samples) && samples.every(sample => isNumber(sample?.at))) {
        this.samples = samples;
        this.totals = totals;
      }
    } catch {
      // Nothing was saved, or not by us.
    }
  }
}

// What nobody has taken yet, in all places where it can lie.
export function waitingOf(items) {
  return isNumber(items.tasks) ? items.tasks + (items.taken ?? 0) : null;
}

// How fast each batch goes, from what was seen of it in the last minute.
export class BatchPace {
  constructor(span = 60000) {
    this.span = span;
    this.seen = new Map();
  }

  // Called for each batch with each summary.
  note(id, done, now) {
    const list = this.seen.get(id) ?? [];
    if (list.length > 0 && now < list[list.length - 1].at + 900) return;
    list.push({ at: now, done });
    while (list.length > 1 && list[1].at <= now - this.span) list.shift();
    this.seen.set(id, list);
  }

  // Per second; null while that is not known.
  rate(id) {
    const list = this.seen.get(id) ?? [];
    if (list.length < 2) return null;
    const first = list[0], last = list[list.length - 1];
    return Math.max(0, ((last.done - first.done) * 1000) / (last.at - first.at));
  }

  keep(ids) {
    for (const id of this.seen.keys()) if (!ids.has(id)) this.seen.delete(id);
  }
}
