// The browser rule never hits a server: HTTP clients of servers, at their defaults, present a permanent secret and pass.
// What this machine does not have is named as skipped, so that a report shows what was tried. Rust's reqwest is tried in
// server/tests/http/exposures.rs.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { organisation } from './organisation.mjs';

const run = promisify(execFile);
const file = (/** @type {string} */ name) => fileURLToPath(new URL(`servers/${name}`, import.meta.url));
const help = (/** @type {string} */ name) => fileURLToPath(new URL(`../../clients/help/${name}`, import.meta.url));
/** Runtimes and libraries of others, from npm and PyPI: fetched once for these versions. */
const RUNTIMES = ['deno@2.9.6', 'bun@1.4.5'];
const LIBRARIES = ['requests==2.34.2', 'httpx==0.28.1', 'aiohttp==3.14.5'];
const GOT = fileURLToPath(new URL('../../target/server-clients', import.meta.url));
const PYTHON = `${GOT}/python/bin/python`;

/** @type {Awaited<ReturnType<typeof organisation>>} */
let here;
before(async () => {
  await mkdir(GOT, { recursive: true });
  const complete = [...RUNTIMES, ...LIBRARIES].join('\n');
  if (!existsSync(`${GOT}/complete`) || (await readFile(`${GOT}/complete`, 'utf8')) !== complete) {
    await run('python3', ['-m', 'venv', '--clear', `${GOT}/python`]);
    try {
      await run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...LIBRARIES]);
      await run('npm', ['install', '--prefix', GOT, '--no-save', '--no-audit', '--no-fund', ...RUNTIMES]);
      await writeFile(`${GOT}/complete`, complete);
    } catch (error) {
      // Where it counts all of them are tried; elsewhere the next run tries to fetch them again.
      if (process.env.CI) throw error;
    }
  }
  here = await organisation();
});
after(() => here?.daypass.remove());

/** Whether a command works here, and what it says of its version. */
async function version(/** @type {string} */ command, /** @type {string[]} */ ...args) {
  try {
    const { stdout, stderr } = await run(command, args);
    return (stdout || stderr).trim().split('\n')[0];
  } catch {
    return undefined;
  }
}

const NODE = process.execPath;
const npm = (/** @type {string} */ name) => `${GOT}/node_modules/.bin/${name}`;
const NET = `mcs -r:System.Net.Http.dll -out:'${GOT}/client.exe' '${file('Client.cs')}' && mono '${GOT}/client.exe'`;
/** What is tried: a name, how its version is asked for, and the command. */
const CLIENTS = /** @type {const} */ ([
  ['Node, fetch', [NODE, '--version'], [NODE, file('fetch.mjs')]],
  ['Node, http', [NODE, '--version'], [NODE, file('http.mjs')]],
  ['Deno, fetch', [npm('deno'), '--version'], [npm('deno'), 'run', '--allow-net', '--allow-env', file('fetch.mjs')]],
  ['Bun, fetch', [npm('bun'), '--version'], [npm('bun'), file('fetch.mjs')]],
  ['PHP, curl', ['php', '-r', 'exit(extension_loaded("curl") ? 0 : 1);'], ['php', file('curl.php')]],
  ['PHP, streams', ['php', '--version'], ['php', file('streams.php')]],
  ['Python, urllib', [PYTHON, '--version'], [PYTHON, file('libraries.py'), 'urllib']],
  ['Python, requests', [PYTHON, '-c', 'import requests'], [PYTHON, file('libraries.py'), 'requests']],
  ['Python, httpx', [PYTHON, '-c', 'import httpx'], [PYTHON, file('libraries.py'), 'httpx']],
  ['Python, aiohttp', [PYTHON, '-c', 'import aiohttp'], [PYTHON, file('libraries.py'), 'aiohttp']],
  ['Java, HttpClient', ['java', '--version'], ['java', file('Clients.java'), 'modern']],
  ['Java, HttpURLConnection', ['java', '--version'], ['java', file('Clients.java'), 'old']],
  ['Go, net/http', ['go', 'version'], ['go', 'run', file('main.go')]],
  ['.NET, HttpClient (Mono)', ['mono', '--version'], ['sh', '-c', NET]],
]);

function environment() {
  return {
    ...process.env,
    DAYPASS: here.daypass.url,
    SECRET: here.holder.secret,
    QUESTION: '/verify?interface=Press%20photos&permission=read',
  };
}

for (const [name, [asked, ...how], [command, ...args]] of CLIENTS) {
  test(name, async (t) => {
    const found = await version(asked, ...how);
    if (found === undefined) return t.skip('not on this machine');
    t.diagnostic(found || 'there');
    const { stdout } = await run(command, args, { env: environment() });
    assert.equal(stdout.trim(), '204 200');
  });
}

test('curl', async (t) => {
  t.diagnostic((await version('curl', '--version')) ?? '');
  const { DAYPASS, SECRET, QUESTION } = environment();
  const ask = async (/** @type {string[]} */ ...args) => {
    const bearer = `Authorization: Bearer ${SECRET}`;
    return (await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', bearer, ...args])).stdout;
  };
  assert.equal(await ask(`${DAYPASS}${QUESTION}`), '204');
  assert.equal(await ask('-X', 'POST', `${DAYPASS}/api/GetTemporaryToken`), '200');
  // Libraries that only say who they are, or where they were.
  assert.equal(await ask('-A', 'Mozilla/5.0', '-e', 'https://blog.example/', `${DAYPASS}${QUESTION}`), '204');
});

// The code that a refusal gives to the developer works as it is.
for (const [name, code, command] of /** @type {const} */ ([
  ['PHP', 'day-pass.php', 'php'],
  ['JavaScript', 'day-pass.mjs', NODE],
  ['Python', 'day_pass.py', 'python3'],
])) {
  test(`the help in ${name}`, async (t) => {
    if ((await version(command, '--version')) === undefined) return t.skip('not on this machine');
    const env = { ...process.env, DAYPASS_URL: here.daypass.url, DAYPASS_TOKEN: here.holder.secret };
    let script = help(code);
    if (name === 'PHP') {
      script = `${GOT}/help.php`;
      await writeFile(script, `<?php\n${await readFile(help(code), 'utf8')}`);
    }
    const { stdout } = await run(command, [script], { env });
    assert.match(stdout.trim(), /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  });
}

test('none of them left a trace', async () => {
  const token = await here.administrator.api('GET', `/tokens/${here.holder.id}`);
  assert.deepEqual(token.exposures, []);
});

test('a page of a browser does', async () => {
  const { DAYPASS, SECRET, QUESTION } = environment();
  // Exactly what Chromium, Firefox and Safari send with a cross-origin fetch.
  const headers = { authorization: `Bearer ${SECRET}`, origin: 'https://blog.example', referer: 'https://blog.example/' };
  const { ask } = await import('../support/daypass.mjs');
  const refused = await ask('GET', `${DAYPASS}${QUESTION}`, headers);
  assert.equal(refused.status, 403);
  const problem = JSON.parse(refused.body);
  assert.equal(problem.code, 'exposed_in_browser');
  assert.match(problem.help.code, /GetTemporaryToken/);
});
