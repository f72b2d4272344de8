// Temporary tokens end before their time: all of a token, those of one subject, a single one by its id, and all there
// are by a new signing key.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';

import { type Administrator, ask, type Daypass } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { goTo, hears, signIn } from '../support/people';
import { picture } from '../support/pictures';

/** Makes a token that may read; answers its id and its secret. */
async function makeReader(administrator: Administrator, name: string): Promise<{ id: string; secret: string }> {
  await administrator.api('POST', '/interfaces', { name: 'Press photos', description: '', public: false });
  const grants = [{ interface: 'Press photos', permissions: ['read'] }];
  const { id } = await administrator.api('POST', '/tokens', { name, grants });
  return { id, secret: await administrator.takeSecret(id) };
}

/** Asks for a temporary token as an integrator's server does. */
async function mint(daypass: Daypass, secret: string, body: object = {}): Promise<string> {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const answer = await ask('POST', `${daypass.url}/api/GetTemporaryToken`, headers, JSON.stringify(body));
  return JSON.parse(answer.body).token;
}

/** A part of a temporary token, as a developer reads it: 0 is the head, 1 what it says. */
function part(token: string, at: 0 | 1): Record<string, string> {
  return JSON.parse(Buffer.from(token.split('.')[at], 'base64url').toString());
}

/** Asks as the proxy of a protected API does. */
async function verify(daypass: Daypass, token: string): Promise<string | number> {
  const question = `${daypass.url}/verify?interface=Press%20photos&permission=read`;
  const answer = await ask('GET', question, { authorization: `Bearer ${token}` });
  return (answer.headers['x-daypass-code'] as string | undefined) ?? answer.status;
}

