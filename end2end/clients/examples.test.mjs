// What stands in /api is pasted: each example, out of the page that the running server shows, does what it says. Rust's
// are built and run in the folder DAYPASS_RUST_EXAMPLES, where that is set (`./dev audit`). PyJWT's is run in python.test.mjs, which has that library.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ask } from '../support/daypass.mjs';
import { organisation } from './organisation.mjs';
import { published } from './published.mjs';

const run = promisify(execFile);
/** From here Node finds the libraries that examples import. */
const HERE = fileURLToPath(new URL('..', import.meta.url));
/** Where examples in Rust are built. */
const RUST = process.env.DAYPASS_RUST_EXAMPLES;

/** @type {Awaited<ReturnType<typeof organisation>>} */
let here;
/** @type {Awaited<ReturnType<typeof published>>} */
let shown;
/** A home whose curl fails where an answer is a refusal. */
let home = '';

before(async () => {
  here = await organisation();
  shown = await published(here.daypass.url);
  home = await mkdtemp(join(tmpdir(), 'daypass-examples-'));
  await writeFile(join(home, '.curlrc'), 'fail-with-body\n');
});
after(async () => {
  await here?.daypass.remove();
  await rm(home, { recursive: true, force: true });
});

/** How a language is run, and how it is told what a page says is there: a visitor's token, for instance. */
const LANGUAGES = {
  curl: { command: ['bash', '-eo', 'pipefail', '-s'], begin: () => '' },
  js: {
    command: [process.execPath, '--input-type=module', '-'],
    begin: (/** @type {string} */ token) => `const [visitorsToken, temporaryToken, token] = Array(3).fill("${token}");\n`,
  },
  php: {
    command: ['php', '-d', 'display_errors=stderr'],
    begin: (/** @type {string} */ token) => `<?php $visitorsToken = $temporaryToken = $token = "${token}"; ?>`,
  },
  python: {
    command: ['python3', '-'],
    begin: (/** @type {string} */ token) => `visitors_token = temporary_token = token = "${token}"\n`,
  },
  rust: {
    command: [process.execPath, fileURLToPath(new URL('rust.mjs', import.meta.url)), RUST ?? ''],
    begin: (/** @type {string} */ token) =>
      `let [visitors_token, temporary_token, token] = [(); 3].map(|()| "${token}".to_owned());\n`,
  },
};

/**
 * Runs an example; answers what it printed.
 * @param {keyof typeof LANGUAGES} language
 * @param {string} code
 * @param {string} token of a visitor
 * @param {Record<string, string>} env
 */
async function paste(language, code, token, env) {
  const { command, begin } = LANGUAGES[language];
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: HERE,
    env: { PATH: process.env.PATH, HOME: home, VISITORS_TOKEN: token, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (part) => (output += part));
  child.stderr.on('data', (part) => (errors += part));
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.end(begin(token) + code.replace(/(?<!\$)\b(VISITORS|TEMPORARY)_TOKEN\b/g, token));
  assert.equal(await ended, 0, `${code}\n${output}\n${errors}`);
  return output;
}

/** @param {string} secret @param {string} [body] */
async function mint(secret, body = '{}') {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return JSON.parse((await ask('POST', `${here.daypass.url}/api/GetTemporaryToken`, headers, body)).body).token;
}

/** @param {string} token */
async function isAccepted(token) {
  const question = `${here.daypass.url}/verify?interface=Press%20photos&permission=read`;
  return (await ask('GET', question, { authorization: `Bearer ${token}` })).status === 204;
}

/**
 * A method, what its example prints in every language (or in curl, where programs only fail if it fails), and who asks.
 * @type {Record<string, { prints: RegExp, silent?: boolean, as?: 'guard', more?: Partial<Record<keyof typeof LANGUAGES, string>> }>}
 */
const METHODS = {
  GetTemporaryToken: { prints: /"token": ?"eyJ/, silent: true },
  WhoAmI: { prints: /WordPress/ },
  verify: {
    prints: /^HTTP\/1.1 204/,
    silent: true,
    more: { php: '\nexit($allowed ? 0 : 1);', python: '\nassert allowed\n', rust: '\nassert!(allowed);\n' },
  },
  jwks: { prints: /Ed25519|permissions/ },
  'oauth-token': { prints: /access_token/ },
  'oauth-introspect': { prints: /active\W+(true|True|1)\b/, as: 'guard' },
  'oauth-metadata': { prints: /token_endpoint/ },
  imageshop: { prints: /eyJ/ },
  vimp: { prints: /token\W+eyJ/ },
  TokenDigests: { prints: /live\W+(Bool\W)?(true|True|1)\b/ },
  tools: { prints: /3\.1\.0/ },
};

/** What needs a library of others, and so is not run here. */
const ELSEWHERE = new Set(['jwks php', 'jwks python']);

/** @param {string} name */
async function isThere(name) {
  return run(name, ['--version']).then(
    () => true,
    () => false,
  );
}

for (const language of /** @type {(keyof typeof LANGUAGES)[]} */ (Object.keys(LANGUAGES))) {
  test(`the examples in ${language}`, async (t) => {
    if (language === 'rust' && !RUST) return t.skip('only in ./dev audit: each has to be built');
    if (!(await isThere(LANGUAGES[language].command[0]))) return t.skip('not on this machine');

    for (const [id, { prints, silent, as, more }] of Object.entries(METHODS)) {
      if (ELSEWHERE.has(`${id} ${language}`)) continue;
      await t.test(id, async () => {
        const code = shown.get(id)?.get(language);
        assert.ok(code, 'it is published');
        const asking = here[as ?? 'holder'];
        const env = { DAYPASS_TOKEN_ID: asking.id, DAYPASS_TOKEN: asking.secret, FOUND: asking.secret };
        const output = await paste(language, code + (more?.[language] ?? ''), await mint(here.holder.secret), env);
        if (silent && language !== 'curl') assert.equal(output, '');
        else assert.match(output, prints);
      });
    }

    await t.test('claim', async () => {
      const code = shown.get('claim')?.get(language);
      assert.ok(code, 'it is published');
      const CODE = await here.administrator.takeClaim(here.holder.id);
      const show = { curl: '', js: 'console.log(secret);', php: 'echo $secret;', python: 'print(secret)', rust: 'println!("{secret}");' }[language];
      here.holder.secret = (await paste(language, `${code}\n${show}\n`, '', { CODE })).trim();
      assert.ok(await isAccepted(here.holder.secret));
    });

    for (const id of ['RevokeToken', 'oauth-revoke']) {
      await t.test(id, async () => {
        const code = shown.get(id)?.get(language);
        assert.ok(code, 'it is published');
        // A secret of its own, which curl's example ends.
        const secret = await here.administrator.takeSecret(here.holder.id);
        here.holder.secret = secret;
        const token = await mint(secret);
        assert.ok(await isAccepted(token));
        await paste(language, code, token, { DAYPASS_TOKEN_ID: here.holder.id, DAYPASS_TOKEN: secret });
        assert.ok(!(await isAccepted(token)), 'it has ended');
        if (!(await isAccepted(secret))) here.holder.secret = await here.administrator.takeSecret(here.holder.id);
      });
    }
  });
}
