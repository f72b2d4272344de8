// A tour of every page and dialog of the app, with data as administrators have it: for looking at all of it.

import { expect, type Page } from '@playwright/test';

import { type Administrator, ask, type Daypass } from './daypass.mjs';
import { handover, readSecret, signIn, strongroom } from './people';

/** Ids of tokens in the states that matter. */
export interface Seeded {
  active: string;
  inactive: string;
  exposed: string;
  waiting: string;
}

const grant = (name: string, ...permissions: string[]) => ({ interface: name, permissions });

/** Interfaces and tokens, in every state. */
export async function seed(administrator: Administrator): Promise<Seeded> {
  const interfaces = [
    { name: 'Open archive', description: 'Photographs that anybody may see.', public: true },
    { name: 'Press photos', description: 'For newsrooms and partners, after signing in.', public: false },
    { name: 'Video platform', description: '', public: false },
  ];
  for (const one of interfaces) await administrator.api('POST', '/interfaces', one);
  const make = async (token: object): Promise<string> => (await administrator.api('POST', '/tokens', token)).id;
  const active = await make({
    name: 'Gallery website',
    grants: [grant('Open archive', 'read'), grant('Press photos', 'read')],
  });
  const inactive = await make({
    name: 'Field photographers’ app',
    grants: [grant('Press photos', 'read', 'upload', 'edit'), grant('Video platform', 'read', 'upload', 'delete')],
    temporary_lifetime: 3600,
  });
  const exposed = await make({
    name: 'Newsroom search',
    grants: [grant('Open archive', 'read', 'download'), grant('Press photos', 'read')],
    temporary_lifetime: 300,
    allowed_networks: ['127.0.0.0/8', '192.0.2.0/24'],
  });
  const shown = await make({
    name: 'Museum shop',
    kind: 'public',
    grants: [grant('Open archive', 'read')],
    allowed_origins: ['https://shop.museum.example'],
    rate_limit: { requests: 600, per_seconds: 60 },
    expires_at: '2099-01-01T00:00:00.000Z',
  });
  const waiting = await make({ name: 'Old FTP bridge' });
  for (const id of [active, inactive, exposed, shown]) {
    const secret = await administrator.takeSecret(id);
    const question = `${administrator.url}/verify?interface=Open%20archive&permission=read`;
    if (id === exposed) {
      await ask('GET', question, { authorization: `Bearer ${secret}`, origin: 'https://news.example' });
    }
    await ask('GET', question, { authorization: `Bearer ${secret}` });
  }
  await administrator.api('POST', `/tokens/${inactive}/deactivate`);
  return { active, inactive, exposed, waiting };
}

/** Signs in, opens every page and dialog once, and calls `look` at each. */
export async function visitEverything(
  page: Page,
  daypass: Daypass,
  seeded: Seeded,
  look: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const settled = async () => {
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  };
  const open = async (path: string, name: string) => {
    await page.goto(path);
    await settled();
    await look(page, name);
  };
  const dialog = async (name: string) => {
    await expect(page.getByRole('dialog')).toBeVisible();
    await look(page, name);
  };
  const leave = async () => {
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  };
  const button = (name: string | RegExp) => page.getByRole('main').getByRole('button', { name, exact: true });

  await page.goto(`${daypass.url}/`);
  await look(page, 'sign-in');
  await signIn(page);
  await open('/', 'overview');
  await page.getByRole('button', { name: 'Your menu' }).click();
  await look(page, 'your-menu');
  await page.keyboard.press('Escape');

  await open('/tokens', 'tokens');
  await button('Actions for Gallery website').click();
  await look(page, 'tokens-menu');
  await page.keyboard.press('Escape');
  await open('/tokens?q=nothing+like+this', 'tokens-no-match');

  await open('/tokens/new', 'token-new');
  await page.getByRole('radio', { name: /^Public/ }).check();
  await button('Save').click();
  await expect(page.getByText('Fill this in.').first()).toBeVisible();
  await look(page, 'token-new-refused');
  await open(`/tokens/${seeded.exposed}/edit`, 'token-edit');

  await open(`/tokens/${seeded.active}`, 'token-active');
  await button('Deactivate…').click();
  await dialog('deactivate');
  await leave();
  await button('Replace secret…').click();
  await dialog('replace');
  await leave();
  await button('Actions for Gallery website').click();
  await page.locator('.menu').getByRole('button', { name: 'Stop temporary tokens…' }).click();
  await page.getByRole('dialog').getByRole('radio', { name: 'A single one' }).check();
  await dialog('stop');
  await leave();
  await open(`/tokens/${seeded.exposed}`, 'token-exposed');
  await open(`/tokens/${seeded.inactive}`, 'token-inactive');
  await button('Actions for Field photographers’ app').click();
  await page.locator('.menu').getByRole('button', { name: 'Delete…' }).click();
  await dialog('delete');
  await leave();

  await open(`/tokens/${seeded.waiting}`, 'token-waiting');
  await button('Hand over secret…').click();
  await dialog('handover');
  await handover(page, 'Old FTP bridge').getByRole('button', { name: 'Use a key I already have' }).click();
  await expect(strongroom(page, 'Old FTP bridge').getByLabel('Existing key')).toBeVisible();
  await dialog('strongroom-import');
  await page.goto(`/tokens/${seeded.waiting}`);
  await button('Hand over secret…').click();
  await handover(page, 'Old FTP bridge').getByRole('button', { name: 'Show it to me' }).click();
  await readSecret(page, 'Old FTP bridge');
  await dialog('strongroom-shown');
  await page.keyboard.press('Escape');
  await dialog('strongroom-leave');

  await open('/interfaces', 'interfaces');
  await button('Add interface').click();
  await dialog('interface-new');
  await leave();
  await button('Actions for Open archive').click();
  await page.locator('.menu').getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByRole('checkbox', { name: 'Public' }).uncheck();
  await expect(page.getByRole('dialog').getByRole('link', { name: 'Museum shop' })).toBeVisible();
  await dialog('interface-unflag');
  await leave();
  await button('Actions for Press photos').click();
  await page.locator('.menu').getByRole('button', { name: 'Delete…' }).click();
  await expect(page.getByRole('dialog').getByRole('link', { name: 'Gallery website' })).toBeVisible();
  await dialog('interface-granted');
  await leave();
  await open('/settings/api', 'settings');
  await page.getByLabel('Maximum lifetime, in seconds').fill('600');
  await button('Save').click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look(page, 'settings-refused');
  await page.goto('/settings/api');
  await button('Switch API access off…').click();
  await dialog('settings-off');
  await leave();
  await button('Rotate at once…').click();
  await dialog('settings-rotate');
  await leave();
  await open('/activity', 'activity');
  await open('/tokens/nothing/here', 'not-found');
  await open('/api', 'reference');
}
