// What a person does in Daypass, by roles and accessible names, for journeys that need it on their way.

import { expect, type Locator, type Page } from '@playwright/test';

import type { Daypass } from './daypass.mjs';

/** The administrator of every journey. */
export const INGRID = { name: 'ingrid', password: 'paper lantern under the old bridge' };

/** The link that the server prints while there is no administrator. */
export function setUpLink(daypass: Daypass): string {
  const link = /http:\/\/\S+\/setup\?code=\S+/.exec(daypass.output)?.[0];
  if (!link) throw new Error(`the server printed no set-up link:\n${daypass.output}`);
  return link;
}

/** Fills in the sign-in document that is open. */
export async function typePassword(page: Page, who = INGRID): Promise<void> {
  await page.getByLabel('Name').fill(who.name);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens a page as a signed-in administrator, who has to exist. */
export async function signIn(page: Page, path = '/', who = INGRID): Promise<void> {
  await page.goto(path);
  await typePassword(page, who);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** Goes to a page by the rail. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** The words in which the app says what came of something. */
export async function hears(page: Page, words: string): Promise<void> {
  await expect(page.getByRole('status').filter({ hasText: words })).toBeVisible();
}

/** Makes an interface, from any page. */
export async function makeInterface(page: Page, name: string, isPublic: boolean): Promise<void> {
  await goTo(page, 'Interfaces');
  await page.getByRole('button', { name: 'Add interface' }).click();
  const dialog = page.getByRole('dialog', { name: 'New interface' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('checkbox', { name: 'Public' }).setChecked(isPublic);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await hears(page, `Interface “${name}” made`);
  await expect(page.getByRole('row', { name })).toContainText(isPublic ? 'public' : 'not public');
}

/** Makes a token with rights such as `Press photos: read`, and ends at its page. */
export async function makeToken(page: Page, name: string, rights: string[]): Promise<void> {
  await goTo(page, 'API Access');
  await page.getByRole('button', { name: 'Add token' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  for (const right of rights) await page.getByRole('checkbox', { name: right }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await hears(page, `Token “${name}” made`);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** The document in the strongroom's frame. A person reads it there; the page around it cannot. */
export function strongroom(page: Page, token: string) {
  return page.getByTitle(`The strongroom: the secret of ${token}`).contentFrame();
}

/** The dialog in which a secret is handed over or replaced. */
export function handover(page: Page, token: string): Locator {
  return page.getByRole('dialog', { name: new RegExp(`the secret of “${token}”`) });
}

/** Reads the secret that stands in the frame. */
export async function readSecret(page: Page, token: string): Promise<string> {
  const shown = strongroom(page, token).locator('#secret');
  await expect(shown).toHaveText(/^dp[sp]_[0-9A-Za-z]{38,}$/);
  return (await shown.innerText()).trim();
}

/** Hands a first secret over and closes the dialog. Answers the secret. */
export async function takeSecret(page: Page, token: string): Promise<string> {
  await page.getByRole('button', { name: 'Hand over secret…' }).click();
  await handover(page, token).getByRole('button', { name: 'Show it to me' }).click();
  const secret = await readSecret(page, token);
  await handover(page, token).getByRole('button', { name: 'I have stored it' }).click();
  await hears(page, `Secret of “${token}” handed over`);
  return secret;
}

/** The secrets on a token's page: the present one first. */
export function secrets(page: Page): Locator {
  return page.getByRole('region', { name: 'Secrets' });
}
