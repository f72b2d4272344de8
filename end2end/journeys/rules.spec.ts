// Path rules in the settings: written and put in order with the keyboard, tried, refused beside the field, saved, taken
// back; and `/verify` follows them.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';

import { ask, type Daypass } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { goTo, hears, signIn } from '../support/people';
import { picture } from '../support/pictures';

/** Asks as a proxy does that names the original request and nothing else. */
async function verify(daypass: Daypass, secret: string, method: string, path: string): Promise<string | number> {
  const answer = await ask('GET', `${daypass.url}/verify`, {
    authorization: `Bearer ${secret}`,
    'x-original-uri': path,
    'x-original-method': method,
  });
  return (answer.headers['x-daypass-code'] as string | undefined) ?? answer.status;
}

const rule = (page: Page, number: number): Locator => page.getByRole('group', { name: `Rule ${number}`, exact: true });
const path = (row: Locator): Locator => row.getByLabel('Path, or all below it with /*');
const save = (page: Page): Locator => page.getByRole('button', { name: 'Save', exact: true });

test('path rules: written, tried, ordered, saved, taken back', async ({ page, daypass, administrator, guard }) => {
  for (const name of ['Press photos', 'Open archive']) {
    await administrator.api('POST', '/interfaces', { name, description: '', public: false });
  }
  const grants = [{ interface: 'Press photos', permissions: ['read'] }];
  const { id } = await administrator.api('POST', '/tokens', { name: 'CMS', grants });
  const secret = await administrator.takeSecret(id);
  expect(await verify(daypass, secret, 'GET', '/press/a.webp')).toBe('invalid_request');

  await signIn(page, '/settings/api');
  const rules = page.getByRole('region', { name: 'Path rules' });
  await expect(rules).toContainText('No rules: your proxy names what it asks for');
  await rules.getByRole('button', { name: 'Add rule' }).press('Enter');
  await expect(path(rule(page, 1))).toBeFocused();
  await page.keyboard.type('press');
  await save(page).click();
  // What is wrong stands beside the field, and the summary leads there.
  await expect(rule(page, 1)).toContainText('Write a path, such as /press/rocket.webp');
  await expect(rule(page, 1)).toContainText('Fill this in.');
  await page.getByRole('alert').getByRole('link', { name: /^Rule 1: Write a path/ }).press('Enter');
  await expect(path(rule(page, 1))).toBeFocused();
  await path(rule(page, 1)).fill('/press/*');
  await rule(page, 1).getByLabel('Interface').selectOption('Press photos');
  await rules.getByRole('button', { name: 'Add rule' }).press('Enter');
  await path(rule(page, 2)).fill('/press/*');
  await rule(page, 2).getByRole('checkbox', { name: 'POST' }).check();
  await rule(page, 2).getByLabel('Interface').selectOption('Press photos');
  await rule(page, 2).getByLabel('Permission').selectOption('upload');
  await expect(rules).toContainText('Tokens that this affects: 1');

  const tried = rules.getByRole('textbox', { name: 'Path of a request' });
  await tried.fill('/press/a.webp');
  await expect(rules).toContainText('Rule 1 answers: read on Press photos is needed.');
  await rules.getByRole('combobox', { name: 'Method of a request' }).selectOption('POST');
  await expect(rules).toContainText('Rule 1 answers');
  // The special one has to stand before the general one.
  const up = rule(page, 2).getByRole('button', { name: 'Move rule 2 up' });
  await up.focus();
  await page.keyboard.press('Enter');
  await expect(rule(page, 1).getByRole('button', { name: 'Move rule 1 down' })).toBeFocused();
  await expect(rules).toContainText('Rule 1 answers: upload on Press photos is needed.');
  await tried.fill('/elsewhere');
  await expect(rules).toContainText('No rule matches: nobody may do that.');
  await tried.fill('/press/../elsewhere');
  await expect(rules).toContainText('Servers read such a path in different ways');
  expect((await new AxeBuilder({ page }).include('form').analyze()).violations).toEqual([]);
  await picture(page, 'path-rules');
  await save(page).click();
  await hears(page, 'Settings saved');
  for (const [method, asked, answer] of [
    ['GET', '/press/a.webp', 204],
    ['POST', '/press/a.webp', 'permission_not_granted'],
    ['GET', '/elsewhere', 'interface_not_granted'],
  ] as const) {
    expect(await verify(daypass, secret, method, asked), `${method} ${asked}`).toBe(answer);
  }
  await page.reload();
  await expect(path(rule(page, 2))).toHaveValue('/press/*');
  await expect(rule(page, 1).getByRole('checkbox', { name: 'POST' })).toBeChecked();

  // Removed by keyboard; the focus stays among the rules. Undo brings it back.
  await rule(page, 2).getByRole('button', { name: 'Remove rule 2' }).press('Enter');
  await expect(rule(page, 1).getByRole('button', { name: 'Remove rule 1' })).toBeFocused();
  await save(page).click();
  await hears(page, 'Settings saved');
  expect(await verify(daypass, secret, 'GET', '/press/a.webp')).toBe('interface_not_granted');
  await page.getByRole('button', { name: 'Undo' }).click();
  await hears(page, 'The settings are as they were before');
  await expect(path(rule(page, 2))).toHaveValue('/press/*');
  expect(await verify(daypass, secret, 'GET', '/press/a.webp')).toBe(204);

  // Somebody else was first: both versions in words.
  const there = await administrator.api('GET', '/settings');
  // The question about what it would affect is over before somebody else is first.
  const asked = page.waitForResponse((answer) => answer.url().includes('/preview'));
  await path(rule(page, 2)).fill('/pictures/*');
  await asked;
  const mine = [{ path: '/films/*', methods: ['GET'], interface: 'Open archive', permission: 'read' }];
  await administrator.api('PATCH', '/settings', { version: there.version, path_rules: mine });
  await guard.expecting([{ status: 409, path: '/settings' }], () => save(page).click());
  const compare = page.getByRole('region', { name: 'Somebody else has changed this' });
  await expect(compare.getByRole('row', { name: 'Path rules' })).toContainText('GET /films/* → Open archive: read');
  await expect(compare.getByRole('row', { name: 'Path rules' })).toContainText('/pictures/* → Press photos: read');
  await compare.getByRole('button', { name: 'Save this' }).click();
  await hears(page, 'Settings saved');
  expect(await verify(daypass, secret, 'GET', '/pictures/a.webp')).toBe(204);
  await goTo(page, 'Activity');
  await expect(page.getByRole('listitem').filter({ hasText: 'Path rules:' }).first()).toContainText('/pictures/*');
});
