// clients/js for those who write TypeScript: what is declared is what the method takes and answers, and what the code does.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const COMPILER = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const OPTIONS = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom,dom.iterable', '--types', 'node'];

/** @param {string[]} args */
async function compile(...args) {
  const said = await new Promise((resolve) =>
    execFile(process.execPath, [COMPILER, ...OPTIONS, ...args], { cwd: HERE }, (error, stdout) => resolve(error ? stdout || String(error) : '')),
  );
  assert.equal(said, '');
}

test('a program in TypeScript', () => compile('--resolveJsonModule', 'clients/types.ts'));
test('the code behind it', () => compile('--allowJs', '--checkJs', '../clients/js/page.js', '../clients/js/server.js'));
