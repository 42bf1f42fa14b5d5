// Runs the unmodified Node SDK of VideoDB against a running sandbox: node check.js http://HOST:PORT
// One line per step; the first step that fails ends it with exit code 1.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const WAIT_MS = 10000;

// A server for callbacks: next(path) resolves with the body of the callback to that path.
function makeReceiver() {
  const arrived = new Map();
  const waiting = new Map();
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', piece => (text += piece));
    request.on('end', () => {
      response.end('{"status":"ok"}');
      const body = JSON.parse(text);
      if (waiting.has(request.url)) {
        waiting.get(request.url)(body);
      } else {
        arrived.set(request.url, body);
      }
    });
  });
  const next = url =>
    new Promise((resolve, reject) => {
      if (arrived.has(url)) {
        resolve(arrived.get(url));
        return;
      }
      const timer = setTimeout(() => reject(new Error(`no callback to ${url}`)), WAIT_MS);
      waiting.set(url, body => {
        clearTimeout(timer);
        resolve(body);
      });
    });
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const base = `http://127.0.0.1:${server.address().port}`;
      resolve({ base, next, close: () => server.close() });
    });
  });
}

async function failureOf(promise) {
  try {
    await promise;
  } catch (error) {
    return `${error.message} ${JSON.stringify(error.cause ?? '')}`;
  }
  throw new Error('it should have failed');
}

async function uploadWithCallback({ collection, receiver, state }) {
  const result = await collection.uploadURL({
    url: 'https://example.com/clip.mp4',
    name: 'My clip',
    callbackUrl: `${receiver.base}/upload?id=1`,
  });
  assert.strictEqual(result, undefined);
  const body = await receiver.next('/upload?id=1');
  assert.strictEqual(body.success, true);
  assert.strictEqual(body.data.name, 'My clip');
  assert.match(body.data.id, /^m-/);
  assert.strictEqual(typeof body.data.length, 'string');
  state.videoId = body.data.id;
}

async function getVideo({ collection, state }) {
  state.video = await collection.getVideo(state.videoId);
  assert.strictEqual(state.video.id, state.videoId);
  assert.match(state.video.streamUrl, /^https:/);
}

async function indexSpokenWords({ receiver, state }) {
  const url = `${receiver.base}/index?id=2`;
  const result = await state.video.indexSpokenWords(undefined, undefined, undefined, url);
  assert.strictEqual(result.success, true);
  const body = await receiver.next('/index?id=2');
  assert.strictEqual(body.success, true);
  assert.strictEqual(body.data.id, state.videoId);
}

async function indexAgain({ state }) {
  assert.match(await failureOf(state.video.indexSpokenWords()), /already exists/);
}

async function indexScenes({ receiver, state }) {
  const result = await state.video.indexScenes({
    extractionType: 'time',
    extractionConfig: { time: 10, frameCount: 1, selectFrames: ['first'] },
    prompt: 'Describe',
    name: 'scenes-1',
    callbackUrl: `${receiver.base}/index?id=3`,
  });
  assert.strictEqual(result, undefined);
  const body = await receiver.next('/index?id=3');
  assert.strictEqual(body.success, true);
  const indexes = await state.video.listSceneIndex();
  assert.strictEqual(indexes[0].sceneIndexId, body.data.scene_index_id);
  assert.strictEqual(indexes[0].name, 'scenes-1');
  assert.strictEqual(indexes[0].status, 'done');
  const records = await state.video.getSceneIndex(body.data.scene_index_id);
  assert.ok(records.length > 0);
}

async function listVideos({ collection, state }) {
  const videos = await collection.getVideos();
  assert.deepStrictEqual(videos.map(video => video.id), [state.videoId]);
}

async function searchVideo({ state }) {
  const found = await state.video.search('hello');
  assert.strictEqual(found.shots[0].videoId, state.videoId);
}

async function uploadWithPolling({ collection }) {
  const video = await collection.uploadURL({ url: 'https://example.com/polled.mp4' });
  assert.match(video.id, /^m-/);
  assert.strictEqual(video.name, 'polled.mp4');
}

async function uploadFile({ collection, receiver }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sdk-check-'));
  const file = path.join(folder, 'local.mp4');
  fs.writeFileSync(file, 'not really a video');
  try {
    await collection.uploadFile({
      filePath: file,
      name: 'local',
      callbackUrl: `${receiver.base}/upload?id=4`,
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  const body = await receiver.next('/upload?id=4');
  assert.strictEqual(body.success, true);
  assert.strictEqual(body.data.name, 'local');
}

async function failingUpload({ collection, receiver }) {
  await collection.uploadURL({
    url: 'https://example.com/missing.mp4',
    callbackUrl: `${receiver.base}/upload?id=5`,
  });
  const body = await receiver.next('/upload?id=5');
  assert.deepStrictEqual(body, { success: false, message: 'Download failed.' });
  const polled = collection.uploadURL({ url: 'https://example.com/missing.mp4' });
  assert.match(await failureOf(polled), /Download failed\./);
}

async function deleteVideo({ collection, state }) {
  await collection.deleteVideo(state.videoId);
  assert.match(await failureOf(collection.getVideo(state.videoId)), /not found/i);
}

async function emptyKey({ connect, base }) {
  const message = await failureOf(connect({ apiKey: ' ', baseUrl: base }).getCollection());
  assert.match(message, /Authentication/);
}

const STEPS = [
  ['upload with a callback', uploadWithCallback],
  ['get the video', getVideo],
  ['index spoken words with a callback', indexSpokenWords],
  ['the same index again is refused', indexAgain],
  ['index scenes with a callback', indexScenes],
  ['list the videos', listVideos],
  ['search the video', searchVideo],
  ['upload without a callback: the SDK polls', uploadWithPolling],
  ['upload a file', uploadFile],
  ['a failing upload says why', failingUpload],
  ['delete the video', deleteVideo],
  ['an empty key is refused', emptyKey],
];

async function main() {
  const base = process.argv[2];
  // The folder that run.sh installed into.
  const { connect } = require(require.resolve('videodb', { paths: [process.cwd()] }));
  const connection = connect({ apiKey: 'sk-test', baseUrl: base });
  const receiver = await makeReceiver();
  const collection = await connection.getCollection();
  const context = { base, connect, receiver, collection, state: {} };
  for (const [name, step] of STEPS) {
    try {
      await step(context);
    } catch (error) {
      console.log(`not ok - ${name}: ${error.message}`);
      process.exit(1);
    }
    console.log(`ok - ${name}`);
  }
  receiver.close();
}

main().catch(error => {
  console.log(`not ok - ${error.message}`);
  process.exit(1);
});
