// The published configurations in docs/proxies, each in front of a real Daypass and by its real program: what passes,
// what is refused with which status, and that nothing a visitor sends under the names of a proxy is believed.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from 'node:http';
import { connect as connectHttp2, type IncomingHttpHeaders as Http2Headers } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from '@playwright/test';

import { Administrator, ask, Daypass, freePort, untilItAnswers } from '../support/daypass.mjs';

const CONFIGURATIONS = fileURLToPath(new URL('../../docs/proxies/', import.meta.url));
const NO_SUCH = '/nothing-here';

/** Where everything is in one test. */
interface Places {
  site: number;
  daypass: number;
  media: number;
  folder: string;
}

/** A published file with this test's addresses. A constant that is not in it any more fails the test. */
function published(name: string, places: Places, replaced: [string, string][]): string {
  const changed: [string | RegExp, string][] = [
    [/(?<=127\.0\.0\.1(?::|, port_value: ))8080\b/g, String(places.daypass)],
    [/(?<=127\.0\.0\.1(?::|, port_value: ))9000\b/g, String(places.media)],
    ...replaced,
  ];
  return changed.reduce((text, [from, to]) => {
    if (text.replaceAll(from, '') === text) throw new Error(`${name} has no ${from}`);
    return text.replaceAll(from, to);
  }, readFileSync(join(CONFIGURATIONS, name), 'utf8'));
}

interface Proxy {
  name: string;
  /** The family of headers that Daypass has to be told of. */
  headers: 'original' | 'forwarded';
  /** Its access log, below the folder, and what it says of a request. */
  log: string;
  logged?: string;
  /** Tried only where this program is: Debian does not have it. */
  program?: string;
  /** It asks with the visitor's method, of which `/verify` has three. */
  asksWithTheMethod?: boolean;
  /** Names with anything else than letters, digits, hyphens and underscores are a matter of its static configuration. */
  knowsNoDots?: boolean;
  start(places: Places): ChildProcess;
}

const PROXIES: Proxy[] = [
  {
    name: 'nginx',
    headers: 'original',
    log: 'media.log',
    start(places) {
      const inner = published('nginx.conf', places, [
        ['listen 80;', `listen 127.0.0.1:${places.site};`],
        ['/var/log/nginx/', `${places.folder}/`],
      ]);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${places.folder}/tmp-${kind};`)
        .join('\n');
      // What somebody may have set for the whole of nginx.
      const careless = 'underscores_in_headers on; ignore_invalid_headers off;';
      const file = join(places.folder, 'nginx.conf');
      writeFileSync(
        file,
        `daemon off;\npid ${places.folder}/nginx.pid;\nerror_log stderr warn;\nevents {}\nhttp {\n${temporary}\n${careless}\n${inner}\n}\n`,
      );
      return spawn('nginx', ['-p', places.folder, '-c', file], { stdio: 'pipe' });
    },
  },
  {
    name: 'Caddy',
    headers: 'forwarded',
    log: 'media.log',
    start(places) {
      const file = join(places.folder, 'Caddyfile');
      writeFileSync(
        file,
        published('Caddyfile', places, [
          [':80 {', `http://127.0.0.1:${places.site} {`],
          ['/var/log/caddy/', `${places.folder}/`],
        ]),
      );
      const environment = { ...process.env, HOME: places.folder, XDG_DATA_HOME: places.folder, XDG_CONFIG_HOME: places.folder };
      return spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], { stdio: 'pipe', env: environment });
    },
  },
  {
    name: 'HAProxy',
    headers: 'original',
    log: 'haproxy.log',
    start(places) {
      const file = join(places.folder, 'haproxy.cfg');
      copyFileSync(join(CONFIGURATIONS, 'haproxy-daypass.lua'), join(places.folder, 'haproxy-daypass.lua'));
      writeFileSync(
        file,
        published('haproxy.cfg', places, [
          ['bind :80', `bind 127.0.0.1:${places.site}`],
          ['/etc/haproxy/', `${places.folder}/`],
          ['defaults\n', 'defaults\n    log stdout format raw local0\n'],
        ]),
      );
      return spawn('haproxy', ['-f', file], { stdio: 'pipe' });
    },
  },
  {
    name: 'Traefik',
    headers: 'forwarded',
    log: 'traefik.log',
    logged: 'press-read@file',
    knowsNoDots: true,
    program: 'traefik',
    start(places) {
      const file = join(places.folder, 'traefik.yml');
      writeFileSync(file, published('traefik.yml', places, []));
      const options = [
        `--entryPoints.web.address=127.0.0.1:${places.site}`,
        `--providers.file.filename=${file}`,
        '--providers.file.watch=false',
        `--accesslog.filepath=${join(places.folder, 'traefik.log')}`,
        // As the file says: URLs stay out.
        ...['format=json', 'fields.names.RequestPath=drop', 'fields.names.RequestLine=drop'].map((o) => `--accesslog.${o}`),
        '--global.checknewversion=false',
        '--global.sendanonymoususage=false',
      ];
      return spawn('traefik', options, { stdio: 'pipe' });
    },
  },
  {
    name: 'Envoy',
    headers: 'original',
    log: 'media.log',
    program: 'envoy',
    asksWithTheMethod: true,
    start(places) {
      const file = join(places.folder, 'envoy.yaml');
      writeFileSync(
        file,
        published('envoy.yaml', places, [
          ['address: 0.0.0.0, port_value: 80 ', `address: 127.0.0.1, port_value: ${places.site} `],
          ['/var/log/envoy/', `${places.folder}/`],
        ]),
      );
      return spawn('envoy', ['-c', file, '--log-level', 'warning', '--use-dynamic-base-id'], { stdio: 'pipe' });
    },
  },
];

