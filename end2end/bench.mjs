// Requests per second beside a bare axum handler that gives the same answers to the same requests: one machine, one
// run, rounds in turn, so that what the machine does meanwhile meets both alike. Limits, statistics and the log are as
// in production. `./dev bench [seconds per round] [rounds] [tokens on file]`.

import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Administrator, ask, Daypass, freePort, untilItAnswers } from './support/daypass.mjs';

const [seconds = '3', rounds = '9', onFile = '100000'] = process.argv.slice(2);
const IN_USE = 1000;
// The server remembers at most 40,000 tokens that it has checked: after 60,000 others each is new to it again.
const NEVER_SEEN = 60_000;
const BARE = fileURLToPath(new URL('../target/release/bare', import.meta.url));
const SCRIPT = fileURLToPath(new URL('bench.lua', import.meta.url));
const VERIFY = '/verify?interface=Press%20photos&permission=read';
const run = promisify(execFile);

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Processor time that a process has used, in µs. A tick is 10 ms. @param {number} pid */
async function processor(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Memory of a process, in MB. @param {number} pid */
async function memory(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

let turn = 0;

/**
 * One run of wrk.
 * @param {{pid: number, url: string}} server
 * @param {{method: string, path: string, list: string, body: string}} subject
 */
async function measure(server, subject) {
  turn += 1;
  const before = await processor(server.pid);
  const { stdout } = await run('wrk', [
    '-t1', '-c32', `-d${seconds}s`, '--latency', '-s', SCRIPT, server.url, '--',
    subject.method, subject.path, subject.list, subject.body, String(turn * 7919),
  ]);
  // A refused request is cheap; counting one would flatter us.
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`not every request was answered well:\n${stdout}`);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    processor: ((await processor(server.pid)) - before) / requests,
    p99: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit],
  };
}

/** A bare handler that answers as Daypass just did. */
async function bareLike(answer, file) {
  const skipped = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'];
  const headers = Object.entries(answer.headers).filter(([name]) => !skipped.includes(name));
  const lines = [answer.status, ...headers.map(([name, value]) => `${name}: ${value}`)];
  await writeFile(file, `${lines.join('\n')}\n\n${answer.body}`);
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(BARE, [new URL(url).host, file], { stdio: 'inherit' });
  await untilItAnswers(url);
  return { url, pid: child.pid, child };
}

/** Does something for every item, some at a time. */
async function all(items, atOnce, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at], at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const daypass = await (Number(onFile) > 0 ? Daypass.startCrowded(Number(onFile)) : Daypass.start());
const bares = [];
try {
  const administrator = await Administrator.create(daypass);
  const { items } = await administrator.api('GET', '/interfaces?per_page=200');
  if (!items.some((i) => i.name === 'Press photos')) {
    await administrator.api('POST', '/interfaces', { name: 'Press photos', description: '', public: false });
  }
  process.stdout.write(`${IN_USE} secrets, `);
  const secrets = await all(Array.from({ length: IN_USE }), 8, async (_, number) => {
    const token = await administrator.api('POST', '/tokens', {
      name: `Benchmark ${number}`,
      grants: [{ interface: 'Press photos', permissions: number ? ['read'] : ['read', 'introspect'] }],
      rate_limit: { requests: 1_000_000, per_seconds: 1 },
    });
    return administrator.takeSecret(token.id);
  });
  const mint = async (secret) => {
    const answer = await ask('POST', `${daypass.url}/api/GetTemporaryToken`, { authorization: `Bearer ${secret}` });
    return JSON.parse(answer.body).token;
  };
  process.stdout.write(`${NEVER_SEEN} temporary tokens\n`);
  const temporary = await all(Array.from({ length: NEVER_SEEN }, (_, at) => secrets[at % IN_USE]), 32, mint);
  const write = async (name, list) => {
    const file = join(daypass.folder, name);
    await writeFile(file, `${list.join('\n')}\n`);
    return file;
  };
  const lists = {
    permanent: await write('permanent', secrets),
    rotation: await write('rotation', temporary.slice(0, IN_USE)),
    new: await write('new', temporary),
  };
  const json = '{"lifetime":900}';
  const subjects = [
    { name: '/verify, permanent', least: 0.85, method: 'GET', path: VERIFY, list: lists.permanent, body: '' },
    { name: '/verify, temporary in rotation', least: 0.75, method: 'GET', path: VERIFY, list: lists.rotation, body: '' },
    { name: '/verify, temporary never seen', least: 0.2, method: 'GET', path: VERIFY, list: lists.new, body: '' },
    { name: 'GetTemporaryToken', least: 0.45, method: 'POST', path: '/api/GetTemporaryToken', list: lists.permanent, body: json },
  ];
  const us = { url: daypass.url, pid: daypass.pid };
  for (const subject of subjects) {
    const [token] = (await readFile(subject.list, 'utf8')).split('\n', 1);
    const headers = { authorization: `Bearer ${token}`, ...(subject.body && { 'content-type': 'application/json' }) };
    const answer = await ask(subject.method, us.url + subject.path, headers, subject.body);
    if (answer.status >= 300) throw new Error(`${subject.name} answered ${answer.status}: ${answer.body}`);
    const bare = await bareLike(answer, join(daypass.folder, 'answer'));
    bares.push(bare.child);
    Object.assign(subject, { bare, ours: [], theirs: [] });
  }
  const before = await memory(us.pid);
  for (let round = 0; round <= Number(rounds); round += 1) {
    for (let step = 0; step < subjects.length; step += 1) {
      // Each begins a round as often as the others, and goes before its yardstick as often as after it.
      const subject = subjects[(round + step) % subjects.length];
      const pair = round % 2 ? ['ours', 'theirs'] : ['theirs', 'ours'];
      for (const which of pair) {
        const result = await measure(which === 'ours' ? us : subject.bare, subject);
        // The first round only warms up.
        if (round > 0) subject[which].push(result);
      }
    }
    process.stdout.write(round === 0 ? 'warm' : `, ${round}`);
  }
  const columns = ['median of rounds', 'requests/s', 'of bare', 'wanted', 'µs of CPU', 'bare', 'p99 ms', 'bare'];
  const line = (cells) => console.log(cells.map((cell, at) => (at ? cell.padStart(11) : cell.padEnd(32))).join(''));
  console.log('\n');
  line(columns);
  for (const { name, least, ours, theirs } of subjects) {
    const of = (list, field) => median(list.map((result) => result[field]));
    const ratio = median(ours.map((result, round) => result.rate / theirs[round].rate));
    line([
      name, of(ours, 'rate').toFixed(0), ratio.toFixed(3), `≥ ${least}`,
      of(ours, 'processor').toFixed(1), of(theirs, 'processor').toFixed(1),
      of(ours, 'p99').toFixed(2), of(theirs, 'p99').toFixed(2),
    ]);
  }
  const tokens = Number(onFile) + IN_USE;
  console.log(`\nMemory with ${tokens} tokens: ${before.toFixed(0)} MB before, ${(await memory(us.pid)).toFixed(0)} MB after`);
} finally {
  for (const child of bares) child.kill();
  await daypass.remove();
}
