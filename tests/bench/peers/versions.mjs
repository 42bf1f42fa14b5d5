// What a peer runs on, in one line.
import { createRequire } from 'node:module';

const LEAST_NODE = 20;

export function say(...packages) {
  const node = process.versions.node;
  const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version;

  if (Number.parseInt(node, 10) < LEAST_NODE) {
    throw new Error(`Node.js ${node} is too old, ${LEAST_NODE} is needed`);
  }
  console.log([...packages.map((name) => `${name} ${version(name)}`), `Node.js ${node}`].join(', '));
}
