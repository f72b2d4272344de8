// What the guides have people copy, run as it lies there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ask } from '../support/daypass.mjs';
import { organisation } from './organisation.mjs';

const run = promisify(execFile);
const STAGE = fileURLToPath(new URL('guides/wordpress.php', import.meta.url));
const PLUGIN = fileURLToPath(new URL('../../server/src/reference/guides/samples/wordpress.php', import.meta.url));

/** @type {Awaited<ReturnType<typeof organisation>>} */
let here;
before(async () => {
  here = await organisation();
});
after(() => here?.daypass.remove());

const PHP = await run('php', ['--version']).then(
  () => true,
  () => false,
);

// WordPress may live in a folder or on a port of its own; a pass is for the origin that browsers name.
for (const [home, origin] of [
  ['https://www.example.org', 'https://www.example.org'],
  ['https://example.org/blog', 'https://example.org'],
  ['http://localhost:8081/wordpress/', 'http://localhost:8081'],
]) {
  test(`the plugin for WordPress at ${home}`, { skip: !PHP && 'no PHP on this machine' }, async () => {
    const env = { ...process.env, DAYPASS_URL: here.daypass.url, DAYPASS_TOKEN: here.holder.secret, HOME_URL: home };
    const { stdout, stderr } = await run('php', ['-d', 'display_errors=stderr', STAGE, PLUGIN], { env });
    assert.equal(stderr, '');
    const { status, data, headers } = JSON.parse(stdout);
    assert.equal(status, 200);
    assert.equal(headers['Cache-Control'], 'no-store');
    assert.equal(data.expires_in, 900);
    const question = `${here.daypass.url}/verify?interface=Press%20photos&permission=read`;
    const verify = (/** @type {string} */ page) =>
      ask('GET', question, { authorization: `Bearer ${data.token}`, referer: `${page}/press/` });
    assert.equal((await verify(origin)).status, 204);
    assert.equal((await verify('https://elsewhere.example')).status, 403);
  });
}
