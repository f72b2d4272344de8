// clients/js in a real browser, with a real Daypass behind it: the page's half renews in time whatever clocks and tabs
// do, and keeps nothing; the server's half lets no permanent token out.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { expect, test, type Page } from '@playwright/test';

import { DaypassRefusal, Issuer, type PassRequest } from '../../clients/js/server.js';
import { Administrator, ask, Daypass } from '../support/daypass.mjs';

declare global {
  interface Window {
    pass: import('../../clients/js/page.js').DayPass;
    DayPass: typeof import('../../clients/js/page.js').DayPass;
  }
}

const SCRIPT = readFileSync(fileURLToPath(new URL('../../clients/js/page.js', import.meta.url)));
const PAGE = `<!doctype html><meta charset="utf-8"><title>Gallery</title>
<script type="module" src="/start.js"></script>`;
/** A page without a bundler, as the guide for static sites shows it. */
const STATIC = readFileSync(fileURLToPath(new URL('../../server/src/reference/guides/samples/static.html', import.meta.url)));
const START = `import { DayPass } from '/client/page.js';
window.DayPass = DayPass;
window.pass = new DayPass('/day-pass');`;

/** A small site: its page, its backend with the server's half, and pictures that ask Daypass first. */
class Site {
  /** What the next pass is asked for; `null` = nobody is signed in. */
  wanted: PassRequest | null = { lifetime: 900 };
  /** How many passes were asked for. */
  asked = 0;
  /** Answers in place of the backend, where set. */
  instead: ((response: ServerResponse) => void) | undefined;
  /** Milliseconds that the backend takes longer. */
  slowness = 0;
  /** The credentials that pictures were asked for with. */
  seen: string[] = [];
  #server: Server;

  constructor(daypass: Daypass, issuer: Issuer) {
    const handler = issuer.handler(() => this.wanted);
    this.#server = createServer((request, response) => void this.#answer(request, response, daypass, handler));
  }

  async start() {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  stop() {
    this.#server.close();
  }

  get url() {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    daypass: Daypass,
    handler: ReturnType<Issuer['handler']>,
  ) {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/day-pass' || pathname === '/day-pass.php') {
      this.asked += 1;
      await new Promise((resolve) => setTimeout(resolve, this.slowness));
      if (this.instead) return this.instead(response);
      return handler(request, response);
    }
    if (pathname === '/photo') {
      const token = searchParams.get('token') ?? request.headers.authorization?.replace('Bearer ', '') ?? '';
      this.seen.push(token);
      const question = `${daypass.url}/verify?interface=Press%20photos&permission=read`;
      const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'x-original-uri': '/photo' };
      const { status } = await ask('GET', question, headers);
      response.writeHead(status === 204 ? 200 : status);
      let body = '';
      for await (const part of request) body += part;
      return response.end(body || 'a picture');
    }
    const found = {
      '/': ['text/html', PAGE],
      '/start.js': ['text/javascript', START],
      '/client/page.js': ['text/javascript', SCRIPT],
      '/static.html': ['text/html', STATIC],
      '/page.js': ['text/javascript', SCRIPT],
    }[pathname];
    response.writeHead(found ? 200 : 404, { 'content-type': String(found?.[0] ?? 'text/plain') });
    return response.end(found?.[1] ?? '');
  }
}

let daypass: Daypass;
let administrator: Administrator;
let site: Site;
let secret: string;
let tokenId: string;

test.beforeEach(async () => {
  daypass = await Daypass.start();
  administrator = await Administrator.create(daypass);
  await administrator.api('POST', '/interfaces', { name: 'Press photos', description: '', public: false });
  const token = await administrator.api('POST', '/tokens', {
    name: 'Gallery',
    grants: [{ interface: 'Press photos', permissions: ['read'] }],
  });
  tokenId = token.id;
  secret = await administrator.takeSecret(tokenId);
  site = new Site(daypass, new Issuer({ url: daypass.url, token: secret }));
  await site.start();
});

test.afterEach(async () => {
  site.stop();
  await daypass.remove();
});

async function open(page: Page) {
  await page.goto(site.url);
  await page.waitForFunction(() => window.pass);
}

test('callers share one renewal, and the pass opens what it may', async ({ page }) => {
  await open(page);
  site.slowness = 200;
  const tokens = await page.evaluate(() => Promise.all([1, 2, 3].map(() => window.pass.token())));
  expect(new Set(tokens).size).toBe(1);
  expect(site.asked).toBe(1);
  const answer = await page.evaluate(async () => {
    const { status } = await window.pass.fetch('/photo');
    const picture = await fetch(await window.pass.url('/photo?size=small'));
    return [status, picture.status];
  });
  expect(answer).toEqual([200, 200]);
  expect(site.asked).toBe(1);
});

