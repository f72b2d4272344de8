// A Daypass of its own: the release binary, a free port, a data folder that is removed at the end. For journeys and
// for the benchmark. Builds nothing and knows nothing of pages.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BINARY =
  process.env.DAYPASS_BINARY ?? fileURLToPath(new URL('../../target/release/daypass', import.meta.url));
const START_LIMIT_MS = 15_000;

/**
 * A port that was free a moment ago.
 * @returns {Promise<number>}
 */
export async function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * Waits until something answers over HTTP.
 * @param {string} url
 * @param {number} [patience] in milliseconds
 */
export async function untilItAnswers(url, patience = START_LIMIT_MS) {
  const limit = Date.now() + patience;
  while (Date.now() < limit) {
    try {
      await ask('GET', url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error(`${url} does not answer`);
}

/**
 * One request with exactly these headers: `fetch` would add some of a browser's.
 * @param {string} method
 * @param {string} url
 * @param {Record<string, string>} [headers]
 * @param {string} [body]
 * @returns {Promise<{status: number, headers: import('node:http').IncomingHttpHeaders, body: string}>}
 */
export async function ask(method, url, headers = {}, body = '') {
  return new Promise((resolve, reject) => {
    const length = body ? { 'content-length': String(Buffer.byteLength(body)) } : {};
    const request = httpRequest(url, { method, headers: { ...headers, ...length } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

/**
 * One statement on the PostgreSQL that is there for tests.
 * @param {string} statement
 */
async function postgres(statement) {
  const url = process.env.DAYPASS_TEST_POSTGRES_URL;
  // A missing engine is a failure, never a reason to leave a test out.
  if (!url) throw new Error('DAYPASS_TEST_POSTGRES_URL names no PostgreSQL; ./dev journeys starts one');
  const child = spawn('psql', ['--quiet', '--no-psqlrc', '--dbname', url, '--command', statement], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`psql ended with ${code}: ${said}`);
  return url;
}

export class Daypass {
  /** All that the server has printed. */
  output = '';
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;
  #settings;
  #options;
  /** The database of its own on PostgreSQL, if it has one. */
  #database = '';

  /**
   * @param {number} port
   * @param {string} folder
   * @param {Record<string, string>} settings
   * @param {string[]} options
   */
  constructor(port, folder, settings, options) {
    this.port = port;
    this.folder = folder;
    this.#settings = settings;
    this.#options = options;
  }

  /**
   * @param {Record<string, string>} [settings] environment, beside address and data folder
   * @param {string[]} [options] of `daypass serve`
   */
  static async start(settings = {}, options = []) {
    const folder = await mkdtemp(join(tmpdir(), 'daypass-journey-'));
    const daypass = new Daypass(await freePort(), folder, settings, options);
    await daypass.run();
    return daypass;
  }

  /**
   * With so many made-up tokens.
   * @param {number} tokens
   */
  static async startCrowded(tokens) {
    const folder = await mkdtemp(join(tmpdir(), 'daypass-journey-'));
    const daypass = new Daypass(await freePort(), folder, {}, ['--demo-tokens', String(tokens)]);
    await daypass.run(300_000);
    // Made up once: started again, it has them.
    daypass.#options = [];
    return daypass;
  }

  /**
   * On PostgreSQL, in a database of its own that is dropped at the end.
   * @param {Record<string, string>} [settings]
   */
  static async startOnPostgres(settings = {}) {
    const database = `journey_${randomBytes(6).toString('hex')}`;
    const url = new URL(await postgres(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8'`));
    url.pathname = `/${database}`;
    const daypass = await Daypass.start({ ...settings, DAYPASS_DATABASE_URL: url.href });
    daypass.#database = database;
    return daypass;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get #environment() {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      DAYPASS_LISTEN: `127.0.0.1:${this.port}`,
      DAYPASS_DATA_DIR: join(this.folder, 'data'),
      ...this.#settings,
    };
  }

  /** The process while it runs. */
  get pid() {
    return this.#process?.pid ?? 0;
  }

  /**
   * Starts the server, or starts it again on the same data.
   * @param {number} [patience] in milliseconds
   */
  async run(patience = START_LIMIT_MS) {
    const child = spawn(BINARY, ['serve', ...this.#options], {
      cwd: this.folder,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stdout.on('data', (text) => (this.output += text));
    child.stderr.on('data', (text) => (this.output += text));
    const failed = new Promise((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`Daypass ended with ${code}:\n${this.output}`)));
    });
    failed.catch(() => {});
    await Promise.race([untilItAnswers(this.url, patience), failed]);
  }

  /**
   * Runs another command of the binary on the same data; answers what it printed.
   * @param {string[]} args
   * @param {string} [input]
   */
  async command(args, input = '') {
    const child = spawn(BINARY, args, {
      cwd: this.folder,
      env: this.#environment,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.stdin.end(input);
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`daypass ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  /** Ends the server as an administrator would. */
  async stop() {
    await this.#end('SIGTERM');
  }

  /** Ends the server as a power cut would. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** Ends the server and removes its data. */
  async remove() {
    await this.stop();
    if (this.#database) await postgres(`DROP DATABASE ${this.#database} WITH (FORCE)`);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

/** An administrator who works over HTTP, as a program would. */
export class Administrator {
  /** Where the server is. */
  url;
  #cookie = '';

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /**
   * Makes an administrator on a fresh server and signs in.
   * @param {Daypass} daypass
   * @param {string} [name]
   * @param {string} [password]
   */
  static async create(daypass, name = 'ingrid', password = 'paper lantern under the old bridge') {
    await daypass.command(['admin', 'create', '--name', name, '--password-stdin'], `${password}\n`);
    const administrator = new Administrator(daypass.url);
    const answer = await administrator.#form('/login', { name, password });
    const cookie = answer.headers['set-cookie']?.find((line) => line.startsWith('__Host-daypass='));
    if (answer.status !== 303 || !cookie) throw new Error(`signing in answered ${answer.status}`);
    administrator.#cookie = cookie.split(';')[0];
    return administrator;
  }

  /**
   * A request of the administrators' API; answers the JSON.
   * @param {string} method
   * @param {string} path below /api/admin/v1
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async api(method, path, body) {
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    const text = body === undefined ? '' : JSON.stringify(body);
    const answer = await ask(method, `${this.url}/api/admin/v1${path}`, headers, text);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`);
    return answer.body ? JSON.parse(answer.body) : undefined;
  }

  /**
   * Makes a new secret of a token and takes it out of the strongroom's document.
   * @param {string} tokenId
   */
  async takeSecret(tokenId) {
    const { ticket } = await this.api('POST', `/tokens/${tokenId}/handover`, {});
    const answer = await this.#form(`/strongroom/${tokenId}`, { ticket, mode: 'generate', overlap: '0' });
    const secret = /<code\b[^>]*\bid="secret"[^>]*>([^<]+)</.exec(answer.body)?.[1];
    if (!secret) throw new Error(`the strongroom answered ${answer.status} without a secret`);
    return secret.trim();
  }

  /**
   * Takes the one-time code of a claim of a token's next secret out of the strongroom's document.
   * @param {string} tokenId
   */
  async takeClaim(tokenId) {
    const { ticket } = await this.api('POST', `/tokens/${tokenId}/handover`, {});
    const answer = await this.#form(`/strongroom/${tokenId}`, { ticket, mode: 'claim' });
    const command = /<code\b[^>]*\bid="claim"[^>]*>(.*?)<\/code>/s.exec(answer.body)?.[1];
    const code = /[\w-]{43}/.exec(command ?? '')?.[0];
    if (!code) throw new Error(`the strongroom answered ${answer.status} without a code`);
    return code;
  }

  get #headers() {
    return { origin: this.url, cookie: this.#cookie };
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} fields
   */
  async #form(path, fields) {
    const headers = { ...this.#headers, 'content-type': 'application/x-www-form-urlencoded' };
    return ask('POST', this.url + path, headers, new URLSearchParams(fields).toString());
  }
}
