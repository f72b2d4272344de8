// The panel beside its list: overview, form, one token, settings, interfaces; what happens when somebody else was first,
// when something is typed wrong, and when the server is gone.

import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';

import { type Administrator, ask, type Daypass } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { goTo, handover, hears, readSecret, secrets, signIn } from '../support/people';
import { picture } from '../support/pictures';
import { seed } from '../support/tour';

const grant = (name: string, ...permissions: string[]) => ({ interface: name, permissions });

/** Asks as the proxy of a protected API does. */
async function verify(daypass: Daypass, secret: string, photos = 'Press photos'): Promise<string | number> {
  const question = `${daypass.url}/verify?interface=${encodeURIComponent(photos)}&permission=read`;
  const answer = await ask('GET', question, { authorization: `Bearer ${secret}` });
  return (answer.headers['x-daypass-code'] as string | undefined) ?? answer.status;
}

async function press(administrator: Administrator): Promise<void> {
  await administrator.api('POST', '/interfaces', { name: 'Press photos', description: '', public: false });
  await administrator.api('POST', '/interfaces', { name: 'Open archive', description: '', public: true });
}

const save = (page: Page): Locator => page.getByRole('button', { name: 'Save', exact: true });
const name = (page: Page): Locator => page.getByLabel('Name', { exact: true });
const box = (page: Page, right: string): Locator => page.getByRole('checkbox', { name: right });

