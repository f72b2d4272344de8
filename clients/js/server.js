// The server's half: holds the permanent token and trades it for day passes. For Node 18 and newer; never for a page.
//
// The permanent token leaves this module in one place: the `Authorization` header of a request to Daypass.

import { readFile } from 'node:fs/promises';

/** Milliseconds after which a request to Daypass is given up. */
const TIMEOUT = 5_000;

/** Daypass's refusal. `code` is one of its documented codes, `missing` what is not granted. */
export class DaypassRefusal extends Error {
  /** @param {{ status: number, code?: string, detail?: string, missing?: unknown, retryAfter?: number }} answer */
  constructor({ status, code, detail, missing, retryAfter }) {
    super(detail ?? `Daypass answered ${status}.`);
    this.name = 'DaypassRefusal';
    this.status = status;
    this.code = code;
    this.missing = missing;
    this.retryAfter = retryAfter;
  }
}

export class Issuer {
  /** @type {URL} */ #endpoint;
  /** @type {() => Promise<string>} */ #permanent;

  /**
   * Give the permanent token by `tokenFile` (read at each request, so that a replaced secret needs no restart) or by
   * `token`, from the environment for instance.
   * @param {{ url: string | URL, token?: string, tokenFile?: string }} options `url` is where Daypass is
   */
  constructor({ url, token, tokenFile }) {
    if (typeof window !== 'undefined') throw new Error('A permanent token must never be in a web page.');
    if ((token === undefined) === (tokenFile === undefined)) throw new Error('Give either token or tokenFile.');
    this.#endpoint = new URL('api/GetTemporaryToken', String(url).replace(/\/?$/, '/'));
    const { protocol, hostname } = this.#endpoint;
    if (protocol !== 'https:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) {
      throw new Error('Beyond this machine a permanent token travels over https only.');
    }
    this.#permanent = async () => (token ?? (await readFile(/** @type {string} */ (tokenFile), 'utf8'))).trim();
  }

  /**
   * A day pass. Everything is optional; less than the permanent token may do is good practice.
   * @param {import('./server.js').PassRequest} [wanted]
   * @returns {Promise<import('./server.js').Pass>}
   */
  async mint(wanted = {}) {
    const answer = await fetch(this.#endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.#permanent()}`, 'content-type': 'application/json' },
      body: JSON.stringify(wanted),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    /** @type {any} */
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) return body;
    const retryAfter = Number(answer.headers.get('retry-after')) || undefined;
    throw new DaypassRefusal({ status: answer.status, retryAfter, ...pick(body) });
  }

  /**
   * A handler for `node:http`, Express and their like, to which the page's `DayPass` can be pointed. `decide` says what
   * this visitor gets, or `null` for nothing: ask your own session there.
   * @param {(request: import('node:http').IncomingMessage) => import('./server.js').PassRequest | null | Promise<import('./server.js').PassRequest | null>} decide
   */
  handler(decide) {
    /**
     * @param {import('node:http').IncomingMessage} request
     * @param {import('node:http').ServerResponse} response
     */
    return async (request, response) => {
      const send = (/** @type {number} */ status, /** @type {object} */ body, headers = {}) => {
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
        response.end(JSON.stringify(body));
      };
      // Another site's page can send such a request with the visitor's cookies, though it could not read the answer.
      const site = request.headers['sec-fetch-site'];
      if (request.method !== 'POST') return send(405, { detail: 'Ask with POST.' }, { allow: 'POST' });
      if (site && site !== 'same-origin') return send(403, { detail: 'Only pages of this site get a day pass here.' });
      try {
        const wanted = await decide(request);
        if (!wanted) return send(401, { detail: 'Sign in to get a day pass.' });
        const { token, expires_in } = await this.mint(wanted);
        return send(200, { token, expires_in });
      } catch (error) {
        // What went wrong between the servers is none of the visitor's business, but for "come back later".
        const busy = error instanceof DaypassRefusal && error.status === 429;
        if (busy) return send(429, { code: error.code, detail: 'Too many requests.' }, { 'retry-after': String(error.retryAfter ?? 1) });
        console.error(`daypass: ${error instanceof Error ? error.message : 'no day pass'}`);
        return send(502, { detail: 'There is no day pass at the moment.' });
      }
    };
  }
}

/** @param {any} body */
function pick({ code, detail, missing }) {
  return { code, detail, missing };
}
