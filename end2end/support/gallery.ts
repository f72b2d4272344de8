// The example of examples/gallery, in front of a Daypass that runs already: nginx, the web developer's backend, and
// the page under another host name than the app.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Daypass, freePort, untilItAnswers } from './daypass.mjs';

const START = fileURLToPath(new URL('../../examples/gallery/start', import.meta.url));

export class Gallery {
  /** All that its pieces have printed. */
  output = '';
  private process: ChildProcess | undefined;

  private constructor(readonly url: string) {}

  /** Starts it with a permanent token that its backend alone gets. */
  static async start(daypass: Daypass, token: string): Promise<Gallery> {
    const port = await freePort();
    const gallery = new Gallery(`http://localhost:${port}`);
    const child = spawn(START, ['--no-daypass'], {
      env: {
        PATH: process.env.PATH,
        DAYPASS_TOKEN: token,
        DAYPASS_URL: daypass.url,
        GALLERY_PORT: String(port),
        GALLERY_BACKEND_PORT: String(await freePort()),
        GALLERY_RUN_DIR: join(daypass.folder, 'gallery'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    gallery.process = child;
    child.stdout.on('data', (text) => (gallery.output += text));
    child.stderr.on('data', (text) => (gallery.output += text));
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the gallery ended with ${code}:\n${gallery.output}`)));
    });
    failed.catch(() => {});
    await Promise.race([untilItAnswers(`http://127.0.0.1:${port}/`), failed]);
    return gallery;
  }

  /** Ends all its pieces, as Ctrl-C does. */
  async stop(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
  }
}
