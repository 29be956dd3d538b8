import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { DaemonEvent } from '../../src/contract/events.ts';
import type { Contract } from '../../src/daemon/control-socket.ts';
import type { FileJobs } from '../../src/daemon/file-jobs.ts';
import { systemRandom } from '../../src/daemon/system-ports.ts';
import { startWebShell, type WebShell } from '../../src/daemon/web-shell.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/silent-logger.ts';

let folder: string;
let clock: FakeClock;
let shell: WebShell;
let port: number;
const listeners = new Set<(event: DaemonEvent) => void>();
const contract: Contract = {
  async call(method, params, actor) {
    if (method === 'fail') throw new KeyholdError('Locked', 'Unlock first.');
    if (method === 'crash') throw new Error('internals');
    return { method, params, actor };
  },
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

const parts: unknown[] = [];
const files: Pick<FileJobs, 'part'> = {
  async part(part, bytes) {
    parts.push([part, Buffer.from(bytes).toString()]);
    if (part.index === 9) throw new KeyholdError('InvalidCiphertext', 'It was changed.');
    return [Buffer.from('out'), Buffer.from('put')];
  },
};

beforeEach(async () => {
  parts.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'kh-web-'));
  const dist = join(folder, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(dist, 'index.html'), '<!doctype html><title>Keyhold</title>');
  writeFileSync(join(dist, 'assets', 'app-1234.js'), 'export {};');
  writeFileSync(join(folder, 'secret.js'), 'outside');
  clock = createFakeClock();
  shell = await startWebShell({
    contract,
    files,
    clock,
    random: systemRandom,
    log: silentLogger,
    folder: dist,
    linkFolder: join(folder, 'open'),
  });
  port = Number(new URL(shell.url).port);
});
afterEach(async () => {
  await shell.stop();
  listeners.clear();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Raw HTTP: a path is sent as it is, and any header can be forged. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { host: `127.0.0.1:${port}`, ...headers },
    });
    asked.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const page = () => ({ origin: `http://127.0.0.1:${port}`, 'content-type': 'application/json' });
const token = () => new URL(shell.open()).hash.replace('#token=', '');

/** What a tab has once it is signed in: its headers, and what the browser was told to keep. */
interface Tab {
  headers: { cookie: string; 'x-keyhold-session': string };
  setCookie: string | undefined;
}

async function signIn(cookie?: string): Promise<Tab> {
  const headers = { ...page(), ...(cookie === undefined ? {} : { cookie }) };
  const answer = await ask('POST', '/api/session', headers, JSON.stringify({ token: token() }));
  expect(answer.status).toBe(200);
  const { result } = JSON.parse(answer.body) as { result: { pageKey: string } };
  const setCookie = answer.headers['set-cookie']?.[0];
  return {
    headers: { cookie: setCookie?.split(';')[0] ?? cookie ?? '', 'x-keyhold-session': result.pageKey },
    setCookie,
  };
}

const callWith = (headers: Record<string, string>) =>
  ask('POST', '/api/call', { ...page(), ...headers }, '{"method":"m","params":{"a":1}}');

describe('parts of files', () => {
  const id = '0'.repeat(32);
  const octets = { 'content-type': 'application/octet-stream' };

  test('bytes in, bytes out, an error as JSON', async () => {
    const { headers } = await signIn();
    const given = { ...page(), ...headers, ...octets };
    const answer = await ask('POST', `/api/file?id=${id}&index=0&last=true`, given, 'input');
    expect([answer.status, answer.body]).toEqual([200, 'output']);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(parts).toEqual([[{ id, index: 0, last: true }, 'input']]);
    const refused = await ask('POST', `/api/file?id=${id}&index=9&last=true`, given, 'input');
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body)).toEqual({ error: { code: 'InvalidCiphertext', message: 'It was changed.' } });
  });

  test.each([
    '',
    `?id=${id}&index=0`,
    `?id=${id}&index=0&last=yes`,
    `?id=${id}&index=-1&last=true`,
    `?id=${id}&index=0x1&last=true`,
    `?id=${id.toUpperCase().replaceAll('0', 'A')}&index=0&last=true`,
    `?id=../../etc&index=0&last=true`,
    `?id=${id}&index=0&last=true&path=x`,
  ])('nothing is taken with the query "%s"', async (query) => {
    const { headers } = await signIn();
    expect((await ask('POST', `/api/file${query}`, { ...page(), ...headers, ...octets }, 'x')).status).toBe(400);
    expect(parts).toEqual([]);
  });

  test('nor without a session, from another page or as something else', async () => {
    const { headers } = await signIn();
    const path = `/api/file?id=${id}&index=0&last=true`;
    expect((await ask('POST', path, { ...page(), ...octets }, 'x')).status).toBe(401);
    expect((await ask('POST', path, { ...page(), ...octets, cookie: headers.cookie }, 'x')).status).toBe(401);
    const evil = { origin: 'https://evil.example' };
    expect((await ask('POST', path, { ...page(), ...headers, ...octets, ...evil }, 'x')).status).toBe(403);
    expect((await ask('POST', path, { ...page(), ...headers }, 'x')).status).toBe(400);
    expect((await ask('GET', path, headers)).status).toBe(404);
    expect(parts).toEqual([]);
  });
});

