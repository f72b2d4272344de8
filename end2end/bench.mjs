// Requests per second of /verify beside a bare axum handler: same machine, same run, rounds in turn, so that what the
// machine does meanwhile meets all of them alike. `./dev bench [seconds per round] [rounds]`.

import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Administrator, ask, Daypass, freePort, untilItAnswers } from './support/daypass.mjs';

const [seconds = '3', rounds = '9'] = process.argv.slice(2);
const BARE = fileURLToPath(new URL('../target/release/bare', import.meta.url));
const run = promisify(execFile);

async function measure(url, headers) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const { stdout } = await run('wrk', ['-t1', '-c32', `-d${seconds}s`, '--latency', ...lines, url]);
  // A refused request is cheap; counting one would flatter us.
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`not every request was answered well:\n${stdout}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const daypass = await Daypass.start();
const bareUrl = `http://127.0.0.1:${await freePort()}`;
const bare = spawn(BARE, [new URL(bareUrl).host], { stdio: 'inherit' });
try {
  await untilItAnswers(`${bareUrl}/verify`);
  const administrator = await Administrator.create(daypass);
  await administrator.api('POST', '/interfaces', { name: 'Press photos', description: '', public: false });
  const token = await administrator.api('POST', '/tokens', {
    name: 'Benchmark',
    grants: [{ interface: 'Press photos', permissions: ['read'] }],
    rate_limit: 'unlimited',
  });
  const secret = await administrator.takeSecret(token.id);
  const minted = await ask('POST', `${daypass.url}/api/GetTemporaryToken`, {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
  }, '{"lifetime":900}');
  const temporary = JSON.parse(minted.body).token;

  const path = '/verify?interface=Press%20photos&permission=read';
  const subjects = [
    { name: 'bare axum handler', url: bareUrl + path, headers: { Authorization: `Bearer ${secret}` } },
    { name: '/verify, permanent', url: daypass.url + path, headers: { Authorization: `Bearer ${secret}` } },
    { name: '/verify, temporary', url: daypass.url + path, headers: { Authorization: `Bearer ${temporary}` } },
  ].map((subject) => ({ ...subject, rates: [] }));

  for (let round = 0; round <= Number(rounds); round += 1) {
    for (let turn = 0; turn < subjects.length; turn += 1) {
      // Each begins a round as often as the others: nobody always runs on a warm machine.
      const subject = subjects[(round + turn) % subjects.length];
      const rate = await measure(subject.url, subject.headers);
      // The first round only warms up.
      if (round > 0) subject.rates.push(rate);
    }
    process.stdout.write(round === 0 ? 'warm' : `, ${round}`);
  }

  const [base] = subjects;
  console.log(`\n\n${'median of rounds'.padEnd(24)} ${'requests/s'.padStart(12)} ${'of bare'.padStart(9)}`);
  for (const subject of subjects) {
    const ratio = median(subject.rates.map((rate, round) => rate / base.rates[round]));
    console.log(`${subject.name.padEnd(24)} ${median(subject.rates).toFixed(0).padStart(12)} ${ratio.toFixed(3).padStart(9)}`);
  }
} finally {
  bare.kill();
  await daypass.remove();
}
