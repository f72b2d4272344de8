// The list of tokens: filters in the address, the menu of a row, selection and acts on many, what breaks, Undo,
// tables out and in. What asks the database is tried on both engines.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';

import { type Administrator, ask, type Daypass } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { hears, signIn } from '../support/people';

const grant = (name: string, ...permissions: string[]) => ({ interface: name, permissions });

/** Ids by name. */
type Made = Record<string, string>;

/** A dozen tokens that differ in all that the list can filter by. */
async function fill(administrator: Administrator): Promise<Made> {
  const made: Made = {};
  for (const name of ['Open archive', 'Press photos', 'Video platform']) {
    await administrator.api('POST', '/interfaces', { name, public: name === 'Open archive' });
  }
  const make = async (name: string, token: object = {}) => {
    made[name] = (await administrator.api('POST', '/tokens', { name, ...token })).id;
  };
  await make('Audio guide', { grants: [grant('Open archive', 'read')], contact: 'guide@museum.example', note: 'In the lobby' });
  await make('Backup robot', { grants: [grant('Press photos', 'read', 'download')] });
  await make('Campaign site', { grants: [grant('Press photos', 'read')] });
  await make('Field photographers', {
    grants: ['Open archive', 'Press photos', 'Video platform'].map((name) => grant(name, 'read', 'upload')),
    write_reason: 'They send pictures from the field.',
  });
  await make('Museum shop', {
    kind: 'public',
    grants: [grant('Open archive', 'read')],
    allowed_origins: ['https://shop.museum.example'],
    rate_limit: { requests: 600, per_seconds: 60 },
    expires_at: '2099-01-01T00:00:00.000Z',
  });
  for (let n = 1; n <= 7; n += 1) await make(`Kiosk ${n}`);
  return made;
}

const rowOf = (page: Page, token: string): Locator => page.getByRole('row').filter({ has: page.getByRole('link', { name: token, exact: true }) });
const names = (page: Page) => page.locator('tbody').getByRole('rowheader').getByRole('link').allInnerTexts();
const box = (page: Page, token: string) => page.getByRole('checkbox', { name: `Select ${token}`, exact: true });
const more = (page: Page, token: string) => page.getByRole('button', { name: `Actions for ${token}`, exact: true });
const menu = (page: Page) => page.locator('.menu:popover-open');
const bar = (page: Page) => page.getByRole('region', { name: 'Selected tokens' });
const facet = (page: Page, label: string) => page.getByRole('search').getByLabel(label, { exact: true });
const main = (page: Page) => page.getByRole('main');