test('the overview says how many there are and what needs attention', async ({ page, administrator }) => {
  await seed(administrator);
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString();
  for (const [token, more] of [
    ['Summer campaign', { expires_at: soon }],
    ['Photo desk', { grants: ['Open archive', 'Press photos', 'Video platform'].map((one) => grant(one, 'upload')) }],
  ] as const) {
    const { id } = await administrator.api('POST', '/tokens', { name: token, ...more });
    await administrator.takeSecret(id);
  }
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await signIn(page);
  const reasons = page.getByRole('region', { name: 'Needs attention' });
  // What was seen is written once a second.
  await expect(async () => {
    await page.reload();
    await expect(reasons.getByRole('link', { name: /Exposed/ })).toContainText('1', { timeout: 1000 });
  }).toPass();
  await expect(reasons.getByRole('link', { name: /Ends soon/ })).toContainText('1');
  await expect(reasons.getByRole('link', { name: /Many rights/ })).toContainText('1');
  const figures = page.getByRole('navigation', { name: 'Tokens' });
  await expect(figures.getByRole('link', { name: /Tokens/ })).toContainText('7');
  await expect(figures.getByRole('link', { name: /Inactive/ })).toContainText('1');

  asked.length = 0;
  await page.reload();
  await expect(reasons).toBeVisible();
  expect(asked.filter((path) => /\/admin\/v1\/(overview|tokens)/.test(path))).toEqual(['/api/admin/v1/overview']);

  await reasons.getByRole('link', { name: /Ends soon/ }).click();
  await expect(page).toHaveURL(/\/tokens\?attention=expires_soon$/);
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('link', { name: 'Summer campaign' }).click();
  await page.getByRole('region', { name: 'Needs attention' }).getByRole('button', { name: 'Change the expiry' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Edit “Summer campaign”' })).toBeVisible();
});

test('the form says what is wrong, keeps what is typed, and helps with the rest', async ({ page, administrator }) => {
  await press(administrator);
  await administrator.api('POST', '/tokens', { name: 'WordPress of the press office' });
  await signIn(page, '/tokens/new');
  await expect(name(page)).toBeFocused();

  await test.step('names in use and usual ones are offered', async () => {
    const offered = () =>
      page.evaluate(() => {
        const field = document.activeElement as HTMLInputElement;
        return [...(field.list?.options ?? [])].map((option) => option.value);
      });
    expect(await offered()).toContain('WordPress');
    await page.keyboard.type('word');
    await expect.poll(offered).toContain('WordPress of the press office');
    await name(page).fill('');
  });

  await test.step('a lifetime is a number of seconds, said in words', async () => {
    const lifetime = page.getByLabel('Lifetime of its temporary tokens, in seconds');
    const words = page.locator('#f-temporary_lifetime-says');
    await expect(lifetime).toHaveValue('-1');
    await expect(words).toHaveText('= default (15 minutes)');
    await lifetime.fill('5400');
    await expect(words).toHaveText('= 1 hour 30 minutes');
    await lifetime.fill('0');
    await expect(words).toHaveText('= no end');
    await lifetime.fill('soon');
    await expect(words).toBeEmpty();
  });

  await test.step('everything that is wrong stands at the top, with links', async () => {
    await page.getByText('expiry, origins, networks, rate').click();
    await page.getByLabel('Allowed origins').fill('https://one.example\nexample.org/x');
    await box(page, 'Press photos: upload').check();
    await save(page).click();
    const summary = page.getByRole('alert');
    await expect(summary).toBeFocused();
    await expect(summary.getByRole('link')).toHaveText([
      'Name: Fill this in.',
      /^Lifetime of temporary tokens: -1, 0, or a number of seconds/,
      /^Origins: “example.org\/x” is not an origin/,
      /^Why may it write\?: It may write now/,
    ]);
    await summary.getByRole('link', { name: /Origins/ }).click();
    await expect(page.getByLabel('Allowed origins')).toBeFocused();
    await expect(page.getByLabel('Allowed origins')).toHaveValue('https://one.example\nexample.org/x');
    await expect(page.getByLabel('Allowed origins')).toHaveAccessibleDescription(/is not an origin/);
    await expect(box(page, 'Press photos: upload')).toBeChecked();
  });

  await test.step('loading the page anew asks first', async () => {
    const asked: string[] = [];
    page.once('dialog', (dialog) => {
      asked.push(dialog.type());
      return dialog.dismiss();
    });
    await page.evaluate(() => setTimeout(() => location.reload()));
    await expect.poll(() => asked).toEqual(['beforeunload']);
    await expect(page.getByLabel('Allowed origins')).toHaveValue('https://one.example\nexample.org/x');
  });

  await test.step('with the reason, note and contact it is made', async () => {
    await name(page).fill('Photo desk');
    await page.getByLabel('Lifetime of its temporary tokens, in seconds').fill('300');
    await page.getByLabel('Allowed origins').fill('');
    await page.getByLabel('Why may it write?').fill('Photographers upload from the field.');
    await page.getByLabel(/^Contact/).fill('Kari, photo desk');
    await page.getByLabel(/^Note/).fill('Runs on two servers.\nAsk before replacing.');
    await save(page).click();
    await hears(page, 'Token “Photo desk” made');
    await expect(page.getByRole('region', { name: 'Rights' })).toContainText('Photographers upload from the field.');
    const facts = page.getByRole('region', { name: 'Facts' });
    await expect(facts).toContainText('Kari, photo desk');
    await expect(facts).toContainText('Ask before replacing.');
    await expect(facts).toContainText('5 minutes');
    // Nothing is typed any more, so nothing is asked.
    await page.reload();
    await expect(facts).toContainText('5 minutes');
  });
});

test('a public token has its limits explained and ticked off', async ({ page, administrator }) => {
  await press(administrator);
  await signIn(page, '/tokens/new');
  await name(page).fill('Museum shop');
  await page.getByRole('radio', { name: /^Public/ }).check();
  const needs = page.getByText('A public token has limits of its own. It needs:').locator('../..');
  await expect(needs.getByRole('listitem').filter({ hasText: 'done' })).toHaveCount(1);
  await expect(box(page, 'Press photos: read')).toBeDisabled();
  await expect(box(page, 'Open archive: upload')).toBeDisabled();
  await needs.getByRole('link', { name: 'the pages that may use it' }).click();
  await expect(page.getByLabel('Allowed origins')).toBeFocused();
  await page.keyboard.type('https://shop.museum.example');
  await page.getByLabel('Expires').fill('2099-01-01T00:00');
  await page.getByLabel('Requests', { exact: true }).fill('100');
  await expect(needs.getByRole('listitem').filter({ hasText: 'done' })).toHaveCount(4);
  await box(page, 'Open archive: read').check();
  await save(page).click();
  await hears(page, 'Token “Museum shop” made');
});

test('from the form straight to the secret, with the keyboard alone', async ({ page, administrator }) => {
  await press(administrator);
  await signIn(page, '/tokens/new');
  await expect(name(page)).toBeFocused();
  await page.keyboard.type('Audio guide');
  const handOver = page.getByRole('button', { name: 'Create and hand over the secret…' });
  await tabTo(page, handOver);
  await page.keyboard.press('Enter');
  const dialog = handover(page, 'Audio guide');
  await expect(dialog).toBeVisible();
  await expect(page).toHaveURL(/\/tokens\/[0-9A-Z]{26}$/);

  // Whether a key was sent is known in the frame only, and the question does not pretend otherwise.
  await tabTo(page, dialog.getByRole('button', { name: 'Use a key I already have' }));
  await page.keyboard.press('Enter');
  await expect(page.locator('iframe')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toContainText('Close the strongroom?');
  await expect(dialog).not.toContainText('Close without storing it?');
  await dialog.getByRole('button', { name: 'Close all the same' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('This token has no secret.')).toBeVisible();
  // Loading the page anew opens nothing.
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Audio guide' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('who was first is seen side by side, and each field is chosen', async ({ page, administrator, guard }) => {
  await press(administrator);
  const { id, version } = await administrator.api('POST', '/tokens', {
    name: 'Newsroom',
    grants: [grant('Press photos', 'read')],
    note: 'First note',
  });
  await signIn(page, `/tokens/${id}/edit`);
  await page.getByLabel(/^Contact/).fill('Ingrid');
  await page.getByLabel(/^Note/).fill('My note');
  await box(page, 'Press photos: download').check();
  await administrator.api('PATCH', `/tokens/${id}`, {
    version,
    name: 'Newsroom search',
    note: 'Their note',
    grants: [grant('Press photos', 'read'), grant('Open archive', 'read')],
  });
  await guard.expecting([{ status: 409, path: `/tokens/${id}` }], () => save(page).click());
  const compare = page.getByRole('region', { name: 'Somebody else has changed this' });
  await expect(compare.getByRole('alert')).toBeFocused();
  const row = (field: string) => compare.getByRole('row', { name: field });
  const mine = (field: string) => row(field).getByRole('radio').first();
  const theirs = (field: string) => row(field).getByRole('radio').last();
  await expect(compare.getByRole('row')).toHaveCount(6);
  // What was changed here stays, what was not comes from there, unless somebody chooses otherwise.
  await expect(theirs('Name')).toBeChecked();
  await expect(mine('Contact')).toBeChecked();
  await expect(mine('Note')).toBeChecked();
  await expect(row('Note')).toContainText('My note');
  await expect(row('Note')).toContainText('Their note');
  await expect(mine('Rights on “Press photos”')).toBeChecked();
  await expect(theirs('Rights on “Open archive”')).toBeChecked();
  await theirs('Note').focus();
  await page.keyboard.press('Space');
  await tabTo(page, compare.getByRole('button', { name: 'Save this' }));
  await page.keyboard.press('Enter');
  await hears(page, 'Token “Newsroom search” saved');
  const now = await administrator.api('GET', `/tokens/${id}`);
  expect(now).toMatchObject({ name: 'Newsroom search', contact: 'Ingrid', note: 'Their note' });
  expect(now.grants).toHaveLength(2);
  expect(now.grants).toContainEqual(grant('Press photos', 'read', 'download'));
});

test('a change of rights can be taken back', async ({ page, daypass, administrator }) => {
  await press(administrator);
  const { id } = await administrator.api('POST', '/tokens', { name: 'CMS', grants: [grant('Press photos', 'read')] });
  const secret = await administrator.takeSecret(id);
  await signIn(page, `/tokens/${id}/edit`);
  await box(page, 'Press photos: read').uncheck();
  await save(page).click();
  await hears(page, 'Token “CMS” saved');
  expect(await verify(daypass, secret)).toBe('interface_not_granted');
  await page.getByRole('button', { name: 'Undo' }).click();
  await hears(page, '“CMS” is as it was before');
  await expect(page.getByRole('region', { name: 'Rights' })).toContainText('Press photos: read');
  expect(await verify(daypass, secret)).toBe(204);
});

test('two secrets overlap, and the old one is ended early', async ({ page, daypass, administrator }) => {
  await press(administrator);
  const { id } = await administrator.api('POST', '/tokens', { name: 'CMS', grants: [grant('Press photos', 'read')] });
  const old = await administrator.takeSecret(id);
  expect(await verify(daypass, old)).toBe(204);
  await signIn(page, `/tokens/${id}`);
  await page.getByRole('button', { name: 'Replace secret…' }).click();
  const dialog = handover(page, 'CMS');
  await dialog.getByRole('radio', { name: '7 days' }).check();
  await dialog.getByRole('button', { name: 'Show it to me' }).click();
  const present = await readSecret(page, 'CMS');
  await dialog.getByRole('button', { name: 'I have stored it' }).click();
  await expect(secrets(page)).toContainText('Previous secret');
  await expect(secrets(page)).toContainText('Works until');
  expect(await verify(daypass, old)).toBe(204);
  // When it was used last is written once a second.
  await expect(async () => {
    await page.reload();
    await secrets(page).getByRole('button', { name: 'End it now…' }).click();
    await expect(page.getByRole('dialog')).toContainText('something may still hold it', { timeout: 500 });
  }).toPass();
  await page.keyboard.press('Escape');
  await expect(secrets(page).getByRole('button', { name: 'End it now…' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'End it', exact: true }).click();
  await hears(page, 'The previous secret has ended');
  await expect(secrets(page)).not.toContainText('Previous secret');
  expect(await verify(daypass, old)).not.toBe(204);
  expect(await verify(daypass, present)).toBe(204);
  await goTo(page, 'Activity');
  await expect(page.getByRole('listitem').filter({ hasText: 'Overlap:' }).first()).toContainText('Overlap: 7 days');
  await expect(page.getByText('ended the replaced secret of')).toBeVisible();
});

test('what a token is used for is drawn, written and placed', async ({ page, daypass, administrator }) => {
  await press(administrator);
  const { id } = await administrator.api('POST', '/tokens', { name: 'CMS', grants: [grant('Press photos', 'read')] });
  const secret = await administrator.takeSecret(id);
  await signIn(page, `/tokens/${id}`);
  const usage = page.getByRole('region', { name: 'Usage, last 30 days' });
  await expect(usage).toContainText('It was not used in the last 30 days.');
  for (let n = 0; n < 3; n += 1) expect(await verify(daypass, secret)).toBe(204);
  expect(await verify(daypass, secret, 'Open archive')).toBe('interface_not_granted');
  await expect(async () => {
    await page.reload();
    await expect(usage.getByRole('listitem').first()).toHaveText('3 allowed', { timeout: 500 });
  }).toPass();
  await expect(usage.getByRole('listitem').nth(1)).toHaveText('1 refused');
  await usage.getByText('The figures as a table').click();
  await expect(usage.getByRole('table', { name: 'Requests by day' }).getByRole('row')).toHaveCount(2);
});

test('settings: what a change affects, what is wrong, saved, taken back', async ({ page, administrator }) => {
  await press(administrator);
  await administrator.api('POST', '/tokens', { name: 'A' });
  await administrator.api('POST', '/tokens', { name: 'B', temporary_lifetime: 7200 });
  await signIn(page);
  await page.getByRole('button', { name: 'Your menu' }).click();
  await page.getByRole('link', { name: 'API', exact: true }).click();
  await expect(page).toHaveURL(/\/settings\/api$/);
  await expect(page.getByRole('heading', { level: 1, name: 'API' })).toBeFocused();

  const maximum = page.getByLabel('Maximum lifetime, in seconds');
  await maximum.fill('3600');
  await expect(page.locator('#f-maximum_temporary_lifetime-says')).toHaveText(
    '= 1 hour · Tokens that this affects: 1',
  );
  await page.getByLabel('Key length, in characters').fill('8');
  await page.getByLabel('Due for rotation after, in days').fill('often');
  await save(page).click();
  const summary = page.getByRole('alert');
  await expect(summary.getByRole('link')).toHaveText([
    'Key length, in characters: A number from 32 to 128.',
    'Due for rotation after, in days: A number from 1 to 3,650.',
  ]);
  await page.getByLabel('Due for rotation after, in days').fill('90');
  await page.getByLabel('Key length, in characters').fill('40');
  await expect(page.locator('#f-rotation_age_days-says')).toHaveText('Tokens that this affects: 0');
});

test('settings: limits, undo, and two versions side by side', async ({ page, administrator, guard }) => {
  await signIn(page, '/settings/api');
  const rotation = page.getByLabel('Due for rotation after, in days');
  const length = page.getByLabel('Key length, in characters');
  await length.fill('8');
  await page.getByLabel('Default lifetime, in seconds').fill('86401');
  await save(page).click();
  await expect(page.getByRole('alert').getByRole('link')).toHaveText([
    /^Default lifetime, in seconds: A number of seconds from 1 to the maximum/,
    'Key length, in characters: A number from 32 to 128.',
  ]);
  await page.getByLabel('Default lifetime, in seconds').fill('900');
  await length.fill('64');
  await save(page).click();
  await hears(page, 'Settings saved');
  expect(await administrator.api('GET', '/settings')).toMatchObject({ key_length: 64 });
  await page.getByRole('button', { name: 'Undo' }).click();
  await hears(page, 'The settings are as they were before');
  await expect(length).toHaveValue('40');

  const { version } = await administrator.api('GET', '/settings');
  await rotation.fill('90');
  // The last question about what it would affect is over before somebody else is first.
  const asked = page.waitForResponse(
    (answer) => answer.url().includes('/preview') && (answer.request().postData() ?? '').includes('default_rate_limit'),
  );
  await page.getByRole('radio', { name: 'At most:' }).check();
  await asked;
  await administrator.api('PATCH', '/settings', { version, rotation_age_days: 180, forward_preflight: true });
  await guard.expecting([{ status: 409, path: '/settings' }], () => save(page).click());
  const compare = page.getByRole('region', { name: 'Somebody else has changed this' });
  await expect(compare.getByRole('row')).toHaveCount(4);
  await expect(compare.getByRole('row', { name: 'Due for rotation' })).toContainText('180 days');
  await expect(compare.getByRole('row', { name: 'preflight' }).getByRole('radio').last()).toBeChecked();
  await compare.getByRole('button', { name: 'Save this' }).click();
  await hears(page, 'Settings saved');
  expect(await administrator.api('GET', '/settings')).toMatchObject({
    rotation_age_days: 90,
    forward_preflight: true,
    default_rate_limit: { requests: 600, per_seconds: 60 },
  });
  await goTo(page, 'Activity');
  await expect(page.getByRole('listitem').filter({ hasText: 'Default rate limit:' }).first()).toContainText(
    '600 requests in 1 minute',
  );
});

test('API access is switched off as a whole, and on again, with the keyboard alone', async ({
  page,
  daypass,
  administrator,
}) => {
  await press(administrator);
  const { id } = await administrator.api('POST', '/tokens', { name: 'CMS', grants: [grant('Press photos', 'read')] });
  const secret = await administrator.takeSecret(id);
  await signIn(page, '/settings/api');
  await tabTo(page, page.getByRole('button', { name: 'Switch API access off…' }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Switch API access off?' });
  await expect(dialog).toContainText('Tokens that stop working: 1');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  expect(await verify(daypass, secret)).toBe(204);
  await tabTo(page, dialog.getByRole('button', { name: 'Switch off' }));
  await page.keyboard.press('Enter');
  const banner = page.getByText('API access is switched off: every request is refused.');
  await expect(banner).toBeVisible();
  expect(await verify(daypass, secret)).toBe('api_disabled');
  await goTo(page, 'API Access');
  await expect(banner).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Go to the switch' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Switch API access on' }));
  await page.keyboard.press('Enter');
  await expect(banner).toHaveCount(0);
  expect(await verify(daypass, secret)).toBe(204);
});

test('interfaces: who reaches them, what is in the way, former names', async ({
  page,
  daypass,
  administrator,
  guard,
}) => {
  await press(administrator);
  const { id } = await administrator.api('POST', '/tokens', { name: 'CMS', grants: [grant('Press photos', 'read')] });
  const secret = await administrator.takeSecret(id);
  await administrator.api('POST', '/tokens', {
    name: 'Museum shop',
    kind: 'public',
    grants: [grant('Open archive', 'read')],
    allowed_origins: ['https://shop.museum.example'],
    rate_limit: { requests: 600, per_seconds: 60 },
    expires_at: '2099-01-01T00:00:00.000Z',
  });
  await signIn(page, '/interfaces');
  const choose = async (photos: string, item: string) => {
    await page.getByRole('button', { name: `Actions for ${photos}` }).click();
    await page.locator('.menu').getByRole('button', { name: item }).click();
  };

  await test.step('deleting is refused with the tokens in the way', async () => {
    await choose('Press photos', 'Delete…');
    const dialog = page.getByRole('dialog', { name: '“Press photos” cannot be deleted yet' });
    await expect(dialog.getByRole('link', { name: 'CMS' })).toHaveAttribute('href', `/tokens/${id}`);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Actions for Press photos' })).toBeFocused();
  });

  await test.step('a public one stays public while public tokens reach it', async () => {
    await choose('Open archive', 'Edit');
    const dialog = page.getByRole('dialog', { name: 'Edit “Open archive”' });
    await dialog.getByRole('checkbox', { name: 'Public' }).uncheck();
    await expect(dialog.getByRole('link', { name: 'Museum shop' })).toBeVisible();
    await guard.expecting([{ status: 409, path: '/interfaces/' }], () => save(page).click());
    await expect(dialog.getByRole('alert')).toContainText('These public tokens reach it');
    await page.keyboard.press('Escape');
  });

  await test.step('a former name goes on working', async () => {
    await choose('Press photos', 'Edit');
    const dialog = page.getByRole('dialog', { name: 'Edit “Press photos”' });
    await expect(dialog.getByLabel('Name')).toHaveAccessibleDescription(/former name go on working/);
    await dialog.getByLabel('Name').fill('Newsroom photos');
    await dialog.getByLabel(/^Description/).fill('For newsrooms and partners.');
    await save(page).click();
    await hears(page, 'Interface “Newsroom photos” saved');
    expect(await verify(daypass, secret, 'Press photos')).toBe(204);
    expect(await verify(daypass, secret, 'Newsroom photos')).toBe(204);
    await page.getByRole('row', { name: 'Newsroom photos' }).getByRole('link', { name: '1' }).click();
    await expect(page).toHaveURL(/interface=Newsroom%20photos/);
    await expect(page.getByRole('row', { name: 'CMS' })).toBeVisible();
  });

  await test.step('somebody else was first', async () => {
    await goTo(page, 'Interfaces');
    await choose('Newsroom photos', 'Edit');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Description/).fill('Mine');
    const { items } = await administrator.api('GET', '/interfaces');
    const one = items.find((there: { name: string }) => there.name === 'Newsroom photos');
    await administrator.api('PATCH', `/interfaces/${one.id}`, { version: one.version, description: 'Theirs' });
    await guard.expecting([{ status: 409, path: '/interfaces/' }], () => save(page).click());
    await expect(dialog.getByRole('row', { name: 'Description' })).toContainText('Theirs');
    await dialog.getByRole('radio', { name: /Theirs, since/ }).check();
    await dialog.getByRole('button', { name: 'Save this' }).click();
    await hears(page, 'Interface “Newsroom photos” saved');
    await expect(page.getByRole('row', { name: 'Newsroom photos' })).toContainText('Theirs');
  });
});

test('a server that is gone leaves everything as it is, and comes back by itself', async ({
  page,
  daypass,
  administrator,
  guard,
}) => {
  await press(administrator);
  await signIn(page, '/tokens/new');
  await name(page).fill('Audio guide');
  await daypass.kill();
  await save(page).click();
  const banner = page.getByText('The server does not answer. What you have typed stays here');
  await expect(banner).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'Check your connection' })).toBeVisible();
  // Another page says so too, and is no white one.
  await daypass.run();
  await expect(banner).toHaveCount(0, { timeout: 20_000 });
  await hears(page, 'The server answers again');
  await expect(name(page)).toHaveValue('Audio guide');
  await save(page).click();
  await hears(page, 'Token “Audio guide” made');
  guard.forgive();
});