/** Axe finds nothing on the page as it is, light and dark; and a picture of it. */
async function looksRight(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    expect.soft(found, `${what}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await picture(page, what);
}

const entry = (page: Page, words: string): Locator => page.getByRole('listitem').filter({ hasText: words }).first();

test('temporary tokens are stopped: of a subject, a single one, all', async ({ page, daypass, administrator, guard }) => {
  const { id, secret } = await makeReader(administrator, 'CMS');
  const kari = await mint(daypass, secret, { subject: 'kari' });
  const ola = await mint(daypass, secret, { subject: 'ola' });
  const nobody = await mint(daypass, secret);
  await signIn(page, `/tokens/${id}`);
  const dialog = page.getByRole('dialog', { name: 'Stop the temporary tokens of “CMS”?' });
  const open = async () => {
    await page.getByRole('button', { name: 'Actions for CMS' }).click();
    await page.locator('.menu').getByRole('button', { name: 'Stop temporary tokens…' }).click();
    await expect(dialog).toBeVisible();
  };
  const all = dialog.getByRole('radio', { name: 'All of them' });
  const ofSubject = dialog.getByRole('radio', { name: 'Those of one subject' });
  const single = dialog.getByRole('radio', { name: 'A single one' });
  const subject = dialog.getByRole('textbox', { name: 'Subject' });
  const jti = dialog.getByRole('textbox', { name: 'Its id (jti)' });
  const stop = dialog.getByRole('button', { name: 'Stop them' });

  await test.step('the dialog offers three, and asks for no more than it needs', async () => {
    await open();
    await expect(all).toBeChecked();
    await expect(all).toBeFocused();
    await expect(dialog.getByRole('textbox')).toHaveCount(0);
    await expect(dialog).toContainText('Every temporary token made from it so far is refused');
    await looksRight(page, 'stop-all');
    await page.keyboard.press('ArrowDown');
    await expect(ofSubject).toBeFocused();
    await expect(dialog).toContainText('Those of other subjects, and those without one, go on working.');
    await page.keyboard.press('Tab');
    await expect(subject).toBeFocused();
    await expect(subject).toHaveAccessibleDescription(/Exactly as your server writes it/);
  });

  await test.step('what is wrong stands at the field', async () => {
    await stop.click();
    await expect(subject).toBeFocused();
    await expect(subject).toHaveAccessibleDescription(/Fill this in\./);
    await looksRight(page, 'stop-subject-refused');
    await single.check();
    await expect(jti).toHaveAccessibleDescription(/in the part between its two dots/);
    await jti.fill('01arz3ndektsv4rrffq69g5fav');
    await dialog.getByRole('button', { name: 'Stop it' }).click();
    await expect(jti).toBeFocused();
    await expect(jti).toHaveAccessibleDescription(/An id has 26 characters/);
    await looksRight(page, 'stop-single-refused');
    expect(await verify(daypass, kari)).toBe(204);
  });

  await test.step('what the server refuses stands there too', async () => {
    const refusal = { field: 'subject', code: 'contains_token', detail: '' };
    const problem = { type: '', title: '', status: 422, detail: '', code: 'invalid_request', errors: [refusal] };
    await page.route('**/stop-temporary', (route) =>
      route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    );
    await ofSubject.check();
    await subject.fill('kari');
    await guard.expecting([{ status: 422, path: '/stop-temporary' }], () => stop.click());
    await expect(subject).toHaveAccessibleDescription(/something that looks like a permanent token/);
    await page.unroute('**/stop-temporary');
  });

  await test.step('of one subject', async () => {
    await stop.click();
    await hears(page, 'The temporary tokens of “CMS” for “kari” are stopped');
    await expect(dialog).toHaveCount(0);
    expect(await verify(daypass, kari)).toBe('temporary_token_stopped');
    expect(await verify(daypass, ola)).toBe(204);
    expect(await verify(daypass, nobody)).toBe(204);
  });

  await test.step('a single one, with the keyboard alone', async () => {
    await open();
    await page.keyboard.press('ArrowUp');
    await expect(single).toBeFocused();
    await page.keyboard.press('Tab');
    // Pasted, it has a space at its end.
    await page.keyboard.insertText(`${part(ola, 1).jti} `);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await hears(page, `A temporary token of “CMS” with the id ${part(ola, 1).jti} is refused from now on`);
    expect(await verify(daypass, ola)).toBe('temporary_token_stopped');
    expect(await verify(daypass, nobody)).toBe(204);
  });

  await test.step('all', async () => {
    await open();
    await stop.click();
    await hears(page, 'All temporary tokens of “CMS” are stopped');
    expect(await verify(daypass, nobody)).toBe('temporary_token_stopped');
    expect(await verify(daypass, await mint(daypass, secret, { subject: 'kari' }))).toBe(204);
  });

  await test.step('the activity list tells them apart', async () => {
    await goTo(page, 'Activity');
    await expect(entry(page, 'stopped all temporary tokens of “CMS”')).toBeVisible();
    await expect(entry(page, 'stopped the temporary tokens of “CMS” for one subject')).toContainText('Subject: kari');
    await expect(entry(page, 'stopped one temporary token of “CMS”')).toContainText(part(ola, 1).jti);
    await picture(page, 'stop-activity');
  });
});

test('signing keys: listed, rotated with an overlap, rotated at once', async ({ page, daypass, administrator, guard }) => {
  const { secret } = await makeReader(administrator, 'CMS');
  const before = await mint(daypass, secret);
  await signIn(page, '/settings/api');
  const card = page.getByRole('region', { name: 'Signing keys' });
  const row = (kid: string) => card.getByRole('row', { name: kid });
  const old = part(before, 0).kid;
  const rotate = card.getByRole('button', { name: 'Rotate…' });
  const atOnce = card.getByRole('button', { name: 'Rotate at once…' });

  await expect(card.getByRole('row')).toHaveCount(2);
  await expect(row(old)).toContainText('Signs');
  await expect(row(old)).toContainText('while it signs');
  await card.scrollIntoViewIfNeeded();

  await test.step('the question says when, and that nothing breaks', async () => {
    await rotate.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Rotate the signing key?' });
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await expect(dialog).toContainText('It signs in ten minutes');
    await expect(dialog).toContainText('Nothing breaks.');
    await looksRight(page, 'keys-rotate');
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
    await hears(page, 'The new key begins to sign on');
    await expect(dialog).toHaveCount(0);
    await expect(rotate).toBeFocused();
  });

  await test.step('the new key waits, and is seen to', async () => {
    await expect(card.getByRole('row')).toHaveCount(3);
    await expect(row(old)).toContainText('Signs');
    await expect(card.getByRole('row').nth(1)).toContainText('Signs soon');
    await expect(card).toContainText('It begins to sign on');
    await looksRight(page, 'keys-waiting');
    expect(part(await mint(daypass, secret), 0).kid).toBe(old);
    expect(await verify(daypass, before)).toBe(204);
    // There is one at a time, and the button says so to whoever presses it.
    await rotate.press('Enter');
    await hears(page, 'A new key waits for its moment already.');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  await test.step('at once has to be confirmed in words', async () => {
    await atOnce.click();
    const dialog = page.getByRole('dialog', { name: 'Rotate the signing key at once?' });
    const act = dialog.getByRole('button', { name: 'Rotate at once' });
    const words = dialog.getByRole('textbox', { name: 'To confirm, type: end all' });
    await expect(dialog).toContainText('Every temporary token in use ends now');
    await looksRight(page, 'keys-at-once');
    await act.click();
    await expect(words).toBeFocused();
    await expect(words).toHaveAccessibleDescription(/The words do not match/);
    await looksRight(page, 'keys-at-once-refused');
    expect(await verify(daypass, before)).toBe(204);
    await words.fill('End all ');
    await act.click();
    await hears(page, 'The new key signs now. Every temporary token of before is refused.');
    await expect(card.getByRole('row')).toHaveCount(2);
    await expect(row(old)).toHaveCount(0);
    expect(await verify(daypass, before)).toBe('token_unknown');
    const after = await mint(daypass, secret);
    expect(await verify(daypass, after)).toBe(204);
    await expect(row(part(after, 0).kid)).toContainText('Signs');
  });

  await test.step('somebody else was first', async () => {
    await administrator.api('POST', '/signing-keys/rotate', {});
    await rotate.click();
    const dialog = page.getByRole('dialog', { name: 'Rotate the signing key?' });
    await guard.expecting([{ status: 409, path: '/signing-keys/rotate' }], () =>
      dialog.getByRole('button', { name: 'Rotate', exact: true }).click(),
    );
    await expect(dialog.getByRole('alert')).toContainText('A new key waits for its moment already.');
    await expect(page.locator('#main').getByRole('table', { name: 'Signing keys', includeHidden: true })).toContainText('Signs soon');
    await page.keyboard.press('Escape');
  });

  await test.step('the activity list says which, and how', async () => {
    await goTo(page, 'Activity');
    const found = page.getByRole('listitem').filter({ hasText: 'made a new key for temporary tokens' });
    await expect(found).toHaveCount(3);
    await expect(found.nth(1)).toContainText('At once: yes');
    await expect(found.nth(2)).toContainText(`Key (kid): ${old}`);
  });
});