describe('signing in', () => {
  test('the token travels in the fragment and becomes a strict, HttpOnly cookie and a key for the page', async () => {
    expect(shell.open()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
    const { headers, setCookie } = await signIn();
    expect(setCookie).toMatch(/^keyhold-session-\d+=[\w-]{43}; Path=\/api\/; HttpOnly; SameSite=Strict$/);
    expect(headers['x-keyhold-session']).toMatch(/^[\w-]{43}$/);
    expect(setCookie).not.toContain(headers['x-keyhold-session']);
    const answer = await callWith(headers);
    expect(JSON.parse(answer.body)).toEqual({ result: { method: 'm', params: { a: 1 }, actor: 'web' } });
  });

  test('a token works once', async () => {
    const body = JSON.stringify({ token: token() });
    expect((await ask('POST', '/api/session', page(), body)).status).toBe(200);
    const again = await ask('POST', '/api/session', page(), body);
    expect(again.status).toBe(401);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  test('a token is worth nothing after five minutes', async () => {
    const body = JSON.stringify({ token: token() });
    clock.advance(5 * 60_000);
    expect((await ask('POST', '/api/session', page(), body)).status).toBe(401);
  });

  test('a session ends after twelve hours without a request', async () => {
    const { headers } = await signIn();
    clock.advance(11 * 3_600_000);
    expect((await callWith(headers)).status).toBe(200);
    clock.advance(12 * 3_600_000);
    expect((await callWith(headers)).status).toBe(401);
  });

  test('half of a session opens nothing, nor do the halves of two', async () => {
    const one = await signIn();
    const two = await signIn();
    const halves: [string, Record<string, string>][] = [
      // What another server on this machine gets, as cookies go to every port.
      ['the cookie alone', { cookie: one.headers.cookie }],
      ['an empty key', { ...one.headers, 'x-keyhold-session': '' }],
      ['the cookie as the key', { ...one.headers, 'x-keyhold-session': one.headers.cookie.split('=')[1] ?? '' }],
      ['the key alone', { 'x-keyhold-session': one.headers['x-keyhold-session'] }],
      ['the key in the cookie', { cookie: `keyhold-session-${port}=${one.headers['x-keyhold-session']}` }],
      ['another session’s key', { ...one.headers, 'x-keyhold-session': two.headers['x-keyhold-session'] }],
    ];
    for (const [what, headers] of halves) {
      expect([what, (await callWith(headers)).status]).toEqual([what, 401]);
      expect([what, (await ask('GET', '/api/events', headers)).status]).toEqual([what, 401]);
    }
    expect(listeners.size).toBe(0);
    expect((await callWith(one.headers)).status).toBe(200);
    expect((await callWith(two.headers)).status).toBe(200);
  });

  test('a second tab shares the cookie, has a key of its own, and ends nothing', async () => {
    const first = await signIn();
    const second = await signIn(first.headers.cookie);
    expect(second.setCookie).toBeUndefined();
    expect(second.headers['x-keyhold-session']).not.toBe(first.headers['x-keyhold-session']);
    expect((await callWith(first.headers)).status).toBe(200);
    expect((await callWith(second.headers)).status).toBe(200);
  });

  test('a cookie that is no session’s is replaced', async () => {
    const stale = `keyhold-session-${port}=${'x'.repeat(43)}`;
    const tab = await signIn(stale);
    expect(tab.setCookie).toBeDefined();
    // Another server on this host can plant one of the same name, which browsers may send first.
    expect((await callWith({ ...tab.headers, cookie: `${stale}; ${tab.headers.cookie}` })).status).toBe(200);
  });

  test('a session has sixteen tabs; one more ends the oldest', async () => {
    const first = await signIn();
    let last = first;
    for (let more = 0; more < 16; more++) last = await signIn(first.headers.cookie);
    expect((await callWith(first.headers)).status).toBe(401);
    expect((await callWith(last.headers)).status).toBe(200);
  });

  test.each(['', 'x', 'x'.repeat(201), 7, null])('a wrong token (%s) is refused', async (wrong) => {
    const answer = await ask('POST', '/api/session', page(), JSON.stringify({ token: wrong }));
    expect([400, 401]).toContain(answer.status);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test.each([
    ['no cookie', {}],
    ['an empty cookie', { cookie: 'keyhold-session=' }],
    ['another name', { cookie: 'session=abc' }],
  ])('without a session (%s) nothing of the contract answers', async (_, headers) => {
    const asked: [string, string, string | undefined][] = [
      ['POST', '/api/call', '{"method":"status.get","params":{}}'],
      ['GET', '/api/events', undefined],
      ['POST', '/api/anything', '{}'],
    ];
    for (const [method, path, body] of asked) {
      const answer = await ask(method, path, { ...(method === 'POST' ? page() : {}), ...headers }, body);
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'Unauthorized' } });
    }
    expect(listeners.size).toBe(0);
  });
});

describe('a page on disk that leads to the link', () => {
  const redeem = (url: string) =>
    ask('POST', '/api/session', page(), JSON.stringify({ token: new URL(url).hash.replace('#token=', '') }));
  const openByFile = (): { url: string; file: string } => {
    const { url, file } = shell.openByFile();
    if (file === undefined) throw new Error('no page was written');
    return { url, file };
  };

  test('only its owner can read it, and nothing but its content holds the token', () => {
    const { url, file } = openByFile();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'open')).mode & 0o777).toBe(0o700);
    expect(readFileSync(file, 'utf8')).toContain(`content="0; url=${url}"`);
    expect(file).not.toContain(new URL(url).hash.replace('#token=', ''));
  });

  test('goes when the token is used, and leaves the others', async () => {
    const used = openByFile();
    const other = openByFile();
    expect((await redeem(used.url)).status).toBe(200);
    expect([existsSync(used.file), existsSync(other.file)]).toEqual([false, true]);
  });

  test('goes when the token is too old', () => {
    const { file } = openByFile();
    clock.advance(5 * 60_000 - 1);
    expect(existsSync(file)).toBe(true);
    clock.advance(1);
    expect(existsSync(file)).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  test('goes when so many links are asked for that its token has to make room', async () => {
    const first = openByFile();
    for (let more = 0; more < 16; more++) openByFile();
    expect(existsSync(first.file)).toBe(false);
    expect(readdirSync(join(folder, 'open'))).toHaveLength(16);
    expect((await redeem(first.url)).status).toBe(401);
  });

  test('goes with the daemon, and what a killed one left goes at the next start', async () => {
    openByFile();
    await shell.stop();
    expect(existsSync(join(folder, 'open'))).toBe(false);
    mkdirSync(join(folder, 'open'));
    writeFileSync(join(folder, 'open', 'open-left.html'), 'left');
    shell = await startWebShell({
      contract,
      files,
      clock,
      random: systemRandom,
      log: silentLogger,
      folder: join(folder, 'dist'),
      linkFolder: join(folder, 'open'),
    });
    expect(existsSync(join(folder, 'open'))).toBe(false);
  });

  test('where it cannot be written there is still the link', async () => {
    writeFileSync(join(folder, 'open'), 'a file in the way');
    const link = shell.openByFile();
    expect(link.file).toBeUndefined();
    expect((await redeem(link.url)).status).toBe(200);
  });
});

describe('who may ask', () => {
  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example', '[::1]'])(
    'Host %s is refused',
    async (host) => {
      const answer = await ask('GET', '/', { host });
      expect([400, 403]).toContain(answer.status);
      expect(answer.body).not.toContain('<title>');
    },
  );

  test('localhost by name is let in', async () => {
    expect((await ask('GET', '/', { host: `localhost:${port}` })).status).toBe(200);
  });

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1', 'http://localhost:80'])(
    'Origin %s is refused, even with the session',
    async (origin) => {
      const { headers } = await signIn();
      expect((await callWith({ ...headers, origin })).status).toBe(403);
      expect((await ask('GET', '/api/events', { ...headers, origin })).status).toBe(403);
      expect((await ask('GET', '/', { origin })).status).toBe(403);
    },
  );

  test('a POST without Origin is refused', async () => {
    const headers = { 'content-type': 'application/json', ...(await signIn()).headers };
    expect((await ask('POST', '/api/call', headers, '{"method":"m","params":{}}')).status).toBe(403);
  });

  test.each([
    ['cross-site', '/', 403],
    ['same-site', '/', 403],
    ['none', '/', 200],
    ['same-origin', '/', 200],
    ['none', '/api/events', 403],
    ['cross-site', '/api/events', 403],
  ])('Sec-Fetch-Site %s on %s: %i', async (site, path, status) => {
    const { headers } = await signIn();
    expect((await ask('GET', path, { ...headers, 'sec-fetch-site': site })).status).toBe(status);
  });

  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  test.each<[string, string, string, Record<string, string>, number]>([
    ['to the start page is let in', 'GET', '/', {}, 200],
    ['to another file is not', 'GET', '/assets/app-1234.js', {}, 403],
    ['with a query is not', 'GET', '/?x=1', {}, 403],
    ['to the API is not', 'GET', '/api/events', {}, 403],
    ['that is a form is not', 'POST', '/', { origin: 'null' }, 403],
    ['into a frame is not', 'GET', '/', { 'sec-fetch-dest': 'iframe' }, 403],
    ['that is a fetch is not', 'GET', '/', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }, 403],
    ['from a page on another port is not', 'GET', '/', { 'sec-fetch-site': 'same-site' }, 403],
  ])('a link from elsewhere %s', async (_, method, path, headers, status) => {
    expect((await ask(method, path, { ...link, ...headers })).status).toBe(status);
  });
});