test('nothing is wider than a small phone, and axe finds nothing where versions are compared', async ({
  page,
  administrator,
  guard,
}) => {
  await press(administrator);
  const { id, version } = await administrator.api('POST', '/tokens', { name: 'Newsroom', note: 'First' });
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(page, `/tokens/${id}/edit`);
  await page.getByLabel(/^Note/).fill('My note, which has a few more words than usual so that it needs two lines.');
  await administrator.api('PATCH', `/tokens/${id}`, { version, name: 'Newsroom search', note: 'Their note' });
  await guard.expecting([{ status: 409, path: `/tokens/${id}` }], () => save(page).click());
  await expect(page.getByRole('region', { name: 'Somebody else has changed this' })).toBeVisible();
  const fits = async (where: string) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(width, `${where} is not wider than the phone`).toBeLessThanOrEqual(360);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      expect.soft(violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0].html}`), `${where}, ${colorScheme}`).toEqual([]);
    }
    await picture(page, `panel-${where}`);
  };
  await fits('compare');
  for (const [path, where] of [
    ['/', 'overview'],
    ['/settings/api', 'settings'],
    [`/tokens/${id}`, 'token'],
  ]) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
    await fits(where);
  }
});

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let n = 0; n < 80; n += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${wanted} is not reached with Tab`);
}
