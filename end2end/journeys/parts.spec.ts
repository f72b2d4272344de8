// The app arrives in parts: the first one opens the list, the others follow when they are needed.

import { expect, test } from '../support/fixtures';
import { goTo, signIn } from '../support/people';

test.beforeEach(async ({ administrator }) => {
  expect(administrator).toBeDefined();
});

test('a page is downloaded when it is opened', async ({ page }) => {
  const parts: string[] = [];
  page.on('request', (request) => {
    const name = /\/assets\/((?:split|chunk)_\w+)-[0-9a-f]+\.wasm/.exec(request.url())?.[1];
    if (name) parts.push(name);
  });
  await signIn(page, '/tokens');
  await expect(page.getByRole('heading', { level: 1, name: 'API Access' })).toBeVisible();
  expect(parts).toEqual([]);
  await goTo(page, 'Interfaces');
  expect(parts).toContain('split_around');
  // The rest comes by itself, while the reader reads.
  await expect.poll(() => parts).toContain('split_token');
});

test('a part that cannot be fetched is a message, and comes when it can', async ({ page, guard }) => {
  await page.route('**/assets/split_*.wasm', (route) => route.abort());
  await signIn(page, '/activity').catch(() => {});
  const refused = page.getByRole('alert').filter({ hasText: 'A part of the app could not be fetched' });
  await expect(refused).toBeVisible();
  await refused.getByRole('button', { name: 'Retry' }).click();
  await expect(refused).toBeVisible();
  await page.unroute('**/assets/split_*.wasm');
  await refused.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible();
  guard.forgive();
});
