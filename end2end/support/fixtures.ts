// What every journey starts from: a running Daypass and a browser that is watched.

import { test as base } from '@playwright/test';

import { Administrator, Daypass } from './daypass.mjs';
import { Gallery } from './gallery';
import { Guard } from './guard';
import { INGRID } from './people';

export { expect } from '@playwright/test';

interface Fixtures {
  /** Which engine the server keeps its data in. */
  database: 'sqlite' | 'postgres';
  daypass: Daypass;
  /** An administrator who works over HTTP; asking for it ends the set-up. */
  administrator: Administrator;
  /** Starts the gallery with a permanent token. */
  openGallery: (token: string) => Promise<Gallery>;
  guard: Guard;
}

export const test = base.extend<Fixtures>({
  database: ['sqlite', { option: true }],
  daypass: async ({ database }, use, info) => {
    const daypass = await (database === 'postgres' ? Daypass.startOnPostgres() : Daypass.start());
    await use(daypass);
    if (info.status !== info.expectedStatus) {
      await info.attach('server', { body: daypass.output, contentType: 'text/plain' });
    }
    await daypass.remove();
  },
  administrator: async ({ daypass }, use) =>
    use(await Administrator.create(daypass, INGRID.name, INGRID.password)),
  openGallery: async ({ daypass }, use, info) => {
    const opened: Gallery[] = [];
    await use(async (token) => {
      const gallery = await Gallery.start(daypass, token);
      opened.push(gallery);
      return gallery;
    });
    for (const gallery of opened) {
      await gallery.stop();
      if (info.status !== info.expectedStatus) {
        await info.attach('gallery', { body: gallery.output, contentType: 'text/plain' });
      }
    }
  },
  baseURL: async ({ daypass }, use) => use(daypass.url),
  guard: [
    async ({ context }, use) => {
      const guard = new Guard(context);
      await use(guard);
      await guard.check();
    },
    { auto: true },
  ],
});
