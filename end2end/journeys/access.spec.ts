// For everybody: axe on every page and dialog in both colour schemes, the main job with the keyboard alone, a phone,
// links into the middle, and a session that ends while somebody types.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';

import type { Administrator } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { goTo, handover, hears, INGRID, readSecret, setUpLink, signIn, strongroom, typePassword } from '../support/people';
import { seed, type Seeded, visitEverything } from '../support/tour';

/** No rule of axe is broken, and in the dark the contrasts are right too. */
async function isAccessible(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The strongroom's frame lets nobody's script in, axe's neither: its documents are looked at by themselves.
    const axe = new AxeBuilder({ page }).exclude('iframe').setLegacyMode();
    if (colorScheme === 'dark') axe.withRules(['color-contrast']);
    const { violations } = await axe.analyze();
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
    expect.soft(found, `${name}, ${colorScheme}`).toEqual([]);
  }
  const frame = page.locator('iframe[name=strongroom]');
  if ((await frame.count()) > 0) {
    const html = await frame.contentFrame().locator(':root').evaluate((root) => root.outerHTML);
    await isFramedDocumentAccessible(page, html, name);
  }
}

/** Looks at a copy of a document that stands in a frame without scripts. */
async function isFramedDocumentAccessible(page: Page, html: string, name: string): Promise<void> {
  const copy = await page.context().newPage();
  const address = new URL('/copy', page.url()).href;
  await copy.route(address, (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html>${html}` }));
  await copy.goto(address);
  await isAccessible(copy, `${name}, in its frame`);
  await copy.close();
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  const before: string[] = [];
  for (let n = 0; n < 60; n += 1) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    before.push(await page.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 30) ?? ''));
  }
  throw new Error(`${wanted} is not reached with Tab: ${before.join(' | ')}`);
}

test('axe finds nothing on any page or dialog, light and dark', async ({ page, daypass, administrator }) => {
  test.slow();
  await visitEverything(page, daypass, await seed(administrator), isAccessible);
});

test('axe finds nothing on the documents before the sign-in', async ({ page, daypass, guard }) => {
  await page.goto(setUpLink(daypass));
  await isAccessible(page, 'set-up');
  await page.getByLabel('Name').fill(INGRID.name);
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByLabel('Password again').fill('shorter');
  await guard.expecting([{ status: 422, path: '/setup' }], () =>
    page.getByRole('button', { name: 'Make administrator' }).click(),
  );
  await expect(page.getByRole('alert')).toBeFocused();
  await isAccessible(page, 'set-up, refused');
});

test.describe('with an administrator', () => {
  let seeded: Seeded;
  const begin = async (administrator: Administrator) => {
    seeded = await seed(administrator);
  };
  test.beforeEach(async ({ administrator }) => begin(administrator));

  test('the main job with the keyboard alone', async ({ page, daypass }) => {
    const press = (key: string) => page.keyboard.press(key);
    await page.goto(`${daypass.url}/`);
    await expect(page.getByLabel('Name')).toBeFocused();
    await page.keyboard.type(INGRID.name);
    await press('Tab');
    await page.keyboard.type(INGRID.password);
    await press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

    // The first stop is the way past the navigation.
    await press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await press('Enter');
    await expect(page.getByRole('main')).toBeFocused();

    await tabTo(page, page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Interfaces' }));
    await press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Interfaces' })).toBeFocused();
    const add = page.getByRole('button', { name: 'Add interface' });
    await tabTo(page, add);
    await press('Enter');
    await expect(page.getByLabel('Name')).toBeFocused();
    // Escape closes, and the focus is back where it was.
    await press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(add).toBeFocused();
    await press('Enter');
    await page.keyboard.type('Audio guides');
    await tabTo(page, page.getByRole('checkbox', { name: 'Public' }));
    await press('Space');
    await press('Enter');
    await hears(page, 'Interface “Audio guides” made');
    await expect(add).toBeFocused();

    await tabTo(page, page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'API Access' }));
    await press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'API Access' })).toBeFocused();
    await tabTo(page, page.getByRole('button', { name: 'Add token' }));
    await press('Enter');
    // A form says where one is with its title, and its first field has the focus.
    await expect(page.getByRole('heading', { level: 1, name: 'New token' })).toBeVisible();
    await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
    await page.keyboard.type('Audio guide');
    await tabTo(page, page.getByRole('checkbox', { name: 'Audio guides: read' }));
    await press('Space');
    await expect(page.getByRole('checkbox', { name: 'Audio guides: read' })).toBeChecked();
    await tabTo(page, page.getByRole('button', { name: 'Save' }));
    await press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Audio guide' })).toBeFocused();

    const dialog = handover(page, 'Audio guide');
    await tabTo(page, page.getByRole('button', { name: 'Hand over secret…' }));
    await press('Enter');
    await expect(dialog).toBeVisible();
    const showIt = dialog.getByRole('button', { name: 'Show it to me' });
    if (!(await showIt.evaluate((element) => element === document.activeElement))) await tabTo(page, showIt);
    await press('Space');
    await readSecret(page, 'Audio guide');
    await press('Escape');
    await expect(dialog).toContainText('Close without storing it?');
    await expect(dialog.getByRole('button', { name: 'Go back to it' })).toBeFocused();
    await press('Enter');
    await expect(dialog.getByRole('button', { name: 'I have stored it' })).toBeFocused();
    await press('Enter');
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'Facts' })).toContainText('Active');
    // The button that opened it has become another one; the page's heading is the next best place.
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

    const deactivate = page.getByRole('button', { name: 'Deactivate…' }).and(page.locator('.btn'));
    await tabTo(page, deactivate);
    await press('Enter');
    await expect(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
    await press('Escape');
    await expect(deactivate).toBeFocused();
    await press('Enter');
    await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }));
    await press('Enter');
    await expect(page.getByText('This token is inactive.')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

    const menu = page.getByRole('button', { name: 'Actions for Audio guide' });
    await tabTo(page, menu);
    await press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Copy id' }).and(page.locator('.menu button')));
    await press('Escape');
    await expect(menu).toBeFocused();
    await press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Delete…' }).and(page.locator('.menu button')));
    await press('Enter');
    await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Delete' }));
    await press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'API Access' })).toBeFocused();
  });

  test('a phone: nothing overflows, and the list of pages is a drawer', async ({ page, daypass }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await visitEverything(page, daypass, seeded, async (at, name) => {
      const width = await at.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(width, `${name} is not wider than the phone`).toBeLessThanOrEqual(390);
    });
    await page.goto('/');
    const pages = page.getByRole('navigation', { name: 'Pages', exact: true });
    await expect(pages).toBeHidden();
    const drawer = page.getByRole('button', { name: 'Open the list of pages' });
    await drawer.click();
    await expect(pages).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(pages).toBeHidden();
    await expect(drawer).toBeFocused();
    await drawer.click();
    await goTo(page, 'API Access');
    await expect(pages).toBeHidden();
  });

  test('links lead into the middle, and to nowhere with a word', async ({ page, guard }) => {
    await signIn(page, `/tokens/${seeded.active}/edit`);
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Gallery website');
    await page.goto('/tokens?q=gallery&status=active&sort=created');
    await expect(page.getByRole('searchbox', { name: 'Search by name or hint' })).toHaveValue('gallery');
    await expect(page.getByRole('row')).toHaveCount(2);
    await page.goto('/activity?page=1');
    await expect(page.getByRole('heading', { level: 1, name: 'Activity' })).toBeVisible();

    await page.goto('/tokens/nothing/here');
    await expect(page.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeVisible();
    await page.goto('/tokens/not-an-id');
    await expect(page.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeVisible();
    await guard.expecting([{ status: 404, path: '/api/admin/v1/tokens/' }], () =>
      page.goto('/tokens/01HZZZZZZZZZZZZZZZZZZZZZZZ'),
    );
    await expect(page.getByRole('alert')).toContainText('It is not there any more.');
    await guard.expecting([{ status: 404, path: '/nowhere' }], () => page.goto('/nowhere'));
    await expect(page.getByRole('heading', { level: 1, name: 'There is nothing here' })).toBeVisible();
    await page.getByRole('link', { name: 'Go to the overview' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  });

  test('a session that ends while somebody types costs nothing', async ({ page, context, guard }) => {
    await signIn(page, '/tokens/new');
    // The form looks for similar names a moment after the last letter: without a session, that would be first to learn of it.
    const looked = page.waitForResponse((answer) => answer.url().includes('/tokens?q='));
    await page.getByLabel('Name', { exact: true }).fill('Intranet search');
    await looked;
    await page.getByRole('checkbox', { name: 'Press photos: read' }).check();
    await context.clearCookies();
    await guard.expecting([{ status: 401, path: '/api/admin/v1/tokens' }], () =>
      page.getByRole('button', { name: 'Save' }).click(),
    );
    const dialog = page.getByRole('dialog', { name: 'You are signed out' });
    await expect(dialog).toContainText('Nothing that you have typed is lost.');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeVisible();
    const [tab] = await Promise.all([
      page.waitForEvent('popup'),
      dialog.getByRole('link', { name: 'Sign in' }).click(),
    ]);
    await typePassword(tab);
    await expect(tab.getByRole('heading', { name: 'You are signed in' })).toBeVisible();
    await tab.close();
    await page.bringToFront();
    // Coming back to the tab is enough; where no such event comes, the button asks.
    const check = dialog.getByRole('button', { name: 'I have signed in' });
    if (await check.isVisible()) await check.click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Intranet search');
    await page.getByRole('button', { name: 'Save' }).click();
    await hears(page, 'Token “Intranet search” made');
    await expect(page.getByRole('region', { name: 'Rights' })).toContainText('Press photos: read');
  });

  test('a form that somebody has typed into is not left by mistake', async ({ page }) => {
    await signIn(page, '/tokens');
    await page.getByRole('button', { name: 'Add token' }).click();
    const name = page.getByLabel('Name', { exact: true });
    await name.fill('Intranet search');
    const asked: string[] = [];
    let leave = false;
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void (leave ? dialog.accept() : dialog.dismiss());
    });
    const rail = page.getByRole('navigation', { name: 'Pages', exact: true });
    await rail.getByRole('link', { name: 'Overview' }).click();
    await expect.poll(() => asked).toEqual(['Leave this page? What you have typed is not saved.']);
    await expect(name).toHaveValue('Intranet search');
    await page.evaluate(() => history.back());
    await expect.poll(() => asked.length).toBe(2);
    await expect(page).toHaveURL(/\/tokens\/new$/);
    await expect(name).toHaveValue('Intranet search');
    leave = true;
    await page.evaluate(() => history.back());
    await expect(page.getByRole('heading', { level: 1, name: 'API Access' })).toBeVisible();
    expect(asked).toHaveLength(3);
    // Nothing is asked where nothing is typed, and not after it was saved.
    await page.evaluate(() => history.forward());
    await expect(name).toHaveValue('');
    await rail.getByRole('link', { name: 'Overview' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
    expect(asked).toHaveLength(3);
  });

  test('the strongroom does not outlive its dialog', async ({ page }) => {
    await signIn(page, '/tokens');
    await page.getByRole('link', { name: 'Old FTP bridge' }).click();
    await page.getByRole('button', { name: 'Hand over secret…' }).click();
    await handover(page, 'Old FTP bridge').getByRole('button', { name: 'Show it to me' }).click();
    await readSecret(page, 'Old FTP bridge');
    await expect(strongroom(page, 'Old FTP bridge').locator('body')).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1, name: 'API Access' })).toBeVisible();
    await expect(page.locator('iframe, dialog')).toHaveCount(0);
    await page.goForward();
    await expect(page.getByRole('region', { name: 'Secrets' })).toContainText('Current secret');
    await expect(page.getByRole('region', { name: 'Secrets' })).not.toContainText('Previous secret');
    await expect(page.locator('iframe, dialog')).toHaveCount(0);
  });
});
