// Watched sites: a site is registered, searched, and what stands in its script is an alarm on the token.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import AxeBuilder from '@axe-core/playwright';

import { Daypass } from '../support/daypass.mjs';
import { test as base, expect } from '../support/fixtures';
import { signIn } from '../support/people';
import { picture } from '../support/pictures';

// The site of the journey is on this machine.
const test = base.extend({
  daypass: async ({ browserName: _ }, use) => {
    const daypass = await Daypass.start({ DAYPASS_LEAKS__PRIVATE_SITES: 'true' });
    await use(daypass);
    await daypass.remove();
  },
});

test('a watched site is searched, and what it gives away is shown', async ({ page, administrator }) => {
  const { id } = await administrator.api('POST', '/tokens', { name: 'WordPress' });
  const secret = await administrator.takeSecret(id);
  const site = createServer((request, response) => {
    response.setHeader('content-type', request.url === '/app.js' ? 'text/javascript' : 'text/html');
    if (request.url === '/') response.end('<!doctype html><script src="app.js"></script>');
    else if (request.url === '/app.js') response.end(`const key = "${secret}";`);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  try {
    await signIn(page);
    await page.goto('/settings/api');
    await page.getByRole('link', { name: 'Watched sites' }).click();
    await expect(page.getByRole('heading', { name: 'No site is watched' })).toBeVisible();

    await page.getByRole('button', { name: 'Watch a site' }).click();
    await page.getByLabel('Address').fill('www.example.org');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByLabel('Address')).toHaveAttribute('aria-invalid', 'true');
    await page.getByLabel('Address').fill(origin);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const row = page.getByRole('row', { name: origin });
    await expect(row).toContainText('never', { ignoreCase: true });

    await row.getByRole('button', { name: `Actions for ${origin}` }).click();
    await page.locator('.menu:popover-open').getByRole('button', { name: 'Search now' }).click();
    await expect(row).toContainText('Places with secrets: 1 (files searched: 2)');
    await expect(row).toContainText(`${origin}/app.js:1`);
    await expect(page.locator('body')).not.toContainText(secret);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await picture(page, 'sites');

    await page.getByLabel('Search all of them every day').check();
    await expect(page.getByRole('status').filter({ hasText: 'saved' })).toBeVisible();
    await page.reload();
    await expect(page.getByLabel('Search all of them every day')).toBeChecked();

    await row.getByRole('link', { name: 'WordPress' }).click();
    await expect(page).toHaveURL(new RegExp(`/tokens/${id}$`));
    await expect(page.locator('#main')).toContainText(`${origin}/app.js`);
  } finally {
    site.close();
  }
});
