#!/usr/bin/env node
// A job as BullMQ does it: taken under a lock, so that it survives its worker; one POST; one message.
// worker_bullmq.mjs versions | add COUNT REDIS_SOCKET | work API REDIS_SOCKET, where API is HOST:PORT
import http from 'node:http';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { say } from './versions.mjs';

const QUEUE = 'tasks';
const CONCURRENCY = 50;
const SLICE = 1000;
const [verb, word, redisSocket] = process.argv.slice(2);

async function add(count) {
  const queue = new Queue(QUEUE, { connection: { path: redisSocket } });

  for (let first = 0; first < count; first += SLICE) {
    const numbers = Array.from({ length: Math.min(SLICE, count - first) }, (_, i) => first + i);
    await queue.addBulk(numbers.map((number) => {
      const name = String(number).padStart(7, '0');
      const data = { url: `https://example.com/videos/${name}.mp4` };
      return { name: 'upload', data, opts: { removeOnComplete: true } };
    }));
  }
  await queue.close();
}

function poster(api) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const headers = { 'content-type': 'application/json', 'x-access-token': 'sk-bench' };
  const options = { agent, method: 'POST', headers };

  return (body) => new Promise((resolve, reject) => {
    const request = http.request(`http://${api}/collection/default/upload`, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function work(api) {
  const post = poster(api);
  const redis = new Redis(redisSocket, { enableAutoPipelining: true });
  const worker = new Worker(QUEUE, async (job) => {
    const { status, text } = await post(JSON.stringify(job.data));
    if (status !== 200 || !JSON.parse(text).success) {
      throw new Error(`the API answers ${status}: ${text}`);
    }
    await redis.publish('reelq:ready', JSON.stringify({ event: 'ready', id: job.id, ...job.data }));
  }, { connection: { path: redisSocket }, concurrency: CONCURRENCY });

  worker.on('failed', (job, error) => redis.publish('reelq:failed', error.message));
  worker.on('error', (error) => { console.error(error); process.exitCode = 1; });
}

const verbs = { versions: () => say('bullmq', 'ioredis'), add, work };
await verbs[verb](word);