test('after a 401 it gets a new pass and asks once more, with the same body', async ({ page }) => {
  await open(page);
  const first = await page.evaluate(() => window.pass.token());
  await administrator.api('POST', `/tokens/${tokenId}/stop-temporary`);
  const text = await page.evaluate(async () => {
    const answer = await window.pass.fetch('/photo', { method: 'POST', body: 'what was sent' });
    return `${answer.status} ${await answer.text()}`;
  });
  expect(text).toBe('200 what was sent');
  expect(site.asked).toBe(2);
  expect(site.seen[0]).toBe(first);
  expect(site.seen[1]).not.toBe(first);
  // Where the new one is refused too, it stops asking.
  await administrator.api('POST', `/tokens/${tokenId}/deactivate`);
  expect(await page.evaluate(async () => (await window.pass.fetch('/photo')).status)).toBe(401);
});

test('it renews before the end, after sleep, and whatever the clock says', async ({ page }) => {
  await page.clock.install();
  await open(page);
  const token = () => page.evaluate(() => window.pass.token());
  const first = await token();
  await page.clock.runFor(13 * 60_000);
  expect(await token()).toBe(first);
  // Within the last minute the old one is still given, and the next one fetched meanwhile.
  await page.clock.runFor(70_000);
  expect(await token()).toBe(first);
  await expect.poll(token).not.toBe(first);
  expect(site.asked).toBe(2);

  // Asleep for an hour: no timer ran.
  const second = await token();
  await page.clock.fastForward(3_600_000);
  expect(await token()).not.toBe(second);

  // Somebody puts the clock back by a day: the time that went by counts, not the time of day.
  const third = await token();
  await page.clock.setSystemTime(Date.now() - 86_400_000);
  expect(await token()).toBe(third);
  await page.clock.runFor(16 * 60_000);
  expect(await token()).not.toBe(third);
});

test('who listens has a pass ready at any time, in a hidden tab too, and after the backend was away', async ({ page }) => {
  await page.clock.install();
  await open(page);
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    window.pass.onToken((token) => ((window as any).last = token));
  });
  const last = () => page.evaluate(() => (window as any).last as string | undefined);
  await expect.poll(last).toBeTruthy();
  const first = await last();
  await page.clock.runFor(14 * 60_000 + 1000);
  await expect.poll(last).not.toBe(first);

  // The backend is away when the next one is due; tried again, later and later, until it is back.
  const second = await last();
  site.instead = (response) => response.writeHead(503).end();
  const before = site.asked;
  for (let step = 0; step < 16; step += 1) await page.clock.runFor(60_000);
  await expect.poll(() => site.asked).toBeGreaterThan(before + 1);
  expect(site.asked).toBeLessThan(before + 20);
  site.instead = undefined;
  await page.clock.runFor(61_000);
  await expect.poll(last).not.toBe(second);
});

test('a listener that throws keeps the pass from nobody', async ({ page }) => {
  await open(page);
  const told = await page.evaluate(async () => {
    const seen: unknown[] = [];
    addEventListener('error', (event) => seen.push(event.message));
    const listen = () => {
      window.pass.onToken(() => {
        throw new Error('of the page itself');
      });
      window.pass.onToken((token) => seen.push(token));
    };
    listen();
    const token = await window.pass.token();
    // Also with a pass that is there already.
    listen();
    return seen.map((what) => (what === token ? 'the pass' : what));
  });
  const thrown = expect.stringContaining('of the page itself');
  expect(told).toEqual([thrown, 'the pass', thrown, 'the pass']);
  expect(site.asked).toBe(1);
});

test('who comes back tries at once, and coming back often puts nothing off', async ({ page }) => {
  await page.clock.install();
  await open(page);
  await page.evaluate(() => window.pass.onToken((token) => ((window as any).last = token)));
  const last = () => page.evaluate(() => (window as any).last as string | undefined);
  const comeBack = (event: string, times = 1) =>
    page.evaluate(([name, count]) => {
      for (let at = 0; at < count; at += 1) dispatchEvent(new Event(name));
    }, [event, times] as const);
  await expect.poll(last).toBeTruthy();
  const first = await last();
  site.instead = (response) => response.writeHead(503).end();
  // Away until it waits longest between two tries.
  for (let step = 0; step < 20; step += 1) await page.clock.runFor(60_000);
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 2_000));

  // Many times in a moment, it asks once; and then a second later, however often somebody looks in between.
  let before = site.asked;
  await Promise.all([page.waitForResponse('**/day-pass'), comeBack('focus', 20)]);
  expect(site.asked).toBe(before + 1);
  before = site.asked;
  for (let round = 0; round < 3; round += 1) {
    const asked = page.waitForResponse('**/day-pass');
    for (let step = 0; step < 4; step += 1) {
      await page.clock.runFor(400);
      await comeBack('focus');
    }
    await asked;
  }
  expect(site.asked).toBeLessThanOrEqual(before + 5);

  site.instead = undefined;
  const tried = async () => {
    await page.clock.runFor(1_000);
    await comeBack('online');
    return last();
  };
  await expect.poll(tried).not.toBe(first);
});

