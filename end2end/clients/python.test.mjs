// Authlib mints and introspects, PyJWT checks offline: Python's usual libraries, unmodified, in an environment that is
// made once under target/.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ask } from '../support/daypass.mjs';
import { organisation } from './organisation.mjs';
import { published } from './published.mjs';

const run = promisify(execFile);
const ENVIRONMENT = fileURLToPath(new URL('../../target/python', import.meta.url));
const PYTHON = `${ENVIRONMENT}/bin/python`;
const PACKAGES = ['authlib==1.9.9', 'pyjwt[crypto]==2.15.1', 'requests==2.34.2'];

/** @type {Awaited<ReturnType<typeof organisation>>} */
let here;
before(async () => {
  if (!existsSync(`${ENVIRONMENT}/complete`)) {
    await run('python3', ['-m', 'venv', '--clear', ENVIRONMENT]);
    await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES]);
    await run(PYTHON, ['-c', `open('${ENVIRONMENT}/complete', 'w')`]);
  }
  here = await organisation();
});
after(() => here?.daypass.remove());

test('Authlib mints, exchanges and introspects; PyJWT checks offline', async () => {
  const script = fileURLToPath(new URL('clients.py', import.meta.url));
  const env = {
    PATH: process.env.PATH,
    DAYPASS: here.daypass.url,
    HOLDER: `${here.holder.id}:${here.holder.secret}`,
    GUARD: `${here.guard.id}:${here.guard.secret}`,
  };
  const { stdout } = await run(PYTHON, [script], { env });
  assert.equal(stdout.trim(), 'all is well');
});

test('the example of /api that checks offline with PyJWT', async () => {
  const { daypass, holder } = here;
  const headers = { authorization: `Bearer ${holder.secret}` };
  const { token } = JSON.parse((await ask('POST', `${daypass.url}/api/GetTemporaryToken`, headers)).body);
  const code = (await published(daypass.url)).get('jwks')?.get('python');
  const { stdout } = await run(PYTHON, ['-c', `token = "${token}"\n${code}`]);
  assert.match(stdout, /'permissions': \['read'/);
});
