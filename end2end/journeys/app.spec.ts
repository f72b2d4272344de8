// The app opens, under the policy that DESIGN.md fixes.

import { expect, test } from '../support/fixtures';

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; worker-src 'none'; " +
  "frame-ancestors 'none'";

test('the app starts under its real policy', async ({ page }) => {
  const response = await page.goto('/');
  expect(response?.headers()['content-security-policy']).toBe(POLICY);
  expect(response?.headers()['cache-control']).toBe('no-store');
  await expect(page.locator('#starting')).toHaveCount(0);
  await expect(page.getByText('Daypass could not go on')).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('a policy violation would be noticed', async ({ page, guard }) => {
  await page.goto('/');
  await page.evaluate(() => document.body.setAttribute('onclick', 'void 0'));
  await page.evaluate(() => document.body.click());
  await expect(async () => {
    await expect(guard.check()).rejects.toThrow(/Content Security Policy/);
  }).toPass();
  guard.forgive();
});

test('without WebAssembly the page says what to do', async ({ page, guard }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'WebAssembly');
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Daypass could not go on' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Load the page again' })).toBeVisible();
  guard.forgive();
});
