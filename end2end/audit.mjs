// schemathesis (Python) against the description that a running Daypass serves of itself: every operation is asked with
// what the description allows and with what it does not, and every answer has to be one that is described.
//
// node audit.mjs SCHEMATHESIS [ARGUMENTS…]: exits with 1 when it finds anything. DAYPASS_AUDIT_CASES: requests for each
// operation and run, at most.

import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { organisation } from './clients/organisation.mjs';
import { ask } from './support/daypass.mjs';

const [schemathesis, ...more] = process.argv.slice(2);
// It keeps what it has found beside where it runs.
const FOLDER = fileURLToPath(new URL('../target/audit/schemathesis', import.meta.url));
mkdirSync(FOLDER, { recursive: true });
const CASES = process.env.DAYPASS_AUDIT_CASES ?? '300';

// What ends the token that is sent would leave nothing to ask the others with.
const ENDING = ['/api/RevokeToken', '/oauth2/revoke'];

// Reports of leaks are taken where somebody's keys are known: these are nobody's.
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { key_identifier: 'audit', key: publicKey.export({ type: 'spki', format: 'pem' }), is_current: true };
const keys = createServer((_, response) => response.end(JSON.stringify({ public_keys: [key] })));
await new Promise((listening) => keys.listen(0, '127.0.0.1', () => listening(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (keys.address());

const { daypass, holder, guard } = await organisation({ DAYPASS_LEAKS__REPORT_KEYS_URL: `http://127.0.0.1:${port}/` });

/** @param {string} secret */
async function temporary(secret) {
  const headers = { authorization: `Bearer ${secret}` };
  const answer = await ask('POST', `${daypass.url}/api/GetTemporaryToken`, headers);
  return JSON.parse(answer.body).token;
}

const basic = (who) => `Basic ${Buffer.from(`${who.id}:${who.secret}`).toString('base64')}`;
const only = (paths) => paths.flatMap((path) => ['--include-path', path]);
const but = (paths) => paths.flatMap((path) => ['--exclude-path', path]);

/** @type {[string, string[]][]} */
const runs = [
  ['nobody', []],
  ['a permanent token', ['-H', `Authorization: Bearer ${holder.secret}`, ...but(ENDING)]],
  ['a temporary token', ['-H', `Authorization: Bearer ${await temporary(holder.secret)}`, ...but(ENDING)]],
  ['the protected API', ['-H', `Authorization: ${basic(guard)}`, ...only(['/oauth2/token', '/oauth2/introspect'])]],
  ['whoever ends tokens', ['-H', `Authorization: Bearer ${await temporary(holder.secret)}`, ...only(ENDING)]],
];

let found = 0;
try {
  for (const [name, options] of runs) {
    console.log(`\n-- asked by ${name}`);
    const child = spawn(
      schemathesis,
      ['--config-file', fileURLToPath(new URL('schemathesis.toml', import.meta.url)), 'run', `${daypass.url}/api/openapi.json`, '--checks', 'all', '--max-examples', CASES, '--warnings', 'off',
        '--generation-database', 'none', '--continue-on-failure', ...options, ...more],
      { stdio: 'inherit', cwd: FOLDER },
    );
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) found += 1;
  }
} finally {
  await daypass.remove();
  keys.close();
}
if (found > 0) {
  console.error(`${found} of ${runs.length} runs found something.`);
  process.exit(1);
}
console.log('Nothing was found.');