test('the pass stays in memory, and goes nowhere else', async ({ page }) => {
  await open(page);
  const token = await page.evaluate(() => window.pass.token());
  const kept = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches_ = await caches.keys();
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, databases, caches_, location.href, { ...window.pass }]);
  });
  expect(kept).not.toContain(token);
  const refused = await page.evaluate(() =>
    window.pass.fetch('https://elsewhere.example/photo').catch((error: Error) => error.message),
  );
  expect(refused).toContain('https://elsewhere.example');
  const afterwards = await page.evaluate(() => {
    window.pass.close();
    return window.pass.token().catch((error: Error) => error.message);
  });
  expect(afterwards).toContain('closed');
});

test('a page without a bundler, as the guide for static sites shows it', async ({ page }) => {
  const picture = page.waitForRequest('https://media.example.org/**');
  await page.route('https://media.example.org/**', (route) => route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }));
  await page.goto(`${site.url}/static.html`);
  const url = new URL((await picture).url());
  expect(url.pathname).toBe('/press/rocket.webp');
  expect(url.searchParams.get('token')).toMatch(/^eyJ/);
  expect(site.asked).toBe(1);
});

test('a page of another origin can end its own pass, as /api shows it', async ({ page }) => {
  await open(page);
  site.wanted = { lifetime: 900, origins: [site.url] };
  const token = await page.evaluate(() => window.pass.token());
  const question = `${daypass.url}/verify?interface=Press%20photos&permission=read`;
  const verify = async () => (await ask('GET', question, { authorization: `Bearer ${token}`, origin: site.url })).status;
  expect(await verify()).toBe(204);
  const ends = `${daypass.url}/api/RevokeToken`;
  // In a header it is asked about beforehand, and the answer is no.
  const inHeader = page.evaluate(
    ([url, value]) => fetch(url, { method: 'POST', headers: { authorization: `Bearer ${value}` } }),
    [ends, token],
  );
  await expect(inHeader).rejects.toThrow('Failed to fetch');
  expect(await verify()).toBe(204);
  const seen = await page.evaluate(async ([url, value]) => {
    const answer = await fetch(`${url}?token=${value}`, { method: 'POST', mode: 'no-cors' });
    return [answer.type, answer.status];
  }, [ends, token]);
  expect(seen).toEqual(['opaque', 0]);
  expect(await verify()).toBe(401);
});

test('it says why there is no pass, and refuses a permanent token', async ({ page }) => {
  await open(page);
  const why = () =>
    page.evaluate(() => window.pass.token().catch((error) => `${error.name} ${error.status} ${error.message}`));
  site.wanted = null;
  expect(await why()).toBe('DayPassError 401 Sign in to get a day pass.');
  site.wanted = { lifetime: 900, interfaces: ['Nowhere'], permissions: ['read'] };
  expect(await why()).toContain('502');
  // One that was imported has no prefix to tell it by, so only what is a pass by its form is taken.
  const pass = await new Issuer({ url: daypass.url, token: secret }).mint();
  const cut = pass.token.slice(0, pass.token.lastIndexOf('.'));
  for (const token of [secret, 'q7+Zk%41w_Lm/9Xr~Tb2!Vn4', 'c0ffee00c0ffee00c0ffee00', cut]) {
    site.instead = (response) => response.end(JSON.stringify({ token, expires_in: 900 }));
    const said = await why();
    expect(said).toContain('If it was a permanent token, replace its secret');
    expect(said).not.toContain(token);
  }
  site.instead = (response) => response.end('<html>');
  expect(await why()).toContain('without a day pass');
});

test('the server’s half: another site’s page gets nothing, and no text holds the token', async ({ page }) => {
  const foreign = await ask('POST', `${site.url}/day-pass`, { 'sec-fetch-site': 'cross-site' });
  expect(foreign.status).toBe(403);
  expect((await ask('GET', `${site.url}/day-pass`)).status).toBe(405);
  expect(site.asked).toBe(2);

  const issuer = new Issuer({ url: daypass.url, token: secret });
  const refusal = await issuer.mint({ grants: [{ interface: 'Press photos', permissions: ['delete'] }] }).catch((error) => error);
  expect(refusal).toBeInstanceOf(DaypassRefusal);
  expect(refusal.code).toBe('permission_not_granted');
  expect(refusal.missing).toBeTruthy();
  const { inspect } = await import('node:util');
  const shown = [inspect(issuer, { showHidden: true, depth: 9 }), JSON.stringify(issuer), inspect(refusal)];
  expect(shown.join()).not.toContain(secret);
  expect(() => new Issuer({ url: 'http://daypass.example', token: secret })).toThrow('https');
  await open(page);
  expect(await page.content()).not.toContain(secret);
});
