// What the list of tokens costs in a browser: time to the first row once the app is there, time and bytes of the
// request, and the tab's memory after 200 pages. `./dev list-cost [tokens…]`.

import { chromium } from '@playwright/test';

import { Administrator, Daypass } from './support/daypass.mjs';

const ROUNDS = 15;
const PAGES = 200;
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 10_000, 100_000];
const WHO = { name: 'measure', password: 'paper lantern under the old bridge' };

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** From a click to the first row on the screen, and what the browser says about the request. */
async function open(page, click) {
  return page.evaluate(async (selector) => {
    performance.clearResourceTimings();
    const before = document.querySelector('tbody');
    const start = performance.now();
    document.querySelector(selector).click();
    await new Promise((resolve) => {
      const look = () => {
        const body = document.querySelector('tbody');
        // Painted: the frame after the one in which the rows are there.
        if (body && body !== before && body.rows.length > 0) requestAnimationFrame(() => resolve());
        else requestAnimationFrame(look);
      };
      look();
    });
    const shown = performance.now() - start;
    const request = performance.getEntriesByType('resource').find((entry) => /\/v1\/tokens\?.*per_page=50/.test(entry.name));
    return { shown, request: request.duration, bytes: request.encodedBodySize, body: request.decodedBodySize };
  }, click);
}

/** Keeps a hand on the app's memory, which no counter of the browser includes. */
function watchMemory() {
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const result = await real(...args);
      const { memory } = (result.instance ?? result).exports;
      if (memory) window.memoryOfTheApp = memory;
      return result;
    };
  }
}

/** Bytes that the tab holds when the rubbish is gone, JavaScript's and WebAssembly's, and what stands in the page. */
async function memory(page, cdp) {
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  const app = await page.evaluate(() => window.memoryOfTheApp?.buffer.byteLength ?? 0);
  return { script: usedSize, app, nodes, jsEventListeners };
}

async function measure(tokens) {
  const daypass = await Daypass.startCrowded(tokens);
  const browser = await chromium.launch({
    executablePath: process.env.DAYPASS_CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    await Administrator.create(daypass, WHO.name, WHO.password);
    const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
    await page.addInitScript(watchMemory);
    await page.goto(`${daypass.url}/`);
    await page.getByLabel('Name').fill(WHO.name);
    await page.getByLabel('Password').fill(WHO.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const rounds = [];
    for (let n = 0; n < ROUNDS; n += 1) {
      rounds.push(await open(page, '.rail li a[href="/tokens"]'));
      await page.locator('.rail li a[href="/"]').click();
      await page.locator('tbody').waitFor({ state: 'detached' });
    }
    const next = [];
    let growth;
    if (tokens > 100) {
      await open(page, '.rail li a[href="/tokens"]');
      const cdp = await page.context().newCDPSession(page);
      const turn = async (times) => {
        for (let n = 0; n < times; n += 1) next.push((await open(page, '.pager button:last-child')).shown);
      };
      // The first pages fill caches of the browser that stay.
      await turn(10);
      const before = await memory(page, cdp);
      await turn(PAGES - 15);
      growth = { before, after: await memory(page, cdp) };
    }
    const of = (field) => Math.round(median(rounds.map((round) => round[field])));
    return { tokens, shown: of('shown'), request: of('request'), bytes: of('bytes'), body: of('body'), next, growth };
  } finally {
    await browser.close();
    await daypass.remove();
  }
}

for (const size of sizes) {
  const { tokens, shown, request, bytes, body, next, growth } = await measure(size);
  console.log(`${tokens} tokens: first row after ${shown} ms, of which the request ${request} ms; ${bytes} bytes travel (${body} unpacked)`);
  if (growth) {
    const { before, after } = growth;
    console.log(`  the next page after ${Math.round(median(next))} ms (slowest of ${next.length}: ${Math.round(Math.max(...next))} ms)`);
    for (const [what, field] of [['script', 'script'], ['WebAssembly', 'app'], ['nodes', 'nodes'], ['listeners', 'jsEventListeners']]) {
      console.log(`  ${what} after ${next.length} pages: ${before[field]} → ${after[field]}`);
    }
  }
}
