// The app opens, under the policy that DESIGN.md fixes, for those who are signed in.

import { expect, test } from '../support/fixtures';
import { signIn } from '../support/people';

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; worker-src 'none'; " +
  "frame-ancestors 'none'";

test('without an administrator every page of the app leads to the set-up', async ({ page }) => {
  await page.goto('/tokens');
  // The server first asks for somebody to sign in, and there is nobody.
  await expect(page).toHaveURL(/\/setup$/);
  await expect(page.getByRole('heading', { name: 'Make the first administrator' })).toBeVisible();
});

test('without a session every page of the app leads to the sign-in, and on from there', async ({
  page,
  administrator,
}) => {
  expect(administrator).toBeDefined();
  await signIn(page, '/tokens?status=active');
  await expect(page).toHaveURL(/\/tokens\?status=active$/);
  await expect(page.getByRole('heading', { level: 1, name: 'API Access' })).toBeVisible();
});

test.describe('signed in', () => {
  test.beforeEach(async ({ page, administrator }) => {
    expect(administrator).toBeDefined();
    await signIn(page);
  });

  test('the app starts under its real policy', async ({ page }) => {
    const response = await page.goto('/');
    expect(response?.headers()['content-security-policy']).toBe(POLICY);
    expect(response?.headers()['cache-control']).toBe('no-store');
    await expect(page.locator('#starting')).toHaveCount(0);
    await expect(page.getByText('Daypass could not go on')).toBeHidden();
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  });

  test('a policy violation would be noticed', async ({ page, guard }) => {
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
});