describe('calls', () => {
  const call = async (body: string, headers: Record<string, string> = {}) =>
    ask('POST', '/api/call', { ...page(), ...(await signIn()).headers, ...headers }, body);

  test('a contract error is an answer; what is not ours keeps its text to itself', async () => {
    const failed = await call('{"method":"fail","params":{}}');
    expect([failed.status, JSON.parse(failed.body)]).toEqual([
      200,
      { error: { code: 'Locked', message: 'Unlock first.' } },
    ]);
    const crashed = await call('{"method":"crash","params":{}}');
    expect(crashed.body).not.toContain('internals');
    expect(JSON.parse(crashed.body)).toMatchObject({ error: { code: 'Internal' } });
  });

  test.each(['', '{', '[]', '{"method":1}', '{"method":"m","params":{},"actor":"cli"}', '\xff'])(
    'the body %j is refused',
    async (body) => {
      expect((await call(body)).status).toBe(400);
    },
  );

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'a body of type %s, which a form can send, is refused',
    async (type) => {
      expect((await call('{"method":"m","params":{}}', { 'content-type': type })).status).toBe(400);
    },
  );

  test('more than a mebibyte is refused with an answer', async () => {
    const answer = await call(JSON.stringify({ method: 'm', params: 'x'.repeat(1024 * 1024) }));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('1048576');
  });
});

