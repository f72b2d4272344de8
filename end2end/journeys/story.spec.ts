// The main job, end to end, by clicking: an administrator issues a token, a web page gets a day pass, a real nginx
// lets it through, and stops when the administrator says so.

import { ask, type Daypass } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { Guard } from '../support/guard';
import {
  goTo,
  handover,
  hears,
  INGRID,
  makeInterface,
  makeToken,
  readSecret,
  secrets,
  setUpLink,
  signIn,
  strongroom,
  takeSecret,
  typePassword,
} from '../support/people';
import { picturesOf, traces, tryToReadSecrets } from '../support/probes';

const BOTH = ['Open archive: read', 'Press photos: read'];

/** Asks as the proxy of a protected API does. */
async function verify(daypass: Daypass, secret: string, photos = 'Press photos') {
  const question = `${daypass.url}/verify?interface=${encodeURIComponent(photos)}&permission=read`;
  const answer = await ask('GET', question, { authorization: `Bearer ${secret}` });
  return answer.headers['x-daypass-code'] ?? answer.status;
}

test('from the set-up link to a picture, and to none', async ({ page, context, daypass, guard, openGallery }) => {
  test.slow();

  await test.step('the first administrator', async () => {
    await page.goto(setUpLink(daypass));
    const code = page.getByLabel('Set-up code');
    const right = await code.inputValue();
    const send = async (typed: string) => {
      await code.fill(typed);
      await page.getByLabel('Password', { exact: true }).fill(INGRID.password);
      await page.getByLabel('Password again').fill(INGRID.password);
      await page.getByRole('button', { name: 'Make administrator' }).click();
    };
    await page.getByLabel('Name').fill(INGRID.name);
    await guard.expecting([{ status: 403, path: '/setup' }], () => send('WRONG-WRONG-WRONG-WRONG'));
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('The administrator was not made yet.');
    await expect(alert).toContainText('This is not the set-up code.');
    await expect(page.getByLabel('Name')).toHaveValue(INGRID.name);
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
    await expect(page.getByLabel('Password again')).toHaveValue('');
    await send(right);
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

    // The link is of no use any more.
    await page.goto(setUpLink(daypass));
    await expect(page.getByRole('heading', { name: 'An administrator exists already' })).toBeVisible();
    await page.goto('/');
  });

  await test.step('sign out and in again', async () => {
    await page.getByRole('button', { name: 'Your menu' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('status')).toHaveText('You are signed out.');
    const wrong = { ...INGRID, password: 'a password that nobody has' };
    await guard.expecting([{ status: 401, path: '/login' }], () => typePassword(page, wrong));
    await expect(page.getByRole('alert')).toContainText('Name or password is wrong.');
    await expect(page.getByLabel('Name')).toHaveValue(INGRID.name);
    await expect(page.getByLabel('Password')).toHaveValue('');
    await typePassword(page);
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  });

  await test.step('interfaces and a token with rights', async () => {
    await makeInterface(page, 'Press photos', false);
    await makeInterface(page, 'Open archive', true);
    await makeToken(page, 'Gallery site', BOTH);
    await expect(page.getByText('This token has no secret.')).toBeVisible();
  });

  const secret = await test.step('the secret is shown once, to a person', async () => {
    await page.getByRole('button', { name: 'Hand over secret…' }).click();
    const dialog = handover(page, 'Gallery site');
    const asked = page.waitForRequest((request) => request.url().includes('/strongroom/'));
    await dialog.getByRole('button', { name: 'Show it to me' }).click();
    const shown = await readSecret(page, 'Gallery site');
    const ticket = new URLSearchParams((await asked).postData() ?? '').get('ticket') ?? '';
    expect(ticket).not.toBe('');
    expect(await verify(daypass, shown)).toBe(204);

    const attempts = await guard.expecting([{ status: 403, path: '/strongroom/' }], () =>
      tryToReadSecrets(page, ticket),
    );
    expect(attempts).toEqual({
      'contentDocument of the frame': 'nothing',
      'contentWindow.document of the frame': 'SecurityError',
      'document of window.frames': 'SecurityError',
      'text of the page': 'nothing',
      'fetch with the used ticket': '403 This opens from the app only',
      'fetch with a new ticket': '403 This opens from the app only',
      'fetch without cors': '403 This opens from the app only',
      'XMLHttpRequest': '403 This opens from the app only',
      'contentDocument of an own frame': 'nothing',
      'document of an own frame': 'SecurityError',
      'document of an own window': 'SecurityError',
    });
    expect(await verify(daypass, shown), 'the secret that was stored goes on working').toBe(204);

    // Sending the form again, as Back and Reload do, makes no new secret.
    await guard.expecting([{ status: 409, path: '/strongroom/' }], () =>
      page.evaluate(() => document.querySelector<HTMLFormElement>('form[target=strongroom]')?.submit()),
    );
    await expect(strongroom(page, 'Gallery site').getByRole('heading')).toHaveText('This was shown once');
    expect(await verify(daypass, shown)).toBe(204);

    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await expect(dialog).toBeHidden();
    return shown;
  });

  await test.step('nothing that a script can see has held it', async () => {
    const hint = `${secret.slice(0, 8)}…${secret.slice(-2)}`;
    await expect(page.getByRole('region', { name: 'Facts' })).toContainText('Active');
    await expect(secrets(page)).toContainText(hint);
    for (const trace of [...(await traces(page)), ...(await guard.everything())]) {
      expect(trace).not.toContain(secret);
    }
    // Reload, Back and Forward find the token as it is, without a frame and with the one secret.
    await page.reload();
    await page.goBack();
    await page.goForward();
    await expect(secrets(page)).toContainText(hint);
    await expect(secrets(page).getByText('secret', { exact: false }).filter({ hasText: 'Previous' })).toHaveCount(0);
    await expect(page.locator('iframe')).toHaveCount(0);
    expect(await verify(daypass, secret)).toBe(204);
  });

  const gallery = await openGallery(secret);
  const visitor = await context.newPage();
  const again = () => visitor.getByRole('button', { name: 'Load the pictures again' }).click();

  await test.step('a web page shows the pictures of both interfaces', async () => {
    await visitor.goto(gallery.url);
    await expect(visitor.getByRole('heading', { name: 'Your day pass is valid' })).toBeVisible();
    await expect.poll(() => picturesOf(visitor, 'Open archive')).toEqual({ shown: 4, refused: 0 });
    await expect.poll(() => picturesOf(visitor, 'Press photos')).toEqual({ shown: 4, refused: 0 });
    for (const trace of await traces(visitor)) expect(trace).not.toContain(secret);
  });

  await test.step('narrower rights act at the next request', async () => {
    const tick = async (on: boolean) => {
      await page.bringToFront();
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('checkbox', { name: 'Press photos: read' }).setChecked(on);
      await page.getByRole('button', { name: 'Save' }).click();
      await hears(page, 'Token “Gallery site” saved');
      await visitor.bringToFront();
    };
    await tick(false);
    await guard.expecting([{ status: 403, path: '/photos/press/' }], again);
    await expect.poll(() => picturesOf(visitor, 'Press photos')).toEqual({ shown: 0, refused: 4 });
    await expect(visitor.getByRole('region', { name: 'Press photos' })).toContainText('interface_not_granted');
    await expect.poll(() => picturesOf(visitor, 'Open archive')).toEqual({ shown: 4, refused: 0 });
    await tick(true);
    await again();
    await expect.poll(() => picturesOf(visitor, 'Press photos')).toEqual({ shown: 4, refused: 0 });
  });

  await test.step('deactivated: the next request is refused', async () => {
    await page.bringToFront();
    // Delete says why it cannot be chosen yet, and does nothing.
    await page.getByRole('button', { name: 'Actions for Gallery site' }).click();
    const remove = page.getByRole('button', { name: /Delete….*deactivate first/ });
    await expect(remove).toHaveAttribute('aria-disabled', 'true');
    await remove.click({ force: true });
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Deactivate…' }).and(page.locator('.btn')).click();
    const dialog = page.getByRole('dialog', { name: 'Deactivate “Gallery site”?' });
    await expect(dialog).toContainText('All its temporary tokens stop with it.');
    await dialog.getByRole('button', { name: 'Deactivate' }).click();
    await hears(page, '“Gallery site” is deactivated');
    await expect(page.getByText('This token is inactive.')).toBeVisible();
    expect(await verify(daypass, secret)).toBe('token_inactive');

    await visitor.bringToFront();
    await guard.expecting([{ status: 401, path: '/photos/' }], again);
    await expect(visitor.getByRole('status')).toContainText('The administrator has stopped');
    await expect.poll(() => picturesOf(visitor, 'Open archive')).toEqual({ shown: 0, refused: 4 });
    await expect.poll(() => picturesOf(visitor, 'Press photos')).toEqual({ shown: 0, refused: 4 });
    const newPass = visitor.getByRole('button', { name: 'Ask for a new day pass' });
    await guard.expecting([{ status: 502, path: '/day-pass' }], () => newPass.click());
    await expect(visitor.getByRole('status')).toContainText('token_inactive');
  });

  await test.step('active again: a new day pass', async () => {
    await page.bringToFront();
    await page.getByRole('button', { name: 'Activate', exact: true }).and(page.locator('.btn')).click();
    await hears(page, 'Token activated');
    await visitor.bringToFront();
    await visitor.getByRole('button', { name: 'Ask for a new day pass' }).click();
    await expect.poll(() => picturesOf(visitor, 'Open archive')).toEqual({ shown: 4, refused: 0 });
    await expect.poll(() => picturesOf(visitor, 'Press photos')).toEqual({ shown: 4, refused: 0 });
  });

  await test.step('deleted for good, when it is inactive', async () => {
    await page.bringToFront();
    await page.getByRole('button', { name: 'Deactivate…' }).and(page.locator('.btn')).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await expect(page.getByText('This token is inactive.')).toBeVisible();
    await page.getByRole('button', { name: 'Actions for Gallery site' }).click();
    await page.getByRole('button', { name: 'Delete…' }).and(page.locator('.menu button')).click();
    const dialog = page.getByRole('dialog', { name: 'Delete “Gallery site”?' });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await hears(page, 'Token deleted');
    await expect(page.getByRole('heading', { level: 1, name: 'API Access' })).toBeVisible();
    expect(await verify(daypass, secret)).toBe('token_unknown');

    await visitor.bringToFront();
    await guard.expecting([{ status: 401, path: '/photos/' }], again);
    await expect.poll(() => picturesOf(visitor, 'Open archive')).toEqual({ shown: 0, refused: 4 });
  });

  await test.step('every act is in the list of activity, the secret is not', async () => {
    await page.bringToFront();
    await goTo(page, 'Activity');
    for (const act of ['made the token', 'was shown a new secret', 'changed the token', 'deactivated the token']) {
      await expect(page.getByRole('main').getByText(act).first()).toBeVisible();
    }
    // What was changed is told in words, not as the contract spells it.
    await expect(page.getByRole('main').getByText('Rights on “Press photos”: read').first()).toBeVisible();
    const all = [...(await traces(page)), ...(await traces(visitor)), ...(await guard.everything())];
    for (const trace of all) expect(trace).not.toContain(secret);
    expect(daypass.output).not.toContain(secret);
    expect(gallery.output).not.toContain(secret);
  });
});

test.describe('with an administrator', () => {
  test.beforeEach(async ({ page, administrator }) => {
    await administrator.api('POST', '/interfaces', { name: 'Press photos', description: '', public: false });
    const grants = [{ interface: 'Press photos', permissions: ['read'] }];
    const token = await administrator.api('POST', '/tokens', { name: 'Gallery site', grants });
    await signIn(page, `/tokens/${token.id}`);
    await expect(page.getByRole('heading', { level: 1, name: 'Gallery site' })).toBeVisible();
  });

  test('a secret is replaced, and for an hour both work', async ({ page, daypass, guard }) => {
    const first = await takeSecret(page, 'Gallery site');
    await page.getByRole('button', { name: 'Replace secret…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replace the secret of “Gallery site”' });
    await expect(dialog).toContainText('The present secret and all its temporary tokens stop');
    await dialog.getByRole('radio', { name: '1 hour' }).check();
    await expect(dialog).toContainText('Both secrets work until');
    await dialog.getByRole('button', { name: 'Show it to me' }).click();
    const second = await readSecret(page, 'Gallery site');
    await expect(strongroom(page, 'Gallery site').getByText('works until')).toBeVisible();
    expect(second).not.toBe(first);

    // Closing without having stored it asks first, and Escape alone loses nothing.
    await page.keyboard.press('Escape');
    await expect(dialog).toContainText('Close without storing it?');
    await dialog.getByRole('button', { name: 'Go back to it' }).click();
    expect(await readSecret(page, 'Gallery site')).toBe(second);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();

    await expect(secrets(page)).toContainText('Current secret');
    await expect(secrets(page)).toContainText('Previous secret');
    await expect(secrets(page)).toContainText('Works until');
    for (const secret of [first, second]) {
      await expect(secrets(page)).toContainText(secret.slice(-2));
      expect(await verify(daypass, secret)).toBe(204);
    }
    for (const trace of await guard.everything()) {
      expect(trace).not.toContain(first);
      expect(trace).not.toContain(second);
    }

    // Without an overlap the one before stops at once.
    await page.getByRole('button', { name: 'Replace secret…' }).click();
    await expect(dialog).toContainText('A previous secret is still working too. It stops now.');
    await dialog.getByRole('button', { name: 'Show it to me' }).click();
    const third = await readSecret(page, 'Gallery site');
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await expect(secrets(page)).not.toContainText('Previous secret');
    expect(await verify(daypass, third)).toBe(204);
    expect(await verify(daypass, second)).toBe('token_expired');
    expect(await verify(daypass, first)).toBe('token_expired');
  });

  test('an existing key is taken over, a weak one is not', async ({ page, daypass, guard }) => {
    await page.getByRole('button', { name: 'Hand over secret…' }).click();
    const dialog = handover(page, 'Gallery site');
    await dialog.getByRole('button', { name: 'Use a key I already have' }).click();
    const room = strongroom(page, 'Gallery site');
    const use = async (key: string) => {
      await room.getByLabel('Existing key').fill(key);
      await room.getByRole('button', { name: 'Use this key' }).click();
    };
    const weak = 'aaaaaaaaaaaaaaaaaaaaaaaa';
    await guard.expecting([{ status: 422, path: '/import' }], () => use(weak));
    await expect(room.getByRole('alert')).toContainText('The key is too easy to guess.');
    await expect(room.getByLabel('Existing key')).toHaveValue('');
    const own = 'dps_0123456789abcdefghijABCDEFGHIJ0123456789';
    await guard.expecting([{ status: 422, path: '/import' }], () => use(own));
    await expect(room.getByRole('alert')).toContainText('only made by Daypass');

    const key = 'kZ8-vT2_qW5.yR9~uE3+mB7=xN4!cD6';
    await use(key);
    await expect(room.getByRole('heading')).toHaveText('The key is in use');
    expect(await verify(daypass, key)).toBe(204);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('region', { name: 'Facts' })).toContainText('Active');
    await expect(secrets(page)).toContainText(key.slice(-2));
    for (const trace of [...(await traces(page)), ...(await guard.everything())]) {
      // The form inside the frame sends it; the page's own scripts neither send nor get it.
      if (!trace.includes('/import')) expect(trace).not.toContain(key);
    }
  });

  test('of two administrators who edit at once the second is told', async ({ page, browser, daypass, guard }) => {
    const other = await browser.newContext({ baseURL: daypass.url });
    const second = new Guard(other);
    const colleague = await other.newPage();
    await signIn(colleague, new URL(page.url()).pathname);
    for (const one of [page, colleague]) {
      await one.getByRole('button', { name: 'Edit' }).click();
      await expect(one.getByLabel('Name', { exact: true })).toHaveValue('Gallery site');
    }
    await page.getByLabel('Name', { exact: true }).fill('Gallery of the museum');
    await page.getByRole('button', { name: 'Save' }).click();
    await hears(page, 'Token “Gallery of the museum” saved');

    await colleague.getByLabel('Name', { exact: true }).fill('Gallery of the town');
    await colleague.getByRole('checkbox', { name: 'Press photos: download' }).check();
    await second.expecting([{ status: 409, path: '/api/admin/v1/tokens/' }], () =>
      colleague.getByRole('button', { name: 'Save' }).click(),
    );
    // Both versions stand side by side; the colleague takes the other name and keeps the right.
    const compare = colleague.getByRole('region', { name: 'Somebody else has changed this' });
    await expect(compare.getByRole('row', { name: 'Name' })).toContainText('Gallery of the town');
    await compare.getByRole('radio', { name: 'Name, Theirs, since: Gallery of the museum' }).check();
    await compare.getByRole('button', { name: 'Save this' }).click();
    await hears(colleague, 'Token “Gallery of the museum” saved');
    await second.check();
    await other.close();

    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: 'Gallery of the museum' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Rights' })).toContainText('download');
    await guard.check();
  });
});
