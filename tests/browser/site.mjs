// The programs that the dashboard is about: a Redis, a sandbox in place of VideoDB, a webhook, workers.
// Each listens where the system chooses, or on a socket in a folder of its own.

import { spawn, execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const START_MS = 10000, EVENT_MS = 10000;
const run = promisify(execFile);

// Programs that are started, each with its log; those that still run are stopped at the end.
class Programs {
  constructor(folder) {
    this.folder = folder;
    this.running = new Set();
  }

  // Resolves to the process when its output has a match of `pattern`, with it as `found`.
  start(name, command, args, { env, pattern }) {
    const log = fs.createWriteStream(path.join(this.folder, `${name}.log`), { flags: 'a' });
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.running.add(child);
    return new Promise((resolve, reject) => {
      let text = '';
      const fail = why => reject(new Error(`${name} ${why}:\n${text.slice(-2000)}`));
      const timer = setTimeout(() => fail('does not start'), START_MS);
      const take = piece => {
        log.write(piece);
        text = (text + piece).slice(-65536);
        const found = text.match(pattern);
        if (found && !child.found) {
          clearTimeout(timer);
          child.found = found;
          resolve(child);
        }
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.on('error', error => fail(error.message));
      child.on('exit', () => {
        this.running.delete(child);
        clearTimeout(timer);
        fail('ended');
      });
    });
  }

  async stop(child, signal = 'SIGTERM') {
    if (!this.running.has(child)) return;
    const ended = new Promise(resolve => child.on('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  }

  stopAll() {
    return Promise.all([...this.running].map(child => this.stop(child)));
  }
}

export class Site {
  constructor(bin) {
    this.bin = bin;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reelq-browser-'));
    this.socket = path.join(this.folder, 'redis.sock');
    this.programs = new Programs(this.folder);
    this.workers = [];
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.once(signal, () => this.end().finally(() => process.exit(1)));
    }
  }

  environment(more) {
    const mine = Object.fromEntries(Object.entries(process.env)
      .filter(([name]) => name.startsWith('REELQ_') || name.startsWith('VIDEO_DB_'))
      .map(([name]) => [name, undefined]));
    return { ...mine, REELQ_REDIS_URL: `unix://${this.socket}`, REELQ_ADMIN_LISTEN: '127.0.0.1:0', ...more };
  }

  async startRedis() {
    this.redisServer = await this.programs.start('redis', 'redis-server', ['--port', '0', '--unixsocket',
      this.socket, '--dir', this.folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'no'],
    { pattern: /ready to accept connections/i });
  }

  stopRedis() {
    return this.programs.stop(this.redisServer);
  }

  async startSandbox(options = []) {
    this.sandbox = await this.programs.start('sandbox', path.join(this.bin, 'reelq-sandbox'),
      ['--listen', '127.0.0.1:0', '--seed', '7', ...options],
      { pattern: /listening address=(\S+)/ });
    this.api = `http://${this.sandbox.found[1]}`;
  }

  // Faults in the sandbox's grammar, in place of those in force.
  async setFaults(...faults) {
    const response = await fetch(`${this.api}/_sandbox/faults`, { method: 'POST', body: JSON.stringify({ faults }) });
    if (!response.ok) throw new Error(`the sandbox refuses ${faults}`);
  }

  // Again after a stop: at the addresses of before.
  async startWebhook(token = '') {
    this.webhook = await this.programs.start('webhook', path.join(this.bin, 'reelq-webhook'), [], {
      env: this.environment({
        REELQ_LISTEN: this.public ?? '127.0.0.1:0',
        REELQ_ADMIN_LISTEN: this.admin ?? '127.0.0.1:0',
        ...(token && { REELQ_ADMIN_TOKEN: token }),
      }),
      pattern: /listener=admin address=(\S+)[^]*listener=public address=(\S+)/,
    });
    [, this.admin, this.public] = this.webhook.found;
    this.url = `http://${this.admin}/`;
  }

  stopWebhook() {
    return this.programs.stop(this.webhook, 'SIGKILL');
  }

  async startWorkers(count, settings = {}) {
    const env = this.environment({ VIDEO_DB_API_KEY: 'browser-key', VIDEO_DB_BASE_URL: this.api,
      REELQ_PUBLIC_URL: `http://${this.public}`, REELQ_RETRY_BASE: '100ms', REELQ_PROBE_INTERVAL: '500ms',
      ...settings });
    for (let i = 0; i < count; i++) {
      this.workers.push(await this.programs.start(`worker-${this.workers.length + 1}`,
        path.join(this.bin, 'reelq-worker'), [], { env, pattern: /listener=admin/ }));
    }
  }

  async stopWorkers() {
    await Promise.all(this.workers.map(worker => this.programs.stop(worker)));
    this.workers = [];
  }

  async redis(...args) {
    const { stdout } = await run('redis-cli', ['-s', this.socket, ...args.map(String)]);
    return stdout.trim();
  }

  push(...items) {
    return this.redis('LPUSH', 'reelq:tasks',
      ...items.map(item => (typeof item === 'string' ? item : JSON.stringify(item))));
  }

  // Resolves when the stream has that event of the task.
  async event(name, id) {
    const wanted = `{"event":"${name}","id":"${id}"`;
    for (let last = '0'; ;) {
      const text = await this.redis('XREAD', 'BLOCK', EVENT_MS, 'STREAMS', 'reelq:events', last);
      if (text.includes(wanted)) return;
      const ids = text.match(/^\d+-\d+$/gm);
      if (!ids) throw new Error(`there is no ${name} of ${id}`);
      last = ids[ids.length - 1];
    }
  }

  async end() {
    await this.programs.stopAll();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
