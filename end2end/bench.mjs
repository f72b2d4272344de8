// Requests per second beside a bare axum handler that gives the same answers to the same requests: one machine, one
// run, rounds in turn, so that what the machine does meanwhile meets both alike. Limits, statistics and the log are as
// in production. `./dev bench [seconds per round] [rounds] [tokens on file]`.

import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
const CONNECTIONS = 32;
// More, so that each may pause for some milliseconds: wrk knows no shorter time.
const PAUSING_CONNECTIONS = 128;

/**
 * One run of wrk.
 * @param {{pid: number, url: string}} server
 * @param {{method: string, path: string, list: string, kind?: string, body?: string, caller?: string}} subject
 * @param {number} [pause] in milliseconds, before each request
 */
async function measure(server, subject, pause = 0) {
  turn += 1;
  const before = await processor(server.pid);
  const connections = pause > 0 ? PAUSING_CONNECTIONS : CONNECTIONS;
  const { stdout } = await run('wrk', [
    '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', SCRIPT, server.url, '--',
    subject.method, subject.path, subject.list, subject.kind ?? '', subject.body ?? '',
    String(turn * 7919), String(pause), subject.caller ?? '',
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

/**
 * The pause with which it is asked half as often as it can answer.
 * @param {{pid: number, url: string}} server
 * @param {Parameters<typeof measure>[1]} subject
 * @param {number} rate what it can do
 */
async function pauseForHalf(server, subject, rate) {
  const cycle = (PAUSING_CONNECTIONS * 2000) / rate;
  // The pause is not all that a connection does: the rest is seen at a first try and taken from it.
  const { rate: tried } = await measure(server, subject, cycle);
  return Math.max(2 * cycle - (PAUSING_CONNECTIONS * 1000) / tried, 0.5);
}

/**
 * nginx with a picture, which asks another server before each request.
 * @param {string} folder
 * @param {number[]} ports of the servers that it asks, one for each of its own
 */
async function startNginx(folder, ports) {
  await mkdir(join(folder, 'site'), { recursive: true });
  await writeFile(join(folder, 'site', 'picture'), Buffer.alloc(20_000, 7));
  const own = await Promise.all(ports.map(() => freePort()));
  const servers = ports.map((port, at) => `
    upstream asked_${at} { server 127.0.0.1:${port}; keepalive 32; }
    server {
      listen 127.0.0.1:${own[at]};
      location / { root ${folder}/site; auth_request /_asked; default_type image/jpeg; }
      location = /_asked {
        internal;
        proxy_pass http://asked_${at}${VERIFY};
        proxy_pass_request_body off;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Content-Length "";
        proxy_set_header X-Original-URI $request_uri;
        proxy_set_header X-Original-Method $request_method;
        proxy_set_header X-Forwarded-For $remote_addr;
      }
    }`);
  await writeFile(join(folder, 'nginx.conf'), `
    ${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr error;
    events { worker_connections 1024; }
    http { access_log off; sendfile on; keepalive_requests 1000000000;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      ${servers.join('')} }`);
  const child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const urls = own.map((port) => `http://127.0.0.1:${port}`);
  await Promise.all(urls.map((url) => untilItAnswers(`${url}/picture`)));
  return { child, urls };
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
  // As it is in use: started on what is there, without what filling it left in memory.
  const known = daypass.output.length;
  await daypass.stop();
  await daypass.run();
  while (!daypass.output.slice(known).includes('the index is complete')) await new Promise((r) => setTimeout(r, 50));
  const subjects = [
    { name: '/verify, permanent', least: 0.85, method: 'GET', path: VERIFY, list: lists.permanent },
    { name: '/verify, temporary in rotation', least: 0.75, method: 'GET', path: VERIFY, list: lists.rotation },
    { name: '/verify, temporary never seen', least: 0.2, method: 'GET', path: VERIFY, list: lists.new },
    {
      name: 'introspection', least: 0.8, method: 'POST', path: '/oauth2/introspect', list: lists.permanent,
      kind: 'application/x-www-form-urlencoded', body: 'token={token}', caller: secrets[0],
    },
    {
      name: 'GetTemporaryToken', least: 0.45, method: 'POST', path: '/api/GetTemporaryToken', list: lists.permanent,
      kind: 'application/json', body: '{"lifetime":900}',
    },
  ];
  const us = { url: daypass.url, pid: daypass.pid };
  for (const subject of subjects) {
    const [token] = (await readFile(subject.list, 'utf8')).split('\n', 1);
    const headers = { authorization: `Bearer ${subject.caller ?? token}`, ...(subject.kind && { 'content-type': subject.kind }) };
    const answer = await ask(subject.method, us.url + subject.path, headers, subject.body?.replace('{token}', token));
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
  const columns = ['median of rounds', 'requests/s', 'of bare', 'wanted', 'µs of CPU', 'bare', 'p99 at ½', 'bare'];
  const line = (cells) => console.log(cells.map((cell, at) => (at ? cell.padStart(11) : cell.padEnd(32))).join(''));
  console.log('\n');
  line(columns);
  for (const subject of subjects) {
    const { name, least, ours, theirs, bare } = subject;
    const of = (list, field) => median(list.map((result) => result[field]));
    const ratio = median(ours.map((result, round) => result.rate / theirs[round].rate));
    const pauses = [await pauseForHalf(us, subject, of(ours, 'rate')), await pauseForHalf(bare, subject, of(theirs, 'rate'))];
    const half = [[], []];
    for (let round = 0; round < Math.min(Number(rounds), 5); round += 1) {
      for (const at of round % 2 ? [0, 1] : [1, 0]) half[at].push(await measure(at ? bare : us, subject, pauses[at]));
    }
    line([
      name, of(ours, 'rate').toFixed(0), ratio.toFixed(3), `≥ ${least}`,
      of(ours, 'processor').toFixed(1), of(theirs, 'processor').toFixed(1),
      of(half[0], 'p99').toFixed(2), of(half[1], 'p99').toFixed(2),
    ]);
  }
  const [port, barePort] = [us.url, subjects[0].bare.url].map((url) => Number(new URL(url).port));
  const nginx = await startNginx(join(daypass.folder, 'nginx'), [port, barePort]);
  bares.push(nginx.child);
  const picture = { method: 'GET', path: '/picture', list: lists.permanent };
  const ratios = [];
  for (let round = 0; round <= Number(rounds); round += 1) {
    const rates = [];
    for (const at of round % 2 ? [0, 1] : [1, 0]) {
      rates[at] = (await measure({ url: nginx.urls[at], pid: at ? subjects[0].bare.pid : us.pid }, picture)).rate;
    }
    if (round > 0) ratios.push(rates[0] / rates[1]);
  }
  console.log(`\nA picture of 20 kB behind nginx: ${median(ratios).toFixed(3)} of what it is with the bare handler (wanted ≥ 0.9)`);
  const tokens = Number(onFile) + IN_USE;
  console.log(`\nMemory with ${tokens} tokens: ${before.toFixed(0)} MB before, ${(await memory(us.pid)).toFixed(0)} MB after`);
} finally {
  for (const child of bares) child.kill();
  await daypass.remove();
}
