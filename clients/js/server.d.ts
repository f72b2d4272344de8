/** The server's half: holds the permanent token and trades it for day passes. Node 18 and newer. */

import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Grant {
  interface: string;
  permissions: ('read' | 'download' | 'upload' | 'edit' | 'delete')[];
}

/** What a pass shall be able to do; absent = as much as the permanent token. */
export interface PassRequest {
  /** Seconds; at most what the permanent token allows. */
  lifetime?: number;
  /** Rights, interface by interface. */
  grants?: Grant[];
  /** In place of `grants`: the same permissions on each of these. */
  interfaces?: string[];
  permissions?: Grant['permissions'];
  /** Pages that the pass may be used from, such as `https://www.example.org`. */
  origins?: string[];
  /** An address or a network that it may be used from, your visitor's for instance: `192.0.2.7`, `2001:db8::/48`. */
  network?: string;
  /** Who it is for, in your own system; at most 200 characters. */
  subject?: string;
}

export interface Pass {
  token: string;
  token_type: 'Bearer';
  /** Seconds; `null` where it has no end. */
  expires_in: number | null;
  /** RFC 3339, in UTC. */
  expires_at: string | null;
  grants: Grant[];
  origins: string[];
  /** As asked for; absent if it was not. */
  network?: string;
  subject: string | null;
}

export class Issuer {
  constructor(options: { url: string | URL; token: string } | { url: string | URL; tokenFile: string });
  /** A day pass. Rejects with a `DaypassRefusal`, or with what `fetch` rejects with. */
  mint(wanted?: PassRequest): Promise<Pass>;
  /** A handler for `node:http` and Express. `decide` answers what this visitor gets, or `null` for nothing. */
  handler(
    decide: (request: IncomingMessage) => PassRequest | null | Promise<PassRequest | null>,
  ): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export class DaypassRefusal extends Error {
  constructor(answer: { status: number; code?: string; detail?: string; missing?: unknown; retryAfter?: number });
  status: number;
  /** One of Daypass's codes, such as `permission_not_granted`. */
  code?: string;
  /** What is not granted, where that is why. */
  missing?: unknown;
  /** Seconds, where there were too many requests. */
  retryAfter?: number;
}