/** The list has what it was asked for. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
}

async function verify(daypass: Daypass, secret: string): Promise<string> {
  const question = `${daypass.url}/verify?interface=Open%20archive&permission=read`;
  const answer = await ask('GET', question, { authorization: `Bearer ${secret}` });
  return String(answer.headers['x-daypass-code'] ?? answer.status);
}

for (const database of ['sqlite', 'postgres'] as const) {
  test.describe(`on ${database}`, () => {
    test.use({ database });
    let made: Made;
    test.beforeEach(async ({ page, administrator }) => {
      made = await fill(administrator);
      await signIn(page, '/tokens');
    });

    test('filters, order and search stand in the address, and Back takes one of them back', async ({ page, administrator }) => {
      await expect(page.getByRole('row')).toHaveCount(13);
      await facet(page, 'Right').selectOption('upload');
      await expect(page).toHaveURL(/\?permission=upload$/);
      await expect.poll(() => names(page)).toEqual(['Field photographers']);
      await facet(page, 'Right').selectOption('');
      await facet(page, 'Interface').selectOption('Press photos');
      await expect.poll(() => names(page)).toEqual(['Backup robot', 'Campaign site', 'Field photographers']);
      await facet(page, 'Right').selectOption('download');
      await expect.poll(() => names(page)).toEqual(['Backup robot']);
      await page.goBack();
      await expect.poll(() => names(page)).toEqual(['Backup robot', 'Campaign site', 'Field photographers']);
      await expect(facet(page, 'Right')).toHaveValue('');

      await page.getByRole('button', { name: 'Reset' }).click();
      await expect(page).toHaveURL(/\/tokens$/);
      await expect(page.getByRole('row')).toHaveCount(13);
      await expect(facet(page, 'Interface')).toHaveValue('');
      await facet(page, 'Kind').selectOption('public');
      await expect.poll(() => names(page)).toEqual(['Museum shop']);
      await facet(page, 'Kind').selectOption('');
      await facet(page, 'Sort').selectOption('-name');
      await expect.poll(async () => (await names(page))[0]).toBe('Museum shop');
      await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
      await expect(page.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending');

      await page.getByRole('searchbox').fill('kiosk');
      await expect(page).toHaveURL(/\?q=kiosk$/);
      await expect(page.getByRole('row')).toHaveCount(8);
      await page.goBack();
      await expect(page.getByRole('searchbox')).toHaveValue('');
      await expect(page.getByRole('row')).toHaveCount(13);

      // An address is all that somebody else needs.
      await administrator.takeSecret(made['Kiosk 3']);
      await page.goto('/tokens?q=KIOSK&status=active&sort=secret_created_at');
      await expect.poll(() => names(page)).toEqual(['Kiosk 3']);
      await expect(page.getByRole('searchbox')).toHaveValue('KIOSK');
      await expect(facet(page, 'Status')).toHaveValue('active');
      await expect(page.getByRole('columnheader', { name: 'Created' })).toHaveAttribute('aria-sort', 'ascending');
    });

    test('what needs attention says why, and can be filtered by the reason', async ({ page, administrator, daypass }) => {
      const secret = await administrator.takeSecret(made['Audio guide']);
      await administrator.takeSecret(made['Field photographers']);
      await ask('GET', `${daypass.url}/verify?interface=Open%20archive&permission=read`, {
        authorization: `Bearer ${secret}`,
        origin: 'https://news.example',
      });
      // Exposures are written within a second.
      await expect(async () => {
        await page.goto('/tokens?attention=any');
        await settled(page);
        expect(await names(page)).toEqual(['Audio guide', 'Field photographers']);
      }).toPass();
      await expect(rowOf(page, 'Audio guide').locator('.state.exposed')).toHaveText('Exposed');
      await expect(rowOf(page, 'Field photographers').locator('.state.due')).toHaveText('Many rights');
      await facet(page, 'Attention').selectOption('exposed');
      await expect.poll(() => names(page)).toEqual(['Audio guide']);
      await facet(page, 'Attention').selectOption('never_used');
      await expect(page.getByRole('heading', { name: 'No token fits' })).toBeVisible();
    });

    test('Update loads in place: filters, selection and place stay', async ({ page, administrator }) => {
      await page.setViewportSize({ width: 1280, height: 420 });
      await facet(page, 'Sort').selectOption('-name');
      await expect(page).toHaveURL(/sort=-name/);
      await settled(page);
      await box(page, 'Kiosk 2').check();
      await box(page, 'Audio guide').scrollIntoViewIfNeeded();
      await box(page, 'Audio guide').focus();
      const scrolled = await page.evaluate(() => scrollY);
      expect(scrolled).toBeGreaterThan(100);
      await administrator.api('POST', '/tokens', { name: 'Zebra cam' });
      await page.getByRole('button', { name: 'Update' }).evaluate((button: HTMLElement) => button.click());
      await hears(page, 'Updated');
      await expect(rowOf(page, 'Zebra cam')).toHaveCount(1);
      await expect(box(page, 'Kiosk 2')).toBeChecked();
      await expect(page).toHaveURL(/sort=-name/);
      await expect(box(page, 'Audio guide')).toBeFocused();
      expect(Math.abs((await page.evaluate(() => scrollY)) - scrolled)).toBeLessThan(120);
    });

    test('what breaks is said before; Undo takes a deactivation back, from another page too', async ({ page, administrator, daypass, guard }) => {
      const secret = await administrator.takeSecret(made['Audio guide']);
      for (let n = 0; n < 3; n += 1) expect(await verify(daypass, secret)).toBe('204');
      await expect
        .poll(async () => (await administrator.api('GET', `/tokens/${made['Audio guide']}/usage`)).allowed)
        .toBe(3);
      await page.getByRole('button', { name: 'Update' }).click();
      await hears(page, 'Updated');
      await more(page, 'Audio guide').click();
      await menu(page).getByRole('button', { name: 'Deactivate…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Deactivate “Audio guide”?' });
      await expect(dialog).toContainText('Requests in the last 30 days: 3');
      await expect(dialog).toContainText('127.0.0.1');
      await dialog.getByRole('button', { name: 'Deactivate' }).click();
      await hears(page, 'temporary tokens stay stopped');
      await expect(rowOf(page, 'Audio guide')).toContainText('Inactive');
      expect(await verify(daypass, secret)).toBe('token_inactive');
      await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name: 'Interfaces' }).click();
      await page.getByRole('button', { name: 'Undo' }).click();
      await hears(page, '“Audio guide” is active again');
      expect(await verify(daypass, secret)).toBe('204');

      // Replaced at once is as good as switched off; with an overlap nothing breaks.
      await page.goto('/tokens');
      await more(page, 'Audio guide').click();
      await menu(page).getByRole('button', { name: 'Replace secret…' }).click();
      const replace = page.getByRole('dialog', { name: /Replace the secret/ });
      await expect(replace.getByText(/Requests in the last 30 days/)).toBeVisible();
      await replace.getByRole('radio', { name: '24 hours' }).check();
      await expect(replace.getByText(/Requests in the last 30 days/)).toBeHidden();
      await page.keyboard.press('Escape');
      await expect(more(page, 'Audio guide')).toBeFocused();

      // Somebody else was first: nothing is done, and nothing is taken back.
      await more(page, 'Audio guide').click();
      await menu(page).getByRole('button', { name: 'Deactivate…' }).click();
      const seen = await administrator.api('GET', `/tokens/${made['Audio guide']}`);
      await administrator.api('PATCH', `/tokens/${made['Audio guide']}`, { version: seen.version, note: 'New' });
      await guard.expecting([{ status: 409, path: '/deactivate' }], () =>
        dialog.getByRole('button', { name: 'Deactivate' }).click(),
      );
      await expect(dialog.getByRole('alert')).toContainText('Somebody else has changed this token');
      expect(await verify(daypass, secret)).toBe('204');
      await dialog.getByRole('button', { name: 'Deactivate' }).click();
      await hears(page, 'temporary tokens stay stopped');
      const now = await administrator.api('GET', `/tokens/${made['Audio guide']}`);
      await administrator.api('PATCH', `/tokens/${made['Audio guide']}`, { version: now.version, note: 'Newer' });
      await guard.expecting([{ status: 409, path: '/activate' }], () => page.getByRole('button', { name: 'Undo' }).click());
      await hears(page, 'could not be taken back');
      expect(await verify(daypass, secret)).toBe('token_inactive');
    });

    test('an act on many shows what it will do to each, and does exactly that', async ({ page, administrator, daypass }) => {
      const secret = await administrator.takeSecret(made['Audio guide']);
      expect(await verify(daypass, secret)).toBe('204');
      await administrator.takeSecret(made['Backup robot']);
      await administrator.takeSecret(made['Campaign site']);
      await administrator.api('POST', `/tokens/${made['Campaign site']}/deactivate`);
      await page.goto('/tokens');
      for (const token of ['Audio guide', 'Backup robot', 'Campaign site']) await box(page, token).check();
      await expect(bar(page)).toContainText('3 selected');

      await bar(page).getByRole('button', { name: 'Delete…' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toContainText('1 will change · 2 cannot be done');
      await expect(dialog.getByRole('listitem').filter({ hasText: 'Audio guide' }).first()).toContainText('It is not inactive.');
      await expect(dialog.getByRole('button', { name: 'Do it' })).toHaveAttribute('aria-disabled', 'true');
      await page.keyboard.press('Escape');
      await expect(bar(page).getByRole('button', { name: 'Delete…' })).toBeFocused();

      await bar(page).getByRole('button', { name: 'Deactivate…' }).click();
      await expect(dialog).toContainText('2 will change · 1 unchanged');
      await dialog.getByRole('button', { name: 'Do it (2)' }).click();
      await hears(page, 'Tokens deactivated: 2');
      await expect(dialog).toHaveCount(0);
      await expect(bar(page)).toBeHidden();
      expect(await verify(daypass, secret)).toBe('token_inactive');
      await page.getByRole('button', { name: 'Undo' }).click();
      await hears(page, 'They are active again');
      await expect(rowOf(page, 'Audio guide')).toContainText('Active');
      await expect(rowOf(page, 'Campaign site')).toContainText('Inactive');
      expect(await verify(daypass, secret)).toBe('204');

      // Something has changed since the list was loaded, and again since the preview.
      await box(page, 'Audio guide').check();
      await box(page, 'Kiosk 1').check();
      const rename = async (version: number, note: string) =>
        (await administrator.api('PATCH', `/tokens/${made['Kiosk 1']}`, { version, note })).version;
      const version = await rename((await administrator.api('GET', `/tokens/${made['Kiosk 1']}`)).version, 'One');
      await bar(page).getByRole('button', { name: 'Change expiry…' }).click();
      await expect(dialog).toContainText('as soon as everything is filled in');
      await dialog.getByLabel('They expire').fill('2098-05-06T12:00');
      await expect(dialog.getByRole('alert')).toContainText('Somebody else has changed some of these tokens');
      await expect(dialog).toContainText('2 will change');
      await rename(version, 'Two');
      await dialog.getByRole('button', { name: 'Do it (2)' }).click();
      await expect(dialog.getByRole('alert')).toContainText('Somebody else has changed some of these tokens');
      expect((await administrator.api('GET', `/tokens/${made['Audio guide']}`)).expires_at).toBeNull();
      await expect(dialog).toContainText('2 will change');
      await dialog.getByRole('button', { name: 'Do it (2)' }).click();
      await hears(page, 'Done. Tokens changed: 2');
      for (const token of ['Audio guide', 'Kiosk 1']) {
        expect((await administrator.api('GET', `/tokens/${made[token]}`)).expires_at).toMatch(/^2098-05-06T10:00/);
      }

      // Who may write says why.
      await page.getByRole('searchbox').fill('kiosk');
      await expect(page.getByRole('row')).toHaveCount(8);
      await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
      await bar(page).getByRole('button', { name: 'Add interface…' }).click();
      await dialog.getByLabel('Interface').selectOption('Video platform');
      await dialog.getByRole('checkbox', { name: 'upload' }).check();
      await expect(dialog).toContainText('as soon as everything is filled in');
      await dialog.getByLabel('Why may they write?').fill('They send clips.');
      await expect(dialog).toContainText('7 will change');
      await dialog.getByRole('button', { name: 'Do it (7)' }).click();
      await hears(page, 'Done. Tokens changed: 7');
      await expect(rowOf(page, 'Kiosk 5')).toContainText('Video platform: upload');
      expect((await administrator.api('GET', `/tokens/${made['Kiosk 5']}`)).write_reason).toBe('They send clips.');

      await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
      await bar(page).getByRole('button', { name: 'Remove interface…' }).click();
      await dialog.getByLabel('Interface').selectOption('Video platform');
      await dialog.getByRole('button', { name: 'Do it (7)' }).click();
      await hears(page, 'Done. Tokens changed: 7');
      await expect(rowOf(page, 'Kiosk 5')).toContainText('No rights');

      // Deleting: what is refused can be left out.
      for (const token of ['Kiosk 6', 'Kiosk 7']) await administrator.api('POST', `/tokens/${made[token]}/deactivate`);
      await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
      await bar(page).getByRole('button', { name: 'Delete…' }).click();
      await expect(dialog).toContainText('2 will change · 5 cannot be done');
      await dialog.getByRole('button', { name: 'Leave these out' }).click();
      await dialog.getByRole('button', { name: 'Do it (2)' }).click();
      await hears(page, 'Done. Tokens changed: 2');
      await expect(page.getByRole('row')).toHaveCount(6);
    });

    test('a list goes out as a table and comes in again', async ({ page, administrator, daypass }) => {
      const secret = await administrator.takeSecret(made['Audio guide']);
      await facet(page, 'Interface').selectOption('Press photos');
      await expect.poll(() => names(page)).toHaveLength(3);
      await page.getByRole('button', { name: 'Export and import' }).click();
      const [csv] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Export as CSV' }).click(),
      ]);
      const text = await readFile(await csv.path(), 'utf8');
      expect(csv.suggestedFilename()).toMatch(/\.csv$/);
      expect(text).toContain('Backup robot');
      expect(text).not.toContain('Audio guide');
      expect(text).not.toContain(secret);
      const [json] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Export as JSON' }).click(),
      ]);
      expect(JSON.parse(await readFile(await json.path(), 'utf8'))).toBeTruthy();
      await page.getByRole('link', { name: 'Import from CSV…' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Import tokens' })).toBeVisible();
      await expect(main(page)).toContainText('A table never holds a secret.');

      const [template] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download a template' }).click(),
      ]);
      const columns = (await readFile(await template.path(), 'utf8')).split('\n')[0];
      const choose = (rows: string[], file = 'tokens.csv') =>
        page.getByLabel('Choose a CSV file…').setInputFiles({
          name: file,
          mimeType: 'text/csv',
          buffer: Buffer.from([columns, ...rows].join('\n')),
        });
      const key = 'K9w-existing-key-of-a-program-3141592653';
      const digest = await page.evaluate(async (text) => {
        const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
        return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      }, key);
      const fine = `Imported robot,secret,Open archive:read,,,,,,A note,robot@example.org,,${digest}`;
      await choose([fine, 'Audio guide,secret,,,,,,,,,,', 'Broken,secret,Nowhere:read,,,not an origin,,,,,,']);
      await expect(page.getByRole('heading', { name: '2 of 3 rows are wrong' })).toBeVisible();
      await expect(page.getByRole('row', { name: /Audio guide/ })).toContainText('This name is taken');
      await expect(page.getByRole('row', { name: /Broken/ })).toContainText('allowed_origins');
      await expect(page.getByRole('button', { name: /^Make/ })).toHaveCount(0);
      await choose([fine, 'Imported shop,secret,,300,,,,,,,,']);
      await expect(page.getByRole('heading', { name: '2 tokens will be made' })).toBeVisible();
      await expect(page.getByRole('row', { name: /Imported robot/ })).toContainText('by digest, works at once');
      await page.getByRole('button', { name: 'Make 2 tokens' }).click();
      await hears(page, '2 tokens made');
      await expect.poll(async () => (await names(page)).slice(0, 2).sort()).toEqual(['Imported robot', 'Imported shop']);
      expect(await verify(daypass, key)).toBe('204');
    });
  });
}

test.describe('by hand', () => {
  let made: Made;
  test.beforeEach(async ({ page, administrator }) => {
    made = await fill(administrator);
    await administrator.takeSecret(made['Audio guide']);
    await signIn(page, '/tokens');
    await expect(page.getByRole('row')).toHaveCount(13);
  });

  test('the menu of a row opens by every way there is', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    // By its button, and closes by it.
    await more(page, 'Audio guide').click();
    await expect(menu(page)).toContainText('guide@museum.example');
    await expect(menu(page)).toContainText('In the lobby');
    await expect(more(page, 'Audio guide')).toHaveAttribute('aria-expanded', 'true');
    await more(page, 'Audio guide').click();
    await expect(menu(page)).toHaveCount(0);
    // From one row to the other.
    await more(page, 'Audio guide').click();
    await more(page, 'Backup robot').click();
    await expect(menu(page)).toContainText('Backup robot');
    await page.keyboard.press('Escape');
    await expect(more(page, 'Backup robot')).toBeFocused();

    // By the right button, where the pointer is.
    const cell = rowOf(page, 'Audio guide').getByRole('cell').nth(1);
    const place = (await cell.boundingBox())!;
    await cell.click({ button: 'right', position: { x: 20, y: 10 } });
    await expect(menu(page)).toBeVisible();
    await expect.poll(async () => (await menu(page).boundingBox())!.x).toBeCloseTo(place.x + 20, -1);
    await page.keyboard.press('Escape');
    await expect(menu(page)).toHaveCount(0);

    // By the menu key, and Shift+F10, from wherever in the row the focus is.
    await rowOf(page, 'Audio guide').getByRole('link', { name: 'Audio guide' }).focus();
    await page.keyboard.press('ContextMenu');
    await expect(menu(page).getByRole('link', { name: 'Open' })).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(menu(page).getByRole('button', { name: 'Edit' })).toBeFocused();
    await page.keyboard.press('End');
    // What cannot be done yet says why.
    await expect(menu(page).getByRole('button', { name: /Delete….*deactivate first/ })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(more(page, 'Audio guide')).toBeFocused();
    await page.keyboard.press('Shift+F10');
    await expect(menu(page).getByRole('link', { name: 'Open' })).toBeFocused();
    for (let n = 0; n < 4; n += 1) await page.keyboard.press('ArrowDown');
    await expect(menu(page).getByRole('button', { name: 'Copy id' })).toBeFocused();
    await page.keyboard.press('Enter');
    await hears(page, 'Id copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(made['Audio guide']);
    await expect(more(page, 'Audio guide')).toBeFocused();

    await page.keyboard.press('Shift+F10');
    await menu(page).getByRole('button', { name: 'Edit' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Edit “Audio guide”' })).toBeVisible();
  });

  test('rows are selected by pointer and by keys, over pages and filters', async ({ page }) => {
    await box(page, 'Kiosk 2').click();
    await box(page, 'Kiosk 6').click({ modifiers: ['Shift'] });
    await expect(bar(page)).toContainText('5 selected');
    await expect(page.getByRole('checkbox', { name: 'Select all on this page' })).toHaveJSProperty('indeterminate', true);
    await facet(page, 'Kind').selectOption('public');
    await expect(bar(page)).toContainText('5 selected, 5 of them not on this page');
    await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
    await expect(bar(page)).toContainText('6 selected, 5 of them not on this page');
    await page.goBack();
    await expect(box(page, 'Kiosk 4')).toBeChecked();
    await expect(box(page, 'Museum shop')).toBeChecked();
    await bar(page).getByRole('button', { name: 'Clear selection' }).click();
    await expect(bar(page)).toBeHidden();
    await expect(box(page, 'Kiosk 4')).not.toBeChecked();

    await box(page, 'Audio guide').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await expect(bar(page)).toContainText('3 selected');
    await expect(box(page, 'Campaign site')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(box(page, 'Field photographers')).toBeFocused();
    // The way from the row to the bar is one item of its menu.
    await page.keyboard.press('Shift+F10');
    await expect(menu(page).getByRole('link', { name: 'Open' })).toBeFocused();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect(bar(page).getByRole('button', { name: 'Deactivate…' })).toBeFocused();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(dialog.getByRole('button', { name: 'Do it (3)' })).toBeFocused();
    await page.keyboard.press('Enter');
    await hears(page, 'Tokens deactivated: 3');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    // Undo is one step back from there, and one key from everywhere.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
    await page.keyboard.press('Control+z');
    await hears(page, 'They are active again');
  });

  test('axe finds nothing on what the list opens, light and dark', async ({ page }) => {
    test.slow();
    const look = async (what: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
        expect.soft(found, `${what}, ${colorScheme}`).toEqual([]);
      }
    };
    await box(page, 'Audio guide').check();
    await box(page, 'Kiosk 1').check();
    await look('selection');
    await more(page, 'Audio guide').click();
    await look('menu');
    await page.keyboard.press('Escape');
    const dialog = page.getByRole('dialog');
    for (const act of ['Deactivate…', 'Activate…', 'Change expiry…', 'Add interface…', 'Remove interface…', 'Delete…']) {
      await bar(page).getByRole('button', { name: act, exact: true }).click();
      await expect(dialog.getByText(/will change|cannot be done|unchanged|filled in/).first()).toBeVisible();
      await look(act);
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);
    }
    await bar(page).getByRole('button', { name: 'Deactivate…', exact: true }).click();
    await dialog.getByRole('button', { name: 'Do it (2)' }).click();
    await hears(page, 'Tokens deactivated: 2');
    await look('undo');
    await page.goto('/tokens/import');
    await page.getByLabel('Choose a CSV file…').setInputFiles({
      name: 'tokens.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('name,grants\nGood one,\nAudio guide,\nBad one,Nowhere:fly'),
    });
    await expect(page.getByRole('heading', { name: /rows are wrong/ })).toBeVisible();
    await look('import');
  });

  test('a narrow phone: cards, menu, selection and dialogs fit', async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    const fits = async (what: string) =>
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth), what).toBeLessThanOrEqual(360);
    await fits('list');
    await box(page, 'Audio guide').check();
    await fits('selection');
    const target = (await box(page, 'Audio guide').locator('..').boundingBox())!;
    expect(Math.min(target.width, target.height)).toBeGreaterThanOrEqual(40);
    await more(page, 'Audio guide').click();
    const shown = (await menu(page).boundingBox())!;
    expect(shown.x).toBeGreaterThanOrEqual(0);
    expect(shown.x + shown.width).toBeLessThanOrEqual(360);
    await page.keyboard.press('Escape');
    await bar(page).getByRole('button', { name: 'Add interface…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await fits('dialog');
    await page.keyboard.press('Escape');
    await page.goto('/tokens/import');
    await fits('import');
  });
});
