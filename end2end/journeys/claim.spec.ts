// A secret that no browser sees: the command from the dialog, run in a real shell, and what the page says meanwhile.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { ask, type Daypass } from '../support/daypass.mjs';
import { expect, test } from '../support/fixtures';
import { handover, hears, makeInterface, makeToken, secrets, signIn, strongroom } from '../support/people';
import { picture } from '../support/pictures';
import { traces } from '../support/probes';

const TOKEN = 'Gallery site';

interface Shell {
  done: boolean;
  out: string;
}

/** Runs a line as somebody at the server's shell does. */
async function shell(line: string): Promise<Shell> {
  try {
    const { stdout } = await promisify(execFile)('sh', ['-c', line]);
    return { done: true, out: stdout };
  } catch (failed) {
    return { done: false, out: (failed as { stdout: string }).stdout };
  }
}

async function verify(daypass: Daypass, secret: string): Promise<number> {
  const question = `${daypass.url}/verify?interface=Press%20photos&permission=read`;
  return (await ask('GET', question, { authorization: `Bearer ${secret}` })).status;
}

/** Opens the dialog and takes the command out of the frame, as a person copies it. */
async function command(page: Page, button: string, network = ''): Promise<string> {
  await page.getByRole('button', { name: button }).click();
  const dialog = handover(page, TOKEN);
  if (network) await dialog.getByLabel('Only from this network').fill(network);
  await dialog.getByRole('button', { name: 'Let a server fetch it' }).click();
  const shown = strongroom(page, TOKEN).locator('#claim');
  await expect(shown).toHaveText(/^printf code=[\w-]{43} \| curl /);
  return (await shown.innerText()).trim();
}

test('a server fetches the secret, and the page sees that it did', async ({ page, daypass, administrator, guard }) => {
  test.slow();
  await administrator.api('GET', '/tokens');
  await signIn(page);
  await makeInterface(page, 'Press photos', false);
  await makeToken(page, TOKEN, ['Press photos: read']);
  const dialog = handover(page, TOKEN);
  const notices = page.getByRole('status');

  const first = await test.step('the command is offered first, and the dialog waits for the server', async () => {
    await page.getByRole('button', { name: 'Hand over secret…' }).click();
    await expect(dialog.locator('.way .btn').first()).toHaveText('Let a server fetch it');
    await dialog.getByLabel('Only from this network').fill('nowhere');
    await dialog.getByRole('button', { name: 'Let a server fetch it' }).click();
    await expect(dialog.getByLabel('Only from this network')).toHaveAttribute('aria-invalid', 'true');
    await picture(page, 'claim-choices');
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    const line = await command(page, 'Hand over secret…');
    await expect(dialog).toContainText('No server has fetched the secret yet');
    await picture(page, 'claim-open');
    expect((await new AxeBuilder({ page }).exclude('iframe').analyze()).violations).toEqual([]);
    const fetched = await shell(line);
    expect(fetched.out).toMatch(/^dps_[0-9A-Za-z]{46}\n$/);
    expect(await verify(daypass, fetched.out.trim())).toBe(204);
    await expect(dialog).toContainText('A server has fetched the secret');
    await expect(dialog).toContainText('127.0.0.1');
    await picture(page, 'claim-fetched');
    return { line, secret: fetched.out.trim() };
  });

  await test.step('a second time gives nothing, and is seen at once', async () => {
    const again = await shell(first.line);
    expect(again.done).toBe(false);
    expect(again.out).toContain('The secret was fetched with this code already');
    await expect(dialog).toContainText('The code was used a second time');
    await picture(page, 'claim-twice');
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await hears(page, `Secret of “${TOKEN}” handed over`);
    await expect(secrets(page)).toContainText(`${first.secret.slice(0, 8)}…${first.secret.slice(-2)}`);
    // On the page too, until another secret takes its place.
    await expect(notices.filter({ hasText: 'The code was used a second time' })).toBeVisible();
    expect(await verify(daypass, first.secret)).toBe(204);
  });

  await test.step('the page of a token shows what waits, and cancels it', async () => {
    const line = await command(page, 'Replace secret…', '127.0.0.0/8');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    const waiting = notices.filter({ hasText: 'A server may fetch a new secret until' });
    await expect(waiting).toBeVisible();
    await picture(page, 'claim-on-page');
    await waiting.getByRole('button', { name: 'Cancel this code' }).click();
    await expect(waiting).toBeHidden();
    expect((await shell(line)).out).toContain('An administrator has cancelled this code');
    expect(await verify(daypass, first.secret)).toBe(204);
  });

  await test.step('a browser burns it', async () => {
    const line = await command(page, 'Replace secret…');
    const code = /code=([\w-]+)/.exec(line)?.[1] ?? '';
    const answer = await guard.expecting([{ status: 403, path: '/claim' }], () =>
      page.evaluate(async (code) => {
        const body = new URLSearchParams({ code });
        return (await fetch('/claim', { method: 'POST', body })).text();
      }, code),
    );
    expect(answer).not.toContain('dps_');
    await expect(dialog).toContainText('A browser used the code');
    await picture(page, 'claim-browser');
    expect((await shell(line)).done).toBe(false);
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    expect(await verify(daypass, first.secret)).toBe(204);
  });

  await test.step('replaced by the page while it looks on', async () => {
    const line = await command(page, 'Replace secret…');
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    const { out } = await shell(line);
    await expect(notices.filter({ hasText: 'A server has fetched the secret' })).toBeVisible();
    await expect(secrets(page)).toContainText(`${out.slice(0, 8)}…${out.trim().slice(-2)}`);
    expect(await verify(daypass, out.trim())).toBe(204);
    expect(await verify(daypass, first.secret)).toBe(401);
    for (const trace of [...(await traces(page)), ...(await guard.everything())]) {
      expect(trace).not.toContain(first.secret);
      expect(trace).not.toContain(out.trim());
    }
  });
});
