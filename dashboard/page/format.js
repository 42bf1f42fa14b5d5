// Values as text. What is not known is an en dash.

export const NONE = '–';
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

const known = value => typeof value === 'number' && Number.isFinite(value);

export function count(value) {
  return known(value) ? whole.format(value) : NONE;
}

// 1,234,567 in little room: 1.2M
export function shortCount(value) {
  if (!known(value)) return NONE;
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 1e4) return `${trimmed(value / 1e3)}k`;
  return Number.isInteger(value) ? whole.format(value) : trimmed(value);
}

function trimmed(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '');
}

export function rate(value) {
  if (!known(value)) return NONE;
  return value >= 100 ? whole.format(value) : value.toFixed(1);
}

// The two greatest units: 4s, 2m 05s, 3h 12m, 4d 2h.
export function duration(ms) {
  if (!known(ms)) return NONE;
  const t = Math.max(0, ms);
  if (t < MINUTE) return `${Math.floor(t / SECOND)}s`;
  if (t < HOUR) return `${Math.floor(t / MINUTE)}m ${two((t % MINUTE) / SECOND)}s`;
  if (t < DAY) return `${Math.floor(t / HOUR)}h ${two((t % HOUR) / MINUTE)}m`;
  return `${Math.floor(t / DAY)}d ${Math.floor((t % DAY) / HOUR)}h`;
}

function two(value) {
  return String(Math.floor(value)).padStart(2, '0');
}

// A short time exactly: 250 ms, 1.5 s.
export function interval(ms) {
  return ms < SECOND ? `${ms} ms` : `${trimmed(ms / SECOND)} s`;
}

export function bytes(value) {
  if (!known(value)) return NONE;
  if (value < 1 << 20) return `${Math.round(value / 1024)} KiB`;
  if (value < 1 << 30) return `${trimmed(value / (1 << 20))} MiB`;
  return `${trimmed(value / (1 << 30))} GiB`;
}

// The time of day, with the date when it is another one than that of `now`.
export function clock(ms, now = Date.now()) {
  if (!known(ms)) return NONE;
  const at = new Date(ms);
  const time = at.toLocaleTimeString('en-GB');
  return at.toDateString() === new Date(now).toDateString()
    ? time
    : `${at.toLocaleDateString('en-CA')} ${time}`;
}

export function percent(part, of) {
  if (!known(part) || !known(of) || of <= 0) return NONE;
  return `${Math.min(100, Math.floor((part * 100) / of))}%`;
}

// An address without what all of them begin with.
export function shortUrl(url) {
  return typeof url === 'string' ? url.replace(/^https?:\/\//, '') : NONE;
}

export function text(value) {
  return value === null || value === undefined || value === '' ? NONE : String(value);
}