/** What a request needs, for a proxy that leaves that to the path rules. */
const RULES = [
  { path: '/press/*', methods: ['GET'], interface: 'Press photos', permission: 'read' },
  { path: '/press/*', methods: ['POST'], interface: 'Press photos', permission: 'upload' },
];

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** One request with exactly this path and these headers. */
function send(port: number, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (body += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

/** All that comes back to a request that is written byte by byte; `more` is sent when the other side has switched. */
function sendRaw(port: number, lines: string[], more = ''): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    let rest = more;
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.on('data', (part) => {
      got += part.toString('latin1');
      if (rest && got.startsWith('HTTP/1.1 101')) socket.write(rest);
      if (got.startsWith('HTTP/1.1 101')) rest = '';
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
    socket.setTimeout(300, () => socket.destroy());
  });
}

/** The status of a request over HTTP/2 for another protocol (RFC 8441), where that is offered without TLS. */
function sendExtendedConnect(port: number, path: string, protocol: string, headers: OutgoingHttpHeaders): Promise<number | undefined> {
  return new Promise((resolve) => {
    const client = connectHttp2(`http://127.0.0.1:${port}`);
    const end = (status?: number) => {
      client.destroy();
      resolve(status);
    };
    client.on('error', () => end());
    client.setTimeout(2_000, () => end());
    client.on('remoteSettings', ({ enableConnectProtocol }) => {
      if (!enableConnectProtocol) return end();
      const special = { ':method': 'CONNECT', ':protocol': protocol, ':scheme': 'http', ':authority': `127.0.0.1:${port}`, ':path': path };
      const stream = client.request({ ...special, 'sec-websocket-version': '13', ...headers });
      stream.on('response', (answer: Http2Headers & { ':status'?: number }) => end(answer[':status']));
      stream.on('error', () => end());
    });
  });
}

/**
 * Where the most obliging of servers looks for a path: it decodes twice, two bytes or more as one character however short
 * that is, takes backslashes, and drops parameters and zeros.
 */
function lookedUp(url: string): string {
  const byte = (_: string, hex: string) => String.fromCharCode(parseInt(hex, 16));
  const decode = (text: string) =>
    text
      .replace(/%u00([0-9a-f]{2})/gi, byte)
      .replace(/%([0-9a-f]{2})/gi, byte)
      .replace(/(?:[\xc0\xc1]|\xe0[\x80\x81]|\xf0\x80[\x80\x81])[\x80-\xbf]/g, (long) =>
        String.fromCharCode(((long.charCodeAt(long.length - 2) & 1) << 6) | (long.charCodeAt(long.length - 1) & 0x3f)),
      );
  const found: string[] = [];
  for (const part of decode(decode(url.split('?')[0])).replaceAll('\0', '').replaceAll('\\', '/').split('/')) {
    const name = part.split(';')[0];
    if (name === '..') found.pop();
    else if (name !== '' && name !== '.') found.push(name);
  }
  return `/${found.join('/')}`;
}

/** Headers as CGI, WSGI and their like hand them on: several names become one. */
function asVariables(headers: string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) {
    const name = `HTTP_${headers[at].toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
    variables[name] = name in variables ? `${variables[name]},${headers[at + 1]}` : headers[at + 1];
  }
  return variables;
}

/** Every spelling of a header's name that becomes the same variable, the name itself among them. */
function spellings(name: string, between: string[]): string[] {
  const [first, ...rest] = name.split('-');
  return rest.reduce((all, part) => all.flatMap((so) => between.map((character) => so + character + part)), [first]);
}

/** What the protected API was asked to become, and whatever came after it had agreed. */
const switched: string[] = [];

/** The protected API: answers what it was sent, and where it would look for it. It agrees to any other protocol. */
async function startMedia(): Promise<Server> {
  const server = createServer((incoming, answer) => {
    const { method, url = '', headers } = incoming;
    answer.setHeader('content-type', 'application/json');
    answer.end(JSON.stringify({ method, url, headers, variables: asVariables(incoming.rawHeaders), found: lookedUp(url) }));
  });
  server.on('upgrade', ({ headers }, socket) => {
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    switched.push(`${headers.upgrade}`);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${headers.upgrade}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('data', (part: Buffer) => switched.push(part.toString('latin1')));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

for (const proxy of PROXIES) {
  test.describe(proxy.name, () => {
    test.describe.configure({ mode: 'serial' });
    const isThere = !proxy.program || !spawnSync(proxy.program, ['--help'], { stdio: 'ignore' }).error;
    test.skip(!isThere, `there is no ${proxy.program} on this machine`);
    let daypass: Daypass;
    let media: Server;
    let program: ChildProcess;
    let places: Places;
    let output = '';
    /** Permanent secrets and temporary tokens, by what they are for. */
    const held: Record<string, string> = {};

    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const get = (path: string, headers: OutgoingHttpHeaders = {}) => send(places.site, path, headers);
    const code = (answer: Answer) => `${answer.status} ${answer.headers['x-daypass-code'] ?? ''}`.trim();

    test.beforeAll(async () => {
      media = await startMedia();
      daypass = await Daypass.start({ DAYPASS_PROXY_HEADERS: proxy.headers });
      const administrator = await Administrator.create(daypass);
      const settings = await administrator.api('GET', '/settings');
      const changed = await administrator.api('PATCH', '/settings', { version: settings.version, forward_preflight: true });
      for (const name of ['Press photos', 'Open archive']) {
        await administrator.api('POST', '/interfaces', { name, description: '', public: false });
      }
      await administrator.api('PATCH', '/settings', { version: changed.version, path_rules: RULES });
      const make = async (name: string, permissions: string[], more: object = {}, at = 'Press photos') => {
        const grants = [{ interface: at, permissions }];
        const token = await administrator.api('POST', '/tokens', { name, grants, rate_limit: 'unlimited', ...more });
        return administrator.takeSecret(token.id);
      };
      held.reader = await make('Reader', ['read']);
      held.elsewhere = await make('Elsewhere', ['read'], {}, 'Open archive');
      held.uploader = await make('Uploader', ['read', 'upload']);
      held.bound = await make('Bound', ['read'], { allowed_networks: ['10.9.9.0/24'] });
      held.slow = await make('Slow', ['read'], { rate_limit: { requests: 1, per_seconds: 3600 } });
      const mint = async (secret: string, body: object) => {
        const headers = { ...bearer(secret), 'content-type': 'application/json' };
        const answer = await ask('POST', `${daypass.url}/api/GetTemporaryToken`, headers, JSON.stringify(body));
        return JSON.parse(answer.body).token as string;
      };
      held.pass = await mint(held.reader, { subject: 'Kari Nordmann' });
      held.page = await mint(held.reader, { origins: ['https://press.example'] });

      places = {
        site: await freePort(),
        daypass: daypass.port,
        media: (media.address() as AddressInfo).port,
        folder: mkdtempSync(join(tmpdir(), 'daypass-proxy-')),
      };
      mkdirSync(places.folder, { recursive: true });
      program = proxy.start(places);
      program.stdout?.on('data', (text) => (output += text));
      program.stderr?.on('data', (text) => (output += text));
      await untilItAnswers(`http://127.0.0.1:${places.site}${NO_SUCH}`).catch((error) => {
        throw new Error(`${error}\n${output}`);
      });
      // Some answer before they have read what they guard.
      await expect.poll(async () => (await get('/press/')).status, { message: output }).not.toBe(404);
    });

    test.afterAll(async () => {
      program?.kill();
      media?.close();
      await daypass?.remove();
      if (places) rmSync(places.folder, { recursive: true, force: true });
    });

    test('lets a token do what it may, and nothing else', async () => {
      const allowed = await get('/press/fjord.jpg?size=large', bearer(held.reader));
      expect(allowed.status, output).toBe(200);
      expect(JSON.parse(allowed.body).url).toBe('/press/fjord.jpg?size=large');
      expect(code(await get('/press/fjord.jpg', { token: held.reader }))).toBe('200');
      expect(code(await get('/press/fjord.jpg', { 'x-api-key': held.pass }))).toBe('200');
      expect(code(await get(`/press/fjord.jpg?token=${held.pass}`))).toBe('200');

      const none = await get('/press/fjord.jpg');
      expect(code(none)).toBe('401 token_missing');
      expect(none.headers['www-authenticate']).toContain('Bearer');
      expect(code(await get('/press/fjord.jpg', bearer('dps_nonsense')))).toBe('401 token_malformed');
      const missing = await get('/press/fjord.jpg', bearer(held.elsewhere));
      expect(code(missing)).toBe('403 interface_not_granted');
      expect(missing.headers['www-authenticate']).toContain('scope="Press%20photos:read"');
      expect(code(await get(`/press/fjord.jpg?token=${held.reader}`))).toBe('401 token_in_url');
    });

    test('asks for the permission that the method needs', async () => {
      const post = (token: string) => send(places.site, '/press/new.jpg', { ...bearer(token), 'content-length': '0' }, 'POST');
      expect(code(await post(held.reader))).toBe('403 permission_not_granted');
      expect(code(await post(held.uploader))).toBe('200');
      const refused = proxy.asksWithTheMethod ? '405' : '403 permission_not_granted';
      expect(code(await send(places.site, '/press/fjord.jpg', bearer(held.uploader), 'DELETE'))).toBe(refused);
      expect((await send(places.site, '/press/fjord.jpg', bearer(held.uploader), 'PROPFIND')).status).toBeGreaterThanOrEqual(400);
    });

    test('tells the API who asks, and keeps the token from it', async () => {
      const names = ['token-id', 'token-name', 'token-kind', 'subject', 'permissions', 'interfaces'];
      const saidByDaypass = (variables: Record<string, string>) =>
        Object.fromEntries(Object.entries(variables).filter(([name, value]) => name.startsWith('HTTP_X_DAYPASS_') && value));
      for (const odd of proxy.knowsNoDots ? ['_'] : ['_', '.', '~']) {
        const spelled = names.flatMap((name) => spellings(`x-daypass-${name}`, ['-', odd]));
        const invented = { ...Object.fromEntries(spelled.map((name) => [name, 'invented'])), X_Daypass_Subject: 'invented' };
        const answer = await get('/press/fjord.jpg', { ...bearer(held.pass), ...invented });
        expect(answer.status, answer.body).toBe(200);
        const { headers: seen, variables } = JSON.parse(answer.body);
        expect(seen['x-daypass-token-name']).toBe('Reader');
        expect(seen['x-daypass-token-kind']).toBe('temporary');
        expect(seen['x-daypass-subject']).toBe('Kari%20Nordmann');
        expect(seen['x-daypass-permissions']).toBe('read');
        // Nor is there a second one beside it for an API that sees both under one name.
        expect(variables).toMatchObject({ HTTP_X_DAYPASS_TOKEN_NAME: 'Reader', HTTP_X_DAYPASS_SUBJECT: 'Kari%20Nordmann' });
        expect(JSON.stringify(saidByDaypass(variables))).not.toContain('invented');
        expect(answer.body).not.toContain(held.pass);
        // Without a subject, a visitor's own is not left standing.
        const { variables: other } = JSON.parse((await get('/press/fjord.jpg', { ...bearer(held.reader), ...invented })).body);
        expect(other.HTTP_X_DAYPASS_TOKEN_NAME).toBe('Reader');
        expect(other.HTTP_X_DAYPASS_SUBJECT ?? '').toBe('');
        // Of a preflight request nobody is told, and nothing is made up in the place of who asks.
        if (proxy.asksWithTheMethod) continue;
        const preflight = { origin: 'https://press.example', 'access-control-request-method': 'GET', ...invented };
        const { variables: nobody } = JSON.parse((await send(places.site, '/press/fjord.jpg', preflight, 'OPTIONS')).body);
        expect(saidByDaypass(nobody)).toEqual({});
      }
    });

    test('passes on what tells a page from a program', async () => {
      expect(code(await get('/press/fjord.jpg', { ...bearer(held.reader), origin: 'https://thief.example' }))).toBe(
        '403 exposed_in_browser',
      );
      expect(code(await get('/press/fjord.jpg', { ...bearer(held.reader), 'sec-fetch-site': 'cross-site' }))).toBe(
        '403 exposed_in_browser',
      );
      expect(code(await get('/press/fjord.jpg', { ...bearer(held.reader), 'sec-fetch-dest': 'image' }))).toBe(
        '403 exposed_in_browser',
      );
      expect(code(await get(`/press/fjord.jpg?token=${held.page}`, { referer: 'https://press.example/story' }))).toBe('200');
      expect(code(await get(`/press/fjord.jpg?token=${held.page}`, { referer: 'https://thief.example/' }))).toBe(
        '403 origin_not_allowed',
      );
      expect(code(await get('/press/fjord.jpg', { ...bearer(held.page), origin: 'https://press.example' }))).toBe('200');
    });

    test('believes nothing that a visitor says in the name of a proxy', async () => {
      const good = `/press/fjord.jpg?token=${held.pass}`;
      const invented: OutgoingHttpHeaders[] = [
        { 'x-original-uri': good },
        { 'x-forwarded-uri': good },
        { 'x-original-uri': [good, good] },
        { 'x-forwarded-uri': [good, good] },
        { 'x-original-url': good, 'x-rewrite-url': good },
      ];
      for (const headers of invented) {
        expect(code(await get('/press/fjord.jpg', headers)), JSON.stringify(headers)).toBe('401 token_missing');
      }
      // A preflight request is let through (the setting is on), but only a real one.
      const preflight = { origin: 'https://press.example', 'access-control-request-method': 'GET' };
      for (const name of ['x-original-method', 'x-forwarded-method', 'x-http-method-override']) {
        const answer = await get('/press/fjord.jpg', { ...preflight, [name]: 'OPTIONS' });
        expect(code(answer), name).toBe('401 token_missing');
      }
      const passed = proxy.asksWithTheMethod ? 405 : 200;
      expect((await send(places.site, '/press/fjord.jpg', preflight, 'OPTIONS')).status).toBe(passed);
      // An address is not a matter of words.
      for (const headers of [
        { 'x-forwarded-for': '10.9.9.9' },
        { 'x-forwarded-for': ['10.9.9.9', '10.9.9.9'] },
        { 'x-forwarded-for': '10.9.9.9, 127.0.0.1' },
        { 'x-real-ip': '10.9.9.9' },
        { forwarded: 'for=10.9.9.9' },
      ]) {
        const answer = await get('/press/fjord.jpg', { ...bearer(held.bound), ...headers });
        expect(code(answer), JSON.stringify(headers)).toBe('403 network_not_allowed');
      }
      // Two different tokens are none.
      const two = await get(`/press/fjord.jpg?token=${held.pass}`, bearer(held.reader));
      expect(code(two)).toBe('401 token_malformed');
    });

    test('says when there were too many requests, and when to come back', async () => {
      expect(code(await get('/press/fjord.jpg', bearer(held.slow)))).toBe('200');
      const answer = await get('/press/fjord.jpg', bearer(held.slow));
      expect(code(answer)).toBe('429 rate_limited');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    });

    test('serves nothing beside what is guarded', async () => {
      for (const path of ['/', '/pressed', '/_daypass', '/verify', '/open/../press/fjord.jpg', '//press/fjord.jpg', '/press%2Ffjord.jpg']) {
        const answer = await get(path, {});
        expect(answer.status, path).toBeGreaterThanOrEqual(400);
      }
    });

    test('lets no path out of what is guarded', async () => {
      for (const path of [
        '/press/../admin/x',
        '/press/%2e%2e/admin/x',
        '/press/.%2E/admin/x',
        '/press/..%2fadmin/x',
        '/press/..%5Cadmin/x',
        '/press/..\\admin/x',
        '/press/..;/admin/x',
        '/press/..;v=1/admin/x',
        '/press/..%3b/admin/x',
        '/press/%252e%252e/admin/x',
        '/press/..%252fadmin/x',
        // Twice, with digits that are encoded themselves.
        '/press/%25%32%65%25%32%65/admin/x',
        '/press/%252%65%252%65/admin/x',
        '/press/%25%32e%25%32E/admin/x',
        '/press/..%25%32%66admin/x',
        '/press/..%25%35%43admin/x',
        '/press/..%255%63admin/x',
        '/press/%%32e%%32e/admin/x',
        '/press/%2%65%2%65/admin/x',
        '/press/%2525%32%65/admin/x',
        // Where some servers end a path, and dots and slashes that are longer than they may be in UTF-8.
        '/press/..%00/admin/x',
        '/press/.%00./admin/x',
        '/press/%2500/admin/x',
        '/press/..%0a/admin/x',
        '/press/..%7f/admin/x',
        '/press/%c0%ae%c0%ae/admin/x',
        '/press/%C0%AE./admin/x',
        '/press/..%c0%afadmin/x',
        '/press/..%c1%9cadmin/x',
        '/press/%e0%80%ae%e0%80%ae/admin/x',
        '/press/%f0%80%80%ae./admin/x',
        '/press/%u002e%u002e/admin/x',
        '/press/%',
        '/press/%2',
        '/press/x/../../admin/x',
        '/press/..',
        '/admin/../press/x',
        '/admin//../press/x',
      ]) {
        const answer = await get(path, bearer(held.uploader));
        if (answer.status >= 400) continue;
        // Nothing of these is put right: they are names like others to some servers, and something else to the rest.
        expect(path, answer.body).not.toMatch(/%25|%00|%(?:c[01]|e0|f0)%|%(?![0-9a-f]{2})/i);
        // Put right before the question is as good as refused.
        const { url, found } = JSON.parse(answer.body);
        expect(url, path).toBe(found);
        expect(found, path).toMatch(/^\/press\//);
      }
      for (const path of [
        '/press/a..b/...jpg',
        '/press/100%25.jpg',
        '/press/100%25%20x',
        '/press/100%252',
        '/press/bl%C3%A5b%C3%A6r%20(1).jpg',
        '/press/%C3%A0%E2%82%AC%F0%9F%8F%94.jpg',
        '/press/x?to=/../a%2f..//c%00%252e',
      ]) {
        const answer = await get(path, bearer(held.reader));
        expect(answer.status, path).toBe(200);
        expect(JSON.parse(answer.body).url).toBe(path);
      }
    });

    test('lets nobody take a header away by naming it in Connection', async () => {
      const said = ['token-id', 'token-name', 'token-kind', 'subject', 'permissions', 'interfaces'].map((name) => `X-Daypass-${name}`);
      const asked = ['X-Original-URI', 'X-Original-Method', 'X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-For'];
      for (const connection of [
        [`Connection: close, ${said.join(', ')}`],
        ['Connection: keep-alive, x-daypass-subject', 'Connection: X-DAYPASS-TOKEN-NAME'],
        [`Connection: close, ${asked.join(', ')}`],
        ['Connection: close, Authorization'],
      ]) {
        const lines = (token: string) => [
          'GET /press/fjord.jpg HTTP/1.1',
          `Host: 127.0.0.1:${places.site}`,
          `Authorization: Bearer ${token}`,
          ...connection,
        ];
        const answer = await sendRaw(places.site, lines(held.pass));
        expect(answer, `${connection}`).toMatch(connection[0].includes('aypass') ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 (200|4\d\d) /);
        if (answer.startsWith('HTTP/1.1 200 ')) {
          const { headers, variables } = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
          expect(variables, `${connection}`).toMatchObject({
            HTTP_X_DAYPASS_TOKEN_NAME: 'Reader',
            HTTP_X_DAYPASS_TOKEN_KIND: 'temporary',
            HTTP_X_DAYPASS_SUBJECT: 'Kari%20Nordmann',
            HTTP_X_DAYPASS_PERMISSIONS: 'read',
          });
          // Nor is the API, or what stands in front of it, told to take them away.
          expect(headers.connection ?? '', `${connection}`).not.toMatch(/x-/i);
        }
        // Without the visitor's address Daypass would take the proxy for the visitor.
        expect(await sendRaw(places.site, lines(held.bound)), `${connection}`).toMatch(/^HTTP\/1\.1 4\d\d /);
      }
    });

    test('becomes no tunnel', async () => {
      // After a 101 nobody asks any more: whatever comes next would reach all that the API has.
      switched.length = 0;
      const authorization = `Authorization: Bearer ${held.reader}`;
      const websocket = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
      for (const [protocol, connection, ...more] of [
        ['h2c', 'Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'],
        ['h2c', 'Upgrade'],
        ['H2C', 'keep-alive, upgrade'],
        ['websocket', 'Upgrade', ...websocket],
        ['WebSocket', 'upgrade', ...websocket],
        ['websocket, h2c', 'Upgrade', ...websocket],
        ['anything', 'Upgrade'],
      ]) {
        const lines = ['GET /press/fjord.jpg HTTP/1.1', `Host: 127.0.0.1:${places.site}`, authorization];
        lines.push(`Upgrade: ${protocol}`, `Connection: ${connection}`, ...more);
        const answer = await sendRaw(places.site, lines, 'GET /admin HTTP/1.1\r\nHost: media\r\n\r\n');
        // The API's own answer to an ordinary request, or none.
        expect(answer, protocol).toMatch(/^HTTP\/1\.1 (200 [^]*"url":"\/press\/fjord\.jpg"|4\d\d )/);
      }
      for (const protocol of ['websocket', 'h2c']) {
        const status = await sendExtendedConnect(places.site, '/press/fjord.jpg', protocol, bearer(held.reader));
        expect(status ?? 400, protocol).toBeGreaterThanOrEqual(400);
      }
      expect(switched).toEqual([]);
    });

    test('writes no token into its log, and refuses when nobody answers', async () => {
      await get(`/press/fjord.jpg?token=${held.pass}`, { referer: `https://press.example/?token=${held.pass}` });
      await get(`/press/fjord.jpg?apikey=${held.reader}`);
      const log = () => {
        try {
          return readFileSync(join(places.folder, proxy.log), 'utf8') + output;
        } catch {
          return output;
        }
      };
      await expect.poll(log).toContain(proxy.logged ?? '/press/fjord.jpg');
      for (const [name, token] of Object.entries(held)) expect(log().includes(token), `${name} in the log`).toBe(false);

      await daypass.stop();
      const answer = await get('/press/fjord.jpg', bearer(held.reader));
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.body).not.toContain('fjord');
    });
  });
}
