import { defineConfig } from '@playwright/test';

// Debian's sandbox helper does not work for root, which is what containers and CI are.
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'journeys',
  // Pictures are for people to look at; nothing fails by them.
  testIgnore: process.env.DAYPASS_SCREENSHOTS ? [] : ['**/screenshots.spec.ts'],
  outputDir: 'results/artifacts',
  fullyParallel: true,
  workers: 2,
  // A test that passes at the second try has found something.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: 'results/report.json' }]],
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'Europe/Oslo',
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.DAYPASS_CHROMIUM ?? '/usr/bin/chromium',
      chromiumSandbox: !isRoot,
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
