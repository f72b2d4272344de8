// Pictures of every page and dialog, for people to look at: `./dev screenshots`.

import { expect, test } from '../support/fixtures';
import { Daypass } from '../support/daypass.mjs';
import { setUpLink } from '../support/people';
import { picture } from '../support/pictures';
import { seed, visitEverything } from '../support/tour';

test('the set-up and a fresh app', async ({ page, daypass, guard }) => {
  test.setTimeout(180_000);
  await page.goto(setUpLink(daypass));
  await picture(page, 'set-up');
  await page.getByLabel('Name').fill('ingrid');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByLabel('Password again').fill('shorter');
  await page.getByRole('button', { name: 'Make administrator' }).click();
  await picture(page, 'set-up-refused');
  await page.getByLabel('Password', { exact: true }).fill('paper lantern under the old bridge');
  await page.getByLabel('Password again').fill('paper lantern under the old bridge');
  await page.getByRole('button', { name: 'Make administrator' }).click();
  for (const [path, name] of [
    ['/', 'overview-fresh'],
    ['/tokens', 'tokens-empty'],
    ['/interfaces', 'interfaces-empty'],
    ['/tokens/new', 'token-new-no-interface'],
  ]) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
    await picture(page, name);
  }
  guard.forgive();
});

test('every page and dialog', async ({ page, daypass, administrator, guard }) => {
  test.setTimeout(600_000);
  await visitEverything(page, daypass, await seed(administrator), picture);
  guard.forgive();
});

test('the gallery', async ({ page, administrator, openGallery, guard }) => {
  test.setTimeout(180_000);
  const { active } = await seed(administrator);
  const gallery = await openGallery(await administrator.takeSecret(active));
  await page.goto(gallery.url);
  await expect(page.locator('[data-state=shown]')).toHaveCount(8);
  await picture(page, 'gallery');
  await administrator.api('POST', `/tokens/${active}/deactivate`);
  await page.getByRole('button', { name: 'Load the pictures again' }).click();
  await expect(page.locator('.frame[data-state=refused]')).toHaveCount(8);
  await picture(page, 'gallery-stopped');
  guard.forgive();
});

test('the demonstration, in every language', async ({ browser, guard }) => {
  test.setTimeout(900_000);
  const daypass = await Daypass.start({}, ['--demo']);
  const welcome = /sign in as (.+) with the password (\S+)/.exec(daypass.output);
  if (!welcome) throw new Error(`the demonstration names nobody:\n${daypass.output}`);
  for (const [locale, tag] of [
    ['en-GB', 'en'],
    ['de-DE', 'de'],
    ['nb-NO', 'nb'],
  ]) {
    const context = await browser.newContext({ locale, baseURL: daypass.url, viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto('/');
    await picture(page, `demo-${tag}-sign-in`);
    await page.locator('input[name=name]').fill(welcome[1]);
    await page.locator('input[name=password]').fill(welcome[2]);
    await page.locator('form button').click();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.goto('/tokens?sort=-last_used_at');
    const token = await page.locator('[data-token-id]').first().getAttribute('data-token-id');
    for (const [path, name] of [
      ['/', 'overview'],
      ['/tokens', 'tokens'],
      [`/tokens/${token}`, 'token'],
      [`/tokens/${token}/edit`, 'token-edit'],
      ['/tokens/new', 'token-new'],
      ['/interfaces', 'interfaces'],
      ['/settings/api', 'settings'],
      ['/activity', 'activity'],
    ]) {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
      await picture(page, `demo-${tag}-${name}`);
    }
    await context.close();
  }
  await daypass.remove();
  guard.forgive();
});
