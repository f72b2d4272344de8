// What a page's own scripts can see: used to prove that it is never a secret.

import { expect, type Page } from '@playwright/test';

/**
 * Everything by which the page's own script could get at the secret in the strongroom's frame, or at another one.
 * Runs in the page itself. Answers for each way what came of it.
 */
export async function tryToReadSecrets(page: Page, usedTicket: string): Promise<Record<string, string>> {
  const opened = page.waitForEvent('popup');
  const results = await page.evaluate(async (usedTicket) => {
    const results: Record<string, string> = {};
    const said = (value: unknown) => (value === null || value === undefined ? 'nothing' : String(value));
    const attempt = async (name: string, way: () => unknown) => {
      try {
        results[name] = said(await way());
      } catch (error) {
        results[name] = error instanceof Error || error instanceof DOMException ? error.name : String(error);
      }
    };
    const api = async (path: string, body: unknown) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`/api/admin/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return answer.json();
    };
    // Secrets that are made here belong to a token of its own, so that the real one goes on working.
    const decoy: { id: string } = await api('/tokens', { name: 'Decoy' });
    const freshTicket = async (): Promise<string> => (await api(`/tokens/${decoy.id}/handover`, {})).ticket;
    const form = (ticket: string) => new URLSearchParams({ ticket, mode: 'generate', overlap: '0' });
    const target = (id: string) => `/strongroom/${id}`;
    const heading = (html: string) => /<h1[^>]*>([^<]*)</.exec(html)?.[1] ?? 'no heading';
    const submit = (ticket: string, into: string) => {
      const sent = document.createElement('form');
      sent.method = 'post';
      sent.action = target(decoy.id);
      sent.target = into;
      for (const [name, value] of form(ticket)) {
        const field = document.createElement('input');
        field.type = 'hidden';
        [field.name, field.value] = [name, value];
        sent.append(field);
      }
      document.body.append(sent);
      sent.submit();
      sent.remove();
    };

    const frame = document.querySelector<HTMLIFrameElement>('iframe[name=strongroom]');
    if (!frame?.contentWindow) throw new Error('there is no frame');
    const shown = frame.contentWindow;
    const real = location.pathname.split('/').pop() ?? '';
    await attempt('contentDocument of the frame', () => frame.contentDocument);
    await attempt('contentWindow.document of the frame', () => shown.document);
    await attempt('document of window.frames', () => window.frames[0].document);
    await attempt('text of the page', () => /dps_[0-9A-Za-z]{20,}/.exec(document.documentElement.outerHTML));

    await attempt('fetch with the used ticket', async () => {
      const answer = await fetch(target(real), { method: 'POST', body: form(usedTicket) });
      return `${answer.status} ${heading(await answer.text())}`;
    });
    const fresh = await freshTicket();
    await attempt('fetch with a new ticket', async () => {
      const answer = await fetch(target(decoy.id), { method: 'POST', body: form(fresh) });
      return `${answer.status} ${heading(await answer.text())}`;
    });
    await attempt('fetch without cors', async () => {
      const answer = await fetch(target(decoy.id), { method: 'POST', mode: 'no-cors', body: form(fresh) });
      return `${answer.status} ${heading(await answer.text())}`;
    });
    await attempt('XMLHttpRequest', async () => {
      const request = new XMLHttpRequest();
      request.open('POST', target(decoy.id));
      const done = new Promise((resolve) => request.addEventListener('loadend', resolve));
      request.send(form(fresh));
      await done;
      return `${request.status} ${heading(request.responseText)}`;
    });

    const own = document.createElement('iframe');
    own.name = 'own';
    document.body.append(own);
    const loaded = new Promise((resolve) => own.addEventListener('load', resolve, { once: true }));
    submit(fresh, 'own');
    await loaded;
    await attempt('contentDocument of an own frame', () => own.contentDocument);
    await attempt('document of an own frame', () => own.contentWindow?.document);
    own.remove();

    const popup = window.open('', 'spy');
    if (!popup) throw new Error('no window was opened');
    submit(await freshTicket(), 'spy');
    const limit = Date.now() + 5000;
    let readable = true;
    while (readable && Date.now() < limit) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      try {
        readable = popup.document !== null;
      } catch {
        readable = false;
      }
    }
    await attempt('document of an own window', () => popup.document.documentElement.outerHTML);
    return results;
  }, usedTicket);
  // The window has got a secret, so the proof is not one about an error page.
  const popup = await opened;
  await expect(popup.locator('#secret')).toHaveText(/^dps_/);
  await popup.close();
  return results;
}

/**
 * Writes down, from the first moment of each page on, every byte that the page's own scripts could see: bodies of fetch
 * and XMLHttpRequest, messages, what is drawn and how it changes, what is written to the history, to storage and to the
 * console. {@link heard} gives it.
 */
export async function record(page: Page): Promise<void> {
  await page.addInitScript(() => {
    if (window !== window.top) return;
    const heard: string[] = [];
    Object.defineProperty(window, 'heard', { value: heard });
    const fetched = window.fetch;
    window.fetch = async (...args) => {
      const answer = await fetched(...args);
      const read = answer.clone().text();
      read.then((text) => heard.push(text)).catch(() => {});
      return answer;
    };
    addEventListener('message', (event) => heard.push(`message ${JSON.stringify(event.data)}`));
    for (const name of ['pushState', 'replaceState'] as const) {
      const native = history[name].bind(history);
      history[name] = (state, unused, url) => {
        heard.push(`${name} ${JSON.stringify(state)} ${url}`);
        native(state, unused, url);
      };
    }
    const set = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      heard.push(`${key} ${value}`);
      set.call(this, key, value);
    };
    for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      const native = console[name].bind(console);
      console[name] = (...said) => {
        heard.push(said.map(String).join(' '));
        native(...said);
      };
    }
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) {
          heard.push(node instanceof Element ? node.outerHTML : (node.textContent ?? ''));
        }
        if (change.type === 'attributes' && change.target instanceof Element) {
          heard.push(`${change.attributeName}=${change.target.getAttribute(change.attributeName ?? '')}`);
        }
        if (change.type === 'characterData') heard.push(change.target.textContent ?? '');
      }
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}

/** What {@link record} wrote down since the page was loaded. */
export async function heard(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { heard: string[] }).heard);
}

/** Which of some texts stand in the app's WebAssembly memory, or did and were not overwritten yet. */
export async function inMemory(page: Page, texts: string[]): Promise<string[]> {
  return page.evaluate(async (texts) => {
    const glue = performance.getEntriesByType('resource').find((entry) => /\/assets\/glue-\w+\.js$/.test(entry.name));
    if (!glue) throw new Error('the app has no glue');
    // Loading it again gives the exports of the instance that runs.
    const { default: load } = await import(glue.name);
    const { memory }: { memory: WebAssembly.Memory } = await load();
    const bytes = new Uint8Array(memory.buffer);
    const holds = (text: string) => {
      const wanted = new TextEncoder().encode(text);
      for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
        if (wanted.every((byte, n) => bytes[at + n] === byte)) return true;
      }
      return false;
    };
    return texts.filter(holds);
  }, texts);
}

/** Everything in a page where a script could have put or found something. */
export async function traces(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found = [document.documentElement.outerHTML, document.cookie, location.href, `${JSON.stringify(history.state)}`];
    found.push(window.name, document.title);
    for (const store of [localStorage, sessionStorage]) found.push(JSON.stringify({ ...store }));
    for (const { name } of await indexedDB.databases()) found.push(name ?? '');
    for (const name of await caches.keys()) {
      found.push(name, ...(await (await caches.open(name)).keys()).map((request) => request.url));
    }
    for (const field of document.querySelectorAll<HTMLInputElement>('input, textarea')) found.push(field.value);
    return found;
  });
}

/** How many pictures of an album are really there, and how many are refused. */
export async function picturesOf(page: Page, album: string): Promise<{ shown: number; refused: number }> {
  return page.getByRole('region', { name: album }).evaluate((section) => {
    const pictures = [...section.querySelectorAll('img')];
    const there = (img: HTMLImageElement) => img.checkVisibility() && img.complete && img.naturalWidth > 0;
    return {
      shown: pictures.filter((img) => there(img) && img.closest('[data-state=shown]')).length,
      refused: section.querySelectorAll('[data-state=refused] .missing').length,
    };
  });
}
