/** Day passes in a web page: fetched from the page's own backend, kept in memory, renewed in time. */

export interface DayPassOptions {
  /** More for the request to the backend: headers against forgery, `credentials`, another method. */
  request?: RequestInit;
  /** Where the pass may be sent beside the page's own origin, such as `https://media.example.org`. */
  origins?: (string | URL)[];
}

export class DayPass {
  /**
   * @param endpoint the page's own backend; it answers a POST with `{ "token": "eyJ…", "expires_in": 900 }` (seconds).
   * What is no day pass by its form, a permanent token for instance, is refused.
   */
  constructor(endpoint: string | URL, options?: DayPassOptions);
  /** A pass that can be used now. Callers who ask at the same time share one renewal. */
  token(): Promise<string>;
  /** `fetch` with the pass as `Authorization: Bearer`; after a 401 once more with a new one. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** An address with the pass in it, for `<img>` and `<video>`. */
  url(address: string | URL): Promise<string>;
  /** Calls back with the present pass and each new one, and keeps one ready. Answers what ends it. */
  onToken(listener: (token: string) => void): () => void;
  /** Drops a pass that was refused; without an argument, whichever there is. */
  forget(token?: string): void;
  /** Drops the pass for good. */
  close(): void;
}

/** Why there is no pass. */
export class DayPassError extends Error {
  constructor(message: string, more?: { status?: number; code?: string; cause?: unknown });
  /** The backend's status, where it answered. */
  status?: number;
  /** The backend's code, where it gave one, such as `rate_limited`. */
  code?: string;
}
