// Pictures of every page and dialog, for people to look at: `./dev screenshots`.

import { expect, test } from '../support/fixtures';
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
