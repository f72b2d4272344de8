// Watches a browser during a whole journey: any policy violation, console error, page error or failed request
// fails it, unless the step said beforehand that it would provoke it.

import { type BrowserContext, expect, type Page } from '@playwright/test';

/** A refusal that a step provokes: its status, and what its path has to contain. */
export interface Refusal {
  status: number;
  path: string;
}

interface Expected extends Refusal {
  seen: boolean;
}

/** An answer that the guard has read: where it came from and what it said. */
export interface Answer {
  url: string;
  type: string;
  body: string;
}

/** Documents in which secrets and passwords are shown or typed. */
const SCRIPTLESS = /^\/(strongroom\/|login|setup)/;

/** What the loader of the app's parts says where one could not be fetched. */
const PART_NOT_FETCHED = /^TypeError: Failed to fetch\n\s+at \S+\/assets\/glue-/;
/** So long after it was asked for, a navigation may still be what took a request back. */
const LEAVING_MS = 2000;

export class Guard {
  /** Every JSON answer that any page of this browser has received. */
  readonly answers: Answer[] = [];
  /** Every address that was asked for, everything that was sent, and every line of the console. */
  readonly traces: string[] = [];
  private readonly faults: string[] = [];
  private readonly pending: Promise<unknown>[] = [];
  private expected: Expected[] = [];

  constructor(context: BrowserContext) {
    for (const page of context.pages()) this.watch(page);
    context.on('page', (page) => this.watch(page));
  }

  /** Runs a step during which exactly these refusals are right; each of them has to happen. */
  async expecting<T>(refusals: Refusal[], step: () => Promise<T>): Promise<T> {
    const before = this.expected;
    const mine = refusals.map((refusal) => ({ ...refusal, seen: false }));
    this.expected = [...before, ...mine];
    const result = await step();
    await expect
      .poll(() => mine.filter((refusal) => !refusal.seen), 'every announced refusal has happened')
      .toEqual([]);
    // The console's line about it comes a little later than the answer, so the permission stays.
    return result;
  }

  /** Fails with everything that went wrong. */
  async check(): Promise<void> {
    await Promise.allSettled(this.pending);
    expect(this.faults, 'policy violations, console errors, page errors, failed requests').toEqual([]);
  }

  /** Waits for the answers that are still being read, and gives all that the pages' scripts could have seen or said. */
  async everything(): Promise<string[]> {
    await Promise.allSettled(this.pending);
    return [...this.traces, ...this.answers.map(({ url, body }) => `${url} ${body}`)];
  }

  /** Forgets what happened so far: only for journeys that break something on purpose. */
  forgive(): void {
    this.faults.length = 0;
  }

  private watch(page: Page): void {
    page.on('pageerror', (error) => this.faults.push(`page error: ${error.stack ?? error.message}`));
    page.on('crash', () => this.faults.push(`crashed: ${page.url()}`));
    let left = Number.NEGATIVE_INFINITY;
    page.on('request', (request) => {
      this.traces.push(`${request.url()} ${request.postData() ?? ''}`);
      if (request.isNavigationRequest()) left = Date.now();
    });
    page.on('console', (message) => {
      this.traces.push(message.text());
      // Chromium reports policy violations here too, also those of frames without scripts.
      if (message.type() !== 'error') return;
      const where = message.location().url;
      // Playwright looks into every frame, and a frame without scripts says that it does not let it.
      if (message.text().startsWith('Blocked script execution in')) return;
      if (message.text().startsWith('Failed to load resource') && this.expects(undefined, where)) return;
      // Parts are fetched ahead; a navigation takes that back too, and the loader says so in the page that is left.
      if (PART_NOT_FETCHED.test(message.text()) && Date.now() - left < LEAVING_MS) return;
      this.faults.push(`console: ${message.text()} (${where})`);
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // A navigation or a closed dialog takes back what is still on its way.
      if (reason === 'net::ERR_ABORTED') return;
      this.faults.push(`request failed: ${request.method()} ${request.url()}: ${reason}`);
    });
    page.on('response', (response) => {
      const url = response.url();
      if (response.status() >= 400 && !this.expects(response.status(), url)) {
        this.faults.push(`refused: ${response.request().method()} ${url}: ${response.status()}`);
      }
      const type = response.headers()['content-type'] ?? '';
      if (SCRIPTLESS.test(new URL(url).pathname) && /html/.test(type)) {
        // A redirect and an answer that was navigated away from have no body to be read.
        const read = response.text().then((html) => {
          const script = /<script|\son\w+\s*=|javascript:/i.exec(html)?.[0];
          if (script) this.faults.push(`a document without scripts has one: ${url}: ${script}`);
        });
        this.pending.push(read.catch(() => {}));
      }
      if (/json/.test(type)) {
        const read = response.text().then((body) => this.answers.push({ url, type, body }));
        this.pending.push(read.catch(() => {}));
      }
    });
  }

  private expects(status: number | undefined, url: string): boolean {
    const fits = (refusal: Expected) =>
      url.includes(refusal.path) && (status === undefined || refusal.status === status);
    // The same refusal may be announced again by a later step.
    const found = this.expected.find((refusal) => fits(refusal) && !refusal.seen) ?? this.expected.find(fits);
    if (found && status !== undefined) found.seen = true;
    return found !== undefined;
  }
}
