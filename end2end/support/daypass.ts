// A Daypass of its own for each journey: the release binary, a free port, a data folder that is removed.
// Builds nothing and knows nothing of pages.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.DAYPASS_BINARY ?? fileURLToPath(new URL('../../target/release/daypass', import.meta.url));
const START_LIMIT_MS = 15_000;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

export class Daypass {
  /** All that the server has printed. */
  output = '';
  private process?: ChildProcess;

  private constructor(
    readonly port: number,
    readonly folder: string,
    private readonly settings: Record<string, string>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Daypass> {
    const folder = await mkdtemp(join(tmpdir(), 'daypass-journey-'));
    const daypass = new Daypass(await freePort(), folder, settings);
    await daypass.run();
    return daypass;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server, or starts it again on the same data. */
  async run(): Promise<void> {
    const child = spawn(BINARY, ['serve'], {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        DAYPASS_LISTEN: `127.0.0.1:${this.port}`,
        DAYPASS_DATA_DIR: join(this.folder, 'data'),
        ...this.settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    child.stdout.on('data', (text) => (this.output += text));
    child.stderr.on('data', (text) => (this.output += text));
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`Daypass ended with ${code}:\n${this.output}`)));
    });
    failed.catch(() => {});
    await Promise.race([this.answers(), failed]);
  }

  /** Runs another command of the binary on the same data; answers what it printed. */
  async command(args: string[], input = ''): Promise<string> {
    const child = spawn(BINARY, args, {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, DAYPASS_DATA_DIR: join(this.folder, 'data'), ...this.settings },
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
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Ends the server as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends the server and removes its data. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  private async answers(): Promise<void> {
    const limit = Date.now() + START_LIMIT_MS;
    while (Date.now() < limit) {
      try {
        await fetch(`${this.url}/`, { redirect: 'manual' });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    throw new Error(`Daypass does not answer:\n${this.output}`);
  }
}
