#!/usr/bin/env node
// The same handler in fastify; what comes in one turn of the loop goes to Redis in one pipeline.
// webhook_fastify.mjs versions | serve PORT REDIS_SOCKET
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { say } from './versions.mjs';

const [verb, port, redisSocket] = process.argv.slice(2);

async function serve() {
  const app = Fastify();
  const redis = new Redis(redisSocket, { enableAutoPipelining: true });

  app.post('/webhooks/upload', async (request) => {
    const event = request.body;

    if (event.success) {
      await redis.lpush('reelq:callbacks', JSON.stringify(event));
    } else {
      await redis.lpush('reelq:failures', event.message);
    }
    return { status: 'ok' };
  });
  await app.listen({ host: '127.0.0.1', port: Number(port) });
}

await (verb === 'versions' ? say('fastify', 'ioredis') : serve());
