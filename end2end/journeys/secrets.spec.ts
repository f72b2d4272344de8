// By trial: while a secret is generated, replaced and imported, every byte that the page's scripts could see is written
// down and searched, the WebAssembly's memory among it. (What a hostile script tries is in story.spec.ts.)

import type { Page } from '@playwright/test';

import { expect, test } from '../support/fixtures';
import type { Guard } from '../support/guard';
import { handover, readSecret, secrets, signIn, strongroom, takeSecret } from '../support/people';
import { heard, inMemory, record, traces } from '../support/probes';

/** The first characters are shown as a hint; what comes after them must be nowhere. */
const inner = (secret: string) => secret.slice(8, -2);

async function searched(page: Page, guard: Guard, all: string[]): Promise<void> {
  const seen = [...(await heard(page)), ...(await traces(page)), ...(await guard.everything())];
  expect(seen.length).toBeGreaterThan(100);
  // The search finds what is there: the hint of the present secret, and the token's name.
  expect(seen.some((text) => text.includes('Gallery site'))).toBe(true);
  for (const secret of all) {
    // The form inside the frame sends an imported key; the page's own scripts neither send nor get it.
    const found = seen.filter((text) => text.includes(inner(secret)) && !text.includes('/import '));
    expect(found).toEqual([]);
  }
  const texts = ['Gallery site', ...all.map(inner)];
  expect(await inMemory(page, texts), 'in the memory of the WebAssembly').toEqual(['Gallery site']);
}

test('no byte that a script can see is a secret', async ({ page, context, guard, administrator }) => {
  test.slow();
  await administrator.api('POST', '/interfaces', { name: 'Press photos' });
  const { id } = await administrator.api('POST', '/tokens', { name: 'Gallery site' });
  await record(page);
  await signIn(page, `/tokens/${id}`);
  const all: string[] = [];

  await test.step('generated', async () => {
    all.push(await takeSecret(page, 'Gallery site'));
    await expect(secrets(page)).toContainText(all[0].slice(-2));
    await searched(page, guard, all);
  });

  await test.step('while it is shown, and when the form is sent again', async () => {
    await page.getByRole('button', { name: 'Replace secret…' }).click();
    const dialog = handover(page, 'Gallery site');
    await dialog.getByRole('button', { name: 'Show it to me' }).click();
    all.push(await readSecret(page, 'Gallery site'));
    await searched(page, guard, all);
    await guard.expecting([{ status: 409, path: '/strongroom/' }], () =>
      page.evaluate(() => document.querySelector<HTMLFormElement>('form[target=strongroom]')?.submit()),
    );
    await expect(strongroom(page, 'Gallery site').getByRole('heading')).toHaveText('This was shown once');
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await searched(page, guard, all);
  });

  await test.step('imported', async () => {
    await page.getByRole('button', { name: 'Replace secret…' }).click();
    const dialog = handover(page, 'Gallery site');
    await dialog.getByRole('button', { name: 'Use a key I already have' }).click();
    const room = strongroom(page, 'Gallery site');
    const key = 'kZ8-vT2_qW5.yR9~uE3+mB7=xN4!cD6';
    await room.getByLabel('Existing key').fill(key);
    await room.getByRole('button', { name: 'Use this key' }).click();
    await expect(room.getByRole('heading')).toHaveText('The key is in use');
    all.push(key);
    await searched(page, guard, all);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(secrets(page)).toContainText(key.slice(-2));
    await searched(page, guard, all);
  });

  await test.step('Back, reload, and the same address in another tab', async () => {
    await page.goto('/tokens');
    await page.goBack();
    await expect(secrets(page)).toContainText(all[2].slice(-2));
    await expect(page.locator('iframe')).toHaveCount(0);
    await searched(page, guard, all);
    await page.reload();
    await expect(secrets(page)).toContainText(all[2].slice(-2));
    await searched(page, guard, all);
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(() => void window.open(location.href)),
    ]);
    await expect(secrets(copy)).toContainText(all[2].slice(-2));
    for (const text of await traces(copy)) {
      for (const secret of all) expect(text).not.toContain(inner(secret));
    }
    await copy.close();
  });
});
