// A deliberately wrong site: a page with the permanent token in its script. The administrator sees it at once, wherever
// they are in the app, and the runbook leads out: the thief's copy is worth nothing, and the site works again.

import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { ask, type Daypass } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { goTo, handover, hears, readSecret, signIn } from '../support/people';
import { picture } from '../support/pictures';
import { picturesOf } from '../support/probes';

const BOTH = ['Open archive', 'Press photos'];

/** Asks as a server does: the proxy of the protected API, or a thief with a copy. */
async function asServer(daypass: Daypass, secret: string): Promise<string> {
  const question = `${daypass.url}/verify?interface=Press%20photos&permission=read`;
  const answer = await ask('GET', question, { authorization: `Bearer ${secret}` });
  return String(answer.headers['x-daypass-code'] ?? answer.status);
}

/** The page that nobody should write. It answers with the status of each call. */
async function openWrongPage(visitor: Page, gallery: string, secret: string): Promise<void> {
  const address = `${gallery}/press/wrong.html`;
  const html = `<!doctype html><title>Wrong</title><p id="said">asking</p>
<script>
  const TOKEN = ${JSON.stringify(secret)};
  fetch('/photos/press/rocket.webp', { headers: { authorization: 'Bearer ' + TOKEN } }).then((answer) => {
    document.getElementById('said').textContent = answer.status + ' ' + answer.headers.get('x-daypass-code');
  });
</script>`;
  await visitor.route((url) => url.href.startsWith(address), (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await visitor.goto(`${address}?campaign=spring`);
}

test('a wrong site is noticed at once, and put right', async ({
  page,
  context,
  daypass,
  guard,
  administrator,
  openGallery,
}) => {
  test.slow();
  for (const name of BOTH) await administrator.api('POST', '/interfaces', { name, public: name === 'Open archive' });
  const grants = BOTH.map((name) => ({ interface: name, permissions: ['read'] }));
  const { id } = await administrator.api('POST', '/tokens', { name: 'Gallery site', grants });
  const stolen = await administrator.takeSecret(id);
  const first = await openGallery(stolen);

  const watched = page.waitForRequest(/\/alarms\?after=/);
  await signIn(page, '/interfaces');
  await watched;
  const visitor = await context.newPage();
  const bar = page.getByRole('alert').filter({ hasText: 'Gallery site' });

  await test.step('the alarm is there within a second, with the page', async () => {
    await expect(bar).toHaveCount(0);
    await guard.expecting([{ status: 403, path: '/photos/press/' }], async () => {
      await openWrongPage(visitor, first.url, stolen);
      await expect(visitor.locator('#said')).toHaveText('403 exposed_in_browser');
    });
    const refused = Date.now();
    await page.bringToFront();
    await expect(bar).toContainText('The secret of “Gallery site” was used from a web page');
    expect(Date.now() - refused, 'milliseconds').toBeLessThan(1000);
    await expect(bar).toContainText(`${first.url}/press/wrong.html`);
    await expect(bar).not.toContainText('campaign');
    await picture(page, 'alarm');
    // A hundred visitors are one alarm.
    await guard.expecting([{ status: 403, path: '/photos/press/' }], () => visitor.reload());
    await expect(bar).toHaveCount(1);
  });

  await test.step('it is marked in the list and in the overview', async () => {
    await goTo(page, 'Overview');
    await expect(page.getByRole('main').getByRole('link', { name: /Exposed/ })).toBeVisible();
    await goTo(page, 'API Access');
    await expect(page.getByRole('row', { name: /Gallery site/ })).toContainText('Exposed');
  });

  const runbook = page.getByRole('region', { name: /used where others can read it/ });
  await test.step('the bar leads to the runbook', async () => {
    await bar.getByRole('link', { name: /Gallery site/ }).click();
    await expect(runbook).toContainText(`${first.url}/press/wrong.html`);
    await expect(runbook).toContainText('The secret still works.');
    await bar.getByRole('button', { name: 'Seen' }).click();
    await expect(bar).toHaveCount(0);
    await picture(page, 'runbook');
  });

  await test.step('the code for the site is there, in its language', async () => {
    for (const [language, file] of [
      ['PHP', 'day-pass.php'],
      ['JavaScript', 'day-pass.mjs'],
      ['Python', 'day_pass.py'],
    ]) {
      await runbook.getByRole('button', { name: language, exact: true }).click();
      const code = readFileSync(new URL(`../../clients/help/${file}`, import.meta.url), 'utf8');
      await expect(runbook.locator('code').filter({ hasText: 'GetTemporaryToken' })).toHaveText(code);
    }
  });

  await test.step('a public token would be proposed with its guardrails', async () => {
    await runbook.getByRole('link', { name: 'Make a public token' }).click();
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Gallery site (public)');
    await expect(page.getByRole('radio', { name: /^Public/ })).toBeChecked();
    await expect(page.getByLabel('Allowed origins')).toHaveValue(first.url);
    await expect(page.getByRole('checkbox', { name: 'Open archive: read' })).toBeChecked();
    await expect(page.getByRole('checkbox', { name: 'Press photos: read' })).not.toBeChecked();
    await page.goBack();
    await expect(runbook).toBeVisible();
  });

  const fresh = await test.step('the secret is replaced: the copy is worth nothing', async () => {
    expect(await asServer(daypass, stolen), 'a thief without a browser').toBe('204');
    await runbook.getByRole('button', { name: 'Replace secret…' }).click();
    await handover(page, 'Gallery site').getByRole('button', { name: 'Show it to me' }).click();
    const secret = await readSecret(page, 'Gallery site');
    await handover(page, 'Gallery site').getByRole('button', { name: 'I have stored it' }).click();
    expect(await asServer(daypass, stolen)).toBe('token_expired');
    await expect(runbook).toContainText('The secret does not work any more.');
    await guard.expecting([{ status: 403, path: '/photos/press/' }], () => visitor.reload());
    await expect(visitor.locator('#said')).toHaveText('403 exposed_in_browser');
    return secret;
  });

  await test.step('with a server that asks for temporary tokens the site works', async () => {
    await first.stop();
    const second = await openGallery(fresh);
    await visitor.goto(second.url);
    await expect(visitor.getByRole('heading', { name: 'Your day pass is valid' })).toBeVisible();
    for (const name of BOTH) await expect.poll(() => picturesOf(visitor, name)).toEqual({ shown: 4, refused: 0 });
    expect(await visitor.content()).not.toContain(fresh);
  });

  await test.step('dealt with, taken back, dealt with again', async () => {
    await page.bringToFront();
    await runbook.getByLabel('Why (optional)').fill('The page was taken down');
    await runbook.getByRole('button', { name: 'Dealt with' }).click();
    await hears(page, 'The exposure is marked as dealt with');
    await expect(runbook).toHaveCount(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(runbook).toBeVisible();
    await runbook.getByRole('button', { name: 'Dealt with' }).click();
    await expect(runbook).toHaveCount(0);
    await goTo(page, 'API Access');
    await expect(page.getByRole('row', { name: /Gallery site/ })).not.toContainText('Exposed');
    await goTo(page, 'Activity');
    await expect(page.getByRole('main').getByText('dealt with the exposure').first()).toBeVisible();
  });

  for (const answer of guard.answers) {
    expect(answer.body).not.toContain(stolen);
    expect(answer.body).not.toContain(fresh);
  }
});
