// Three languages: the browser's at first, then the administrator's own choice, everywhere and for good.

import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';

import { expect, test } from '../support/fixtures';
import { INGRID, signIn } from '../support/people';
import { seed, type Seeded } from '../support/tour';

type Texts = { [key: string]: string | Texts };

/** The texts of a language by their keys. */
async function texts(tag: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = (some: Texts, path: string[]) => {
    for (const [name, text] of Object.entries(some)) {
      if (typeof text === 'string') found.set([...path, name].join('.'), text);
      else walk(text, [...path, name]);
    }
  };
  walk(JSON.parse(await readFile(`${import.meta.dirname}/../../app/locales/${tag}.json`, 'utf8')), []);
  return found;
}

/** Chooses a language in your menu, by its own name. */
async function choose(page: Page, name: string): Promise<void> {
  await page.locator('.me-btn').click();
  await page.locator('.menu').getByRole('button', { name, exact: true }).click();
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });

/** Signs in whatever language the document is in. */
async function signInAnyhow(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('input[name=name]').fill(INGRID.name);
  await page.locator('input[name=password]').fill(INGRID.password);
  await page.locator('form button').click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

test.describe('a browser in English', () => {
  test('the choice is kept for the administrator, in every browser', async ({ page, administrator, browser, daypass }) => {
    expect(administrator).toBeDefined();
    await signIn(page, '/tokens');
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    await choose(page, 'Norsk bokmål');
    await expect(heading(page, 'API-tilgang')).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'nb');
    await expect(page).toHaveTitle('API-tilgang · Daypass');
    await page.reload();
    await expect(heading(page, 'API-tilgang')).toBeVisible();
    await page.locator('.me-btn').click();
    await expect(page.locator('.menu [aria-current=true]')).toHaveText('Norsk bokmål');
    await page.keyboard.press('Escape');

    const other: BrowserContext = await browser.newContext({ locale: 'en-GB', baseURL: daypass.url });
    const elsewhere = await other.newPage();
    await signInAnyhow(elsewhere, '/tokens');
    await expect(heading(elsewhere, 'API-tilgang')).toBeVisible();
    await other.close();

    await choose(page, 'Som nettleseren');
    await expect(heading(page, 'API Access')).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  });

  test('nothing typed is lost without a question', async ({ page, administrator }) => {
    expect(administrator).toBeDefined();
    await signIn(page, '/tokens/new');
    const name = page.getByLabel('Name', { exact: true });
    await name.fill('Newsroom search');
    await choose(page, 'Deutsch');
    const question = page.getByRole('dialog', { name: 'Change the language now?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await expect(question).toHaveCount(0);
    await expect(name).toHaveValue('Newsroom search');
    await choose(page, 'Deutsch');
    await question.getByRole('button', { name: 'Change it' }).click();
    await expect(heading(page, 'Neues Token')).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  });
});

for (const [locale, tag, overview] of [
  ['nb-NO', 'nb', 'Oversikt'],
  ['de-AT', 'de', 'Übersicht'],
]) {
  test.describe(`a browser in ${locale}`, () => {
    test.use({ locale });

    test('downloads one language and shows no other', async ({ page, administrator }) => {
      test.setTimeout(120_000);
      const seeded: Seeded = await seed(administrator);
      const loaded = new Set<string>();
      page.on('request', (request) => {
        const name = /\/assets\/(texts-[a-z]+)-/.exec(request.url())?.[1];
        if (name) loaded.add(name);
      });
      await signInAnyhow(page, '/');
      await expect(heading(page, overview)).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', tag);

      const own = await texts(tag);
      const english = [...(await texts('en'))].filter(
        // Sentences; a word can be the same in two languages, and a hole is filled differently each time.
        ([key, text]) => text.split(' ').length > 2 && !text.includes('{') && own.get(key) !== text,
      );
      const paths = [
        '/',
        '/tokens',
        '/tokens?q=nothing+like+this',
        '/tokens/new',
        `/tokens/${seeded.active}`,
        `/tokens/${seeded.exposed}`,
        `/tokens/${seeded.exposed}/edit`,
        `/tokens/${seeded.inactive}`,
        `/tokens/${seeded.waiting}`,
        '/interfaces',
        '/activity',
        '/tokens/nothing/here',
      ];
      for (const path of paths) {
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
        const shown = await page.locator('body').innerText();
        const left = english.filter(([, text]) => shown.includes(text));
        expect(left, `English on ${path}`).toEqual([]);
      }
      expect([...loaded]).toEqual([`texts-${tag}`]);

      // Refused fields speak it too.
      await page.goto('/tokens/new');
      await page.locator('main form button[type=submit]').click();
      await expect(page.getByText(own.get('fields.required') ?? '', { exact: true }).first()).toBeVisible();
    });
  });
}