describe('events', () => {
  test('arrive as server-sent events until the page leaves', async () => {
    const { headers } = await signIn();
    const event: DaemonEvent = { type: 'notice', level: 'info', message: 'line\nbreak' };
    await new Promise<void>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path: '/api/events', headers });
      asked.on('response', (response) => {
        expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
        response.on('data', (chunk: Buffer) => {
          const text = chunk.toString();
          if (text.startsWith(':')) for (const listener of listeners) listener(event);
          else {
            expect(text).toBe(`data: ${JSON.stringify(event)}\n\n`);
            asked.destroy();
            resolve();
          }
        });
      });
      asked.on('error', reject);
      asked.end();
    });
    while (listeners.size > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  });
});

describe('files', () => {
  test('the page comes with a strict policy and is not kept', async () => {
    const { status, headers, body } = await ask('GET', '/');
    expect(status).toBe(200);
    expect(body).toContain('<title>Keyhold</title>');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
    });
  });

  test('hashed assets may be kept', async () => {
    const { headers } = await ask('GET', '/assets/app-1234.js');
    expect(headers['cache-control']).toContain('immutable');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test.each([
    '/../secret.js',
    '/..%2fsecret.js',
    '/%2e%2e/secret.js',
    '/assets/../../secret.js',
    '/assets/..\\..\\secret.js',
    '//etc/passwd',
    '/assets/',
    '/assets',
    '/constructor',
    '/__proto__',
    'http://evil.example/',
  ])('%s names nothing', async (path) => {
    const answer = await ask('GET', path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('outside');
  });

  test('without a built page, one that says what to do', async () => {
    const empty = await startWebShell({
      contract,
      files,
      clock,
      random: systemRandom,
      log: silentLogger,
      folder: join(folder, 'nowhere'),
      linkFolder: join(folder, 'open-empty'),
    });
    try {
      const answer = await fetch(empty.url);
      expect(await answer.text()).toContain('npm run build');
    } finally {
      await empty.stop();
    }
  });
});
