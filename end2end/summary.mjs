// The closing line of `./dev test`: counts what cargo, Playwright and node reported, and fails unless all of it passed.
// Usage: summary.mjs CARGO_LOG PLAYWRIGHT_REPORT CLIENTS_TAP

import { readFileSync } from 'node:fs';

const [log, report, tap] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let ignored = 0;
const problems = [];

const results = readFileSync(log, 'utf8').matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm);
let suites = 0;
for (const [, good, bad, left] of results) {
  suites += 1;
  passed += Number(good);
  failed += Number(bad);
  ignored += Number(left);
}
if (suites === 0) problems.push('the tests did not run');

try {
  const { stats, errors } = JSON.parse(readFileSync(report, 'utf8'));
  passed += stats.expected;
  failed += stats.unexpected + stats.flaky;
  ignored += stats.skipped;
  if (stats.expected === 0 || errors.length > 0) problems.push('the journeys did not run');
} catch {
  problems.push('the journeys did not run');
}

try {
  const lines = readFileSync(tap, 'utf8');
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(lines)?.[1] ?? 0);
  passed += count('pass');
  failed += count('fail') + count('cancelled');
  ignored += count('skipped');
  if (count('pass') === 0) problems.push("the others' clients did not run");
} catch {
  problems.push("the others' clients did not run");
}

const parts = [`${passed} passed`, `${failed} failed`];
if (ignored > 0) parts.push(`${ignored} skipped`);
console.log([...parts, ...problems].join(', '));
process.exit(failed > 0 || problems.length > 0 ? 1 : 0);
