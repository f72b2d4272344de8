// What every journey starts from: a running Daypass and a browser that is watched.

import { test as base } from '@playwright/test';

import { Daypass } from './daypass.mjs';
import { Guard } from './guard';

export { expect } from '@playwright/test';

interface Fixtures {
  daypass: Daypass;
  guard: Guard;
}

export const test = base.extend<Fixtures>({
  daypass: async ({}, use, info) => {
    const daypass = await Daypass.start();
    await use(daypass);
    if (info.status !== info.expectedStatus) {
      await info.attach('server', { body: daypass.output, contentType: 'text/plain' });
    }
    await daypass.remove();
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
