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
/** What the example of GetTemporaryToken asks for, and the page that it names: other examples get such a token. */
let wish = '';
let origin = '';

before(async () => {
  here = await organisation();
  shown = await published(here.daypass.url);
  wish = /-d '(.*?)'/s.exec(shown.get('GetTemporaryToken')?.get('curl') ?? '')?.[1] ?? '';
  [origin] = JSON.parse(wish).origins;
  home = await mkdtemp(join(tmpdir(), 'daypass-examples-'));
  await writeFile(join(home, '.curlrc'), 'fail-with-body\n');
});
after(async () => {
  await here?.daypass.remove();
  await rm(home, { recursive: true, force: true });
});

/**
 * What a page says is there: a visitor's token, and what else came with the visitor's request.
 * @typedef {{ token: string, origin: string, referer: string }} There
 */

/** How a language is run, and how it is told what is there. Of a header that did not come, the value is empty. */
const LANGUAGES = {
  curl: { command: ['bash', '-eo', 'pipefail', '-s'], begin: () => '' },
  js: {
    command: [process.execPath, '--input-type=module', '-'],
    begin: (/** @type {There} */ { token, origin, referer }) =>
      `const [visitorsToken, temporaryToken, token] = Array(3).fill("${token}");\n` +
      `const [visitorsOrigin, visitorsReferer] = ["${origin}", "${referer}"];\n`,
  },
  php: {
    command: ['php', '-d', 'display_errors=stderr'],
    begin: (/** @type {There} */ { token, origin, referer }) =>
      `<?php $visitorsToken = $temporaryToken = $token = "${token}"; ` +
      `[$visitorsOrigin, $visitorsReferer] = ["${origin}", "${referer}"]; ?>`,
  },
  python: {
    command: ['python3', '-'],
    begin: (/** @type {There} */ { token, origin, referer }) =>
      `visitors_token = temporary_token = token = "${token}"\n` +
      `visitors_origin, visitors_referer = "${origin}", "${referer}"\n`,
  },
  rust: {
    command: [process.execPath, fileURLToPath(new URL('rust.mjs', import.meta.url)), RUST ?? ''],
    begin: (/** @type {There} */ { token, origin, referer }) =>
      `let [visitors_token, temporary_token, token] = [(); 3].map(|()| "${token}".to_owned());\n` +
      `let [visitors_origin, visitors_referer] = ["${origin}", "${referer}"].map(|v| Some(v).filter(|v| !v.is_empty()));\n`,
  },
};

/**
 * Runs an example; answers what it printed.
 * @param {keyof typeof LANGUAGES} language
 * @param {string} code
 * @param {There} there
 * @param {Record<string, string>} env
 */
async function paste(language, code, there, env) {
  const { command, begin } = LANGUAGES[language];
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: HERE,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      VISITORS_TOKEN: there.token,
      VISITORS_ORIGIN: there.origin,
      VISITORS_REFERER: there.referer,
      ...env,
    },
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
  child.stdin.end(begin(there) + code.replace(/(?<!\$)\b(VISITORS|TEMPORARY)_TOKEN\b/g, there.token));
  assert.equal(await ended, 0, `${code}\n${output}\n${errors}`);
  return output;
}

/** A visitor of the page, with a token as the page has it. @param {string} secret @returns {Promise<There>} */
async function visitor(secret) {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const { body } = await ask('POST', `${here.daypass.url}/api/GetTemporaryToken`, headers, wish);
  return { token: JSON.parse(body).token, origin, referer: `${origin}/press?page=2` };
}

/** @param {string} token @param {Record<string, string>} [headers] of the page */
async function isAccepted(token, headers = {}) {
  const question = `${here.daypass.url}/verify?interface=Press%20photos&permission=read`;
  return (await ask('GET', question, { authorization: `Bearer ${token}`, ...headers })).status === 204;
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

/** @type {There} */
const NOBODY = { token: '', origin: '', referer: '' };

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
        const there = await visitor(here.holder.secret);
        // A picture names its page in the Referer alone; a page with a strict policy, in the Origin.
        const visits = id === 'verify' ? [there, { ...there, origin: '' }, { ...there, referer: '' }] : [there];
        for (const visit of visits) {
          const output = await paste(language, code + (more?.[language] ?? ''), visit, env);
          if (silent && language !== 'curl') assert.equal(output, '');
          else assert.match(output, prints);
        }
      });
    }

    await t.test('claim', async () => {
      const code = shown.get('claim')?.get(language);
      assert.ok(code, 'it is published');
      const CODE = await here.administrator.takeClaim(here.holder.id);
      const show = { curl: '', js: 'console.log(secret);', php: 'echo $secret;', python: 'print(secret)', rust: 'println!("{secret}");' }[language];
      here.holder.secret = (await paste(language, `${code}\n${show}\n`, NOBODY, { CODE })).trim();
      assert.ok(await isAccepted(here.holder.secret));
    });

    for (const id of ['RevokeToken', 'oauth-revoke']) {
      await t.test(id, async () => {
        const code = shown.get(id)?.get(language);
        assert.ok(code, 'it is published');
        // A secret of its own, which curl's example ends.
        const secret = await here.administrator.takeSecret(here.holder.id);
        here.holder.secret = secret;
        const there = await visitor(secret);
        assert.ok(await isAccepted(there.token, { origin }));
        assert.ok(!(await isAccepted(there.token)), 'it is bound to the page');
        await paste(language, code, there, { DAYPASS_TOKEN_ID: here.holder.id, DAYPASS_TOKEN: secret });
        assert.ok(!(await isAccepted(there.token, { origin })), 'it has ended');
        if (!(await isAccepted(secret))) here.holder.secret = await here.administrator.takeSecret(here.holder.id);
      });
    }
  });
}
