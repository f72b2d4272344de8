// Day passes in a web page. The page asks its own backend for one, keeps it in memory for as long as it lives, and has
// it renewed in time. A pass is never written anywhere: no storage, no cookie, no global.
//
// Owns one pass per `DayPass`. Must never see a permanent token: what a backend sends is a pass by its form, or refused.

/** Milliseconds after which a request to the backend is given up. */
const TIMEOUT = 10_000;
/** A pass is renewed this long before its end, in milliseconds, or a third of its life before, where that is less. */
const MARGIN = 60_000;
/** Milliseconds before a renewal that failed is tried again by itself; doubled each time, up to the second number. */
const RETRY = [1_000, 60_000];
/** `setTimeout` takes no more, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** A pass is a signed JSON web token. Permanent tokens never are, and an imported one has no form to tell it by. */
const PASS = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;

/** Why there is no pass. `status` and `code` are the backend's, where it answered. */
export class DayPassError extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, code?: string, cause?: unknown }} [more]
   */
  constructor(message, { status, code, cause } = {}) {
    super(message, { cause });
    this.name = 'DayPassError';
    this.status = status;
    this.code = code;
  }
}

export class DayPass {
  /** @type {string} */ #endpoint;
  /** @type {RequestInit} */ #request;
  /** @type {Set<string>} */ #origins;
  /** @type {undefined | { token: string, lifetime: number, wall: number, steady: number }} */ #pass;
  /** @type {undefined | Promise<string>} */ #renewal;
  /** @type {Set<(token: string) => void>} */ #listeners = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #failures = 0;
  /** When the last one was. */ #failed = now();
  #closed = false;
  #look = () => {
    if (document.visibilityState !== 'hidden') this.#keepFresh(true);
  };

  /**
   * @param {string | URL} endpoint the page's own backend, which answers `{ token, expires_in }` as Daypass gave them
   * @param {{ request?: RequestInit, origins?: (string | URL)[] }} [options]
   */
  constructor(endpoint, { request = {}, origins = [] } = {}) {
    this.#endpoint = new URL(endpoint, document.baseURI).href;
    this.#request = request;
    this.#origins = new Set([location.origin, ...origins.map((origin) => new URL(origin).origin)]);
    // A computer that slept and a tab that was hidden run no timers: whoever comes back finds out at once.
    document.addEventListener('visibilitychange', this.#look);
    for (const event of ['pageshow', 'online', 'focus']) addEventListener(event, this.#look);
  }

  /**
   * A pass that can be used now. Callers who ask at the same time share one renewal.
   * @returns {Promise<string>}
   */
  async token() {
    if (this.#closed) throw new DayPassError('This DayPass was closed.');
    if (this.#pass && this.#remaining() > 0) {
      // Good for now but near its end: the next one is fetched meanwhile.
      if (this.#remaining() <= this.#margin()) this.#renew().catch(() => {});
      return this.#pass.token;
    }
    return this.#renew();
  }

  /**
   * `fetch` with the pass. Where the answer is 401, once more with a new one.
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  async fetch(input, init) {
    const request = new Request(input, init);
    this.#check(request.url);
    const token = await this.token();
    const again = request.clone();
    const answer = await fetch(withPass(request, token));
    if (answer.status !== 401) {
      await again.body?.cancel();
      return answer;
    }
    this.forget(token);
    let fresh;
    try {
      fresh = await this.token();
    } catch {
      return answer;
    }
    return fetch(withPass(again, fresh));
  }

  /**
   * An address with the pass in it, for what can send no header (`<img>`, `<video>`). It ends up in logs: give such a
   * pass few rights, a short life and the page's origin.
   * @param {string | URL} address
   * @returns {Promise<string>}
   */
  async url(address) {
    const url = new URL(address, document.baseURI);
    this.#check(url.href);
    url.searchParams.set('token', await this.token());
    return url.href;
  }

  /**
   * Calls back with the present pass and with each new one, and keeps one ready from now on. Answers a function that
   * ends it.
   * @param {(token: string) => void} listener
   * @returns {() => void}
   */
  onToken(listener) {
    this.#listeners.add(listener);
    if (this.#pass && this.#remaining() > 0) tell(listener, this.#pass.token);
    this.#keepFresh();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  /**
   * Drops a pass that was refused, so that the next call fetches another. One that was replaced meanwhile stays.
   * @param {string} [token]
   */
  forget(token) {
    if (token === undefined || this.#pass?.token === token) this.#pass = undefined;
  }

  /** Drops the pass for good, at sign-out for instance. */
  close() {
    this.#closed = true;
    this.#pass = undefined;
    this.#listeners.clear();
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#look);
    for (const event of ['pageshow', 'online', 'focus']) removeEventListener(event, this.#look);
  }

  /** Milliseconds until the pass ends; beyond any timer where it has no end. */
  #remaining() {
    if (!this.#pass) return 0;
    return this.#pass.lifetime - since(this.#pass);
  }

  #margin() {
    return Math.min(MARGIN, (this.#pass?.lifetime ?? 0) / 3);
  }

  /** @param {string} address */
  #check(address) {
    if (!this.#origins.has(new URL(address).origin)) {
      throw new DayPassError(`${new URL(address).origin} is not among the origins that the pass may be sent to.`);
    }
  }

  /** @returns {Promise<string>} */
  #renew() {
    this.#renewal ??= this.#ask().finally(() => {
      this.#renewal = undefined;
      this.#keepFresh();
    });
    return this.#renewal;
  }

  /** @returns {Promise<string>} */
  async #ask() {
    // From before the question: the pass ends no later than this plus its lifetime.
    const asked = now();
    let answer;
    try {
      answer = await fetch(this.#endpoint, {
        method: 'POST',
        credentials: 'same-origin',
        ...this.#request,
        headers: { accept: 'application/json', ...Object.fromEntries(new Headers(this.#request.headers)) },
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch (cause) {
      throw this.#failure('The backend did not answer the request for a day pass.', { cause });
    }
    /** @type {any} */
    const body = await answer.json().catch(() => undefined);
    const lifetime = body?.expires_in ?? null;
    const isPass = typeof body?.token === 'string' && (lifetime === null || (Number.isFinite(lifetime) && lifetime > 0));
    if (!answer.ok || !isPass) {
      throw this.#failure(body?.detail ?? `The backend answered ${answer.status} without a day pass.`, {
        status: answer.status,
        code: body?.code,
      });
    }
    if (!PASS.test(body.token)) {
      throw this.#failure(
        'The backend sent something else than a day pass. If it was a permanent token, replace its secret, and send a temporary one.',
      );
    }
    if (this.#closed) throw new DayPassError('This DayPass was closed.');
    this.#failures = 0;
    this.#pass = { token: body.token, lifetime: lifetime === null ? Infinity : lifetime * 1000, ...asked };
    for (const listener of this.#listeners) tell(listener, body.token);
    return body.token;
  }

  /**
   * Counts a renewal that failed just now.
   * @param {string} message
   * @param {{ status?: number, code?: string, cause?: unknown }} [more]
   */
  #failure(message, more) {
    this.#failures += 1;
    this.#failed = now();
    return new DayPassError(message, more);
  }

  /**
   * Sees to it that a pass is ready for those who listen. After failures it waits from the last one on, so that no call
   * puts the next try off; who comes back, or is online again, waits for the shortest time only.
   * @param {boolean} [cameBack]
   */
  #keepFresh(cameBack = false) {
    clearTimeout(this.#timer);
    if (this.#closed || this.#listeners.size === 0 || this.#renewal) return;
    const pause = cameBack ? RETRY[0] : Math.min(RETRY[0] * 2 ** (this.#failures - 1), RETRY[1]);
    const wait = this.#failures ? pause - since(this.#failed) : this.#remaining() - this.#margin();
    if (wait <= 0) {
      this.#renew().catch(() => {});
    } else if (wait !== Infinity) {
      this.#timer = setTimeout(() => this.#due(), Math.min(wait, LONGEST_TIMER));
    }
  }

  #due() {
    if (this.#failures || this.#remaining() <= this.#margin()) this.#renew().catch(() => {});
    else this.#keepFresh();
  }
}

/** This moment, by both clocks. */
function now() {
  return { wall: Date.now(), steady: performance.now() };
}

/**
 * Milliseconds since a moment. The visitor's clock may be wrong or be put right, so its time of day is never compared
 * with ours; and the steady clock of some systems stands still while they sleep. Whichever says that more time has gone
 * by is believed.
 * @param {{ wall: number, steady: number }} moment
 */
function since({ wall, steady }) {
  return Math.max(Date.now() - wall, performance.now() - steady);
}

/**
 * A listener that throws is its own page's fault: it is reported there, and keeps the pass from nobody else.
 * @param {(token: string) => void} listener
 * @param {string} token
 */
function tell(listener, token) {
  try {
    listener(token);
  } catch (error) {
    reportError(error);
  }
}

/**
 * @param {Request} request
 * @param {string} token
 */
function withPass(request, token) {
  const sent = new Request(request);
  sent.headers.set('authorization', `Bearer ${token}`);
  return sent;
}
