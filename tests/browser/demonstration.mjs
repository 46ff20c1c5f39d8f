// The real binary: `lictor demo` started and stopped, and its ledger verified and damaged.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const BINARY = path.resolve(
  process.env.LICTOR_BINARY ?? path.join(import.meta.dirname, '../../target/debug/lictor'),
);
/** Reading the sample pictures takes seconds; with a busy machine it may take a minute. */
const START_MS = 180_000;
const STOP_MS = 30_000;

/** A demonstration that answers at `address` and keeps its station in `folder`. */
export class Demonstration {
  #process;
  #temporary;
  #said = '';
  #ended;

  static async start() {
    const demonstration = new Demonstration();
    demonstration.#temporary = await mkdtemp(path.join(tmpdir(), 'lictor-browser-'));
    demonstration.folder = path.join(demonstration.#temporary, 'station');
    await demonstration.#begin();
    return demonstration;
  }

  async #begin() {
    this.#process = spawn(BINARY, ['demo', '--folder', this.folder, '--port', '0'], {
      cwd: this.#temporary,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(`could not be started: ${error.message}`));
      this.#process.once('exit', (code, signal) => resolve(signal ?? code));
    });
    const address = new Promise((resolve) => {
      for (const stream of [this.#process.stdout, this.#process.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          this.#said += text;
          const found = /https?:\/\/localhost:\d+/.exec(this.#said);
          if (found) resolve(found[0]);
        });
      }
    });
    const ended = this.#ended.then((how) => {
      throw new Error(`${BINARY} demo ended (${how}) before it gave its address. It said:\n${this.#said}`);
    });
    ended.catch(() => {});
    this.address = await within(START_MS, Promise.race([address, ended]), () => `gave no address. It said:\n${this.#said}`);
  }

  /** Everything that it has printed. */
  get said() {
    return this.#said;
  }

  /** Tells it to stop, and returns its exit status, or the signal that ended it. */
  async stop() {
    this.#process.kill('SIGTERM');
    return within(STOP_MS, this.#ended, () => `did not stop on SIGTERM. It said:\n${this.#said}`);
  }

  /** `lictor ledger verify`: its exit status and what it printed. */
  verify() {
    const { status, stdout, stderr } = spawnSync(BINARY, ['ledger', 'verify', this.folder], { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}`.trim() };
  }

  /** The files that hold the newest entries: the one that grows, and the newest full tile. */
  async entryFiles() {
    const files = [];
    const growing = await newestFile(path.join(this.folder, 'ledger/growing'));
    if (growing) files.push(growing);
    const newest = await newestFile(path.join(this.folder, 'ledger/tile/entries'));
    if (newest) files.push(newest);
    return files;
  }

  /** Runs `look` while one byte of `file`, `share` of the way through it, is another. */
  async withByteFlipped(file, share, look) {
    const whole = await readFile(file);
    const damaged = Buffer.from(whole);
    const at = Math.min(Math.floor(whole.length * share), whole.length - 1);
    damaged[at] ^= 0x01;
    await writeFile(file, damaged);
    try {
      return await look(at);
    } finally {
      await writeFile(file, whole);
    }
  }

  /** Ends it, if it still runs, and clears up. */
  async remove() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await this.#ended;
    }
    await rm(this.#temporary, { recursive: true, force: true });
  }
}

async function newestFile(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let newest;
  for (const entry of entries.filter((it) => it.isFile())) {
    const name = path.join(entry.parentPath ?? entry.path, entry.name);
    const { mtimeMs, size } = await stat(name);
    if (size > 0 && (!newest || mtimeMs > newest.mtimeMs)) newest = { name, mtimeMs };
  }
  return newest?.name;
}

async function within(milliseconds, promise, complaint) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${BINARY} demo: after ${milliseconds / 1000} s it ${complaint()}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
