// Pictures for people to look at: light and dark, desk and phone. Only taken by `./dev screenshots`.

import type { Page } from '@playwright/test';

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Whether pictures are wanted in this run. */
export const wanted = Boolean(process.env.DAYPASS_SCREENSHOTS);

/** Takes `screenshots/<name>-<scheme>-<size>.png` for every combination, and leaves the page as it was. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!wanted) return;
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      // Colours that are still on their way from the other scheme would be in the picture.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: `screenshots/${name}-${colorScheme}-${size}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (before) await page.setViewportSize(before);
}
