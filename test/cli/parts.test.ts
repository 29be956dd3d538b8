import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectTags, wholeNumber } from '../../src/cli/arguments.ts';
import { childEnv, isStripped } from '../../src/cli/child-env.ts';
import { parseS3Uri } from '../../src/cli/commands/presign.ts';
import { parseSetting } from '../../src/cli/commands/settings.ts';
import { prepareRequest } from '../../src/cli/curl-options.ts';
import { parseDuration } from '../../src/cli/duration.ts';
import { describeError } from '../../src/cli/errors.ts';
import { EXIT_CODES_HELP, exitCodeOf } from '../../src/cli/exit-codes.ts';
import { paint, safeText, wantsColor } from '../../src/cli/output.ts';
import { facts, table } from '../../src/cli/table.ts';
import { SecretLine } from '../../src/cli/terminal.ts';
import { printable, textWidth, truncate } from '../../src/cli/text-width.ts';
import { age, count, fileSize, relativeTime } from '../../src/cli/words.ts';
import { ERROR_CODES, KeyholdError } from '../../src/contract/errors.ts';

const usage = expect.objectContaining({ code: 'InvalidInput' });
const thrown = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

describe('durations', () => {
  test.each([
    ['90', 90],
    ['90s', 90],
    ['30m', 1800],
    ['8h', 28_800],
    ['7d', 604_800],
    ['2w', 1_209_600],
    ['1h30m', 5400],
    [' 8H ', 28_800],
  ])('%s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));
  test.each(['', '0', '0h', '-1', 'h', '8 h', '1.5h', '1y', '99999999999999999999d', '1h x'])(
    '"%s" is refused',
    (text) => {
      expect(thrown(() => parseDuration(text))).toEqual(usage);
    },
  );
});

describe('tables', () => {
  const columns = [{ title: 'Name' }, { title: 'Id', fixed: true }, { title: 'N', align: 'right' as const }];
  test('columns are aligned, nothing trails, empty cells show a dash', () => {
    const rows = [
      ['a', 'AKIA1', '7'],
      ['longer', '', '12'],
    ];
    expect(table(columns, rows, { width: undefined })).toBe(
      'Name    Id      N\na       AKIA1   7\nlonger  -      12\n',
    );
  });
  test('wide and combining characters take the columns they show', () => {
    const lines = table(
      [{ title: 'N' }, { title: 'X' }],
      [
        ['名前', 'x'],
        ['e\u0301', 'x'],
      ],
      { width: undefined },
    ).split('\n');
    expect(lines).toEqual(['N     X', '名前  x', 'e\u0301     x', '']);
  });
  test('a narrow terminal shortens what may be shortened, never ids', () => {
    const wide = 'x'.repeat(60);
    const lines = table(columns, [[wide, 'AKIAIOSFODNN7EXAMPLE', '1']], { width: 40 })
      .trimEnd()
      .split('\n');
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(40);
    expect(lines[1]).toContain('AKIAIOSFODNN7EXAMPLE');
    expect(lines[1]).toContain('…');
  });
  test('no cell can steer the terminal', () => {
    const evil = 'a\u001b[2Jb\rc\nd\u202e\u0007';
    const text = table([{ title: 'X' }], [[evil]], { width: undefined }) + facts([['X', evil]]);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(safeText('a\u001b[31m\nb')).toBe('a\ufffd[31m\nb');
  });
  test('every table fits any width that its fixed columns leave room for', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { maxLength: 6 }),
        fc.integer({ min: 20, max: 120 }),
        (rows, width) => {
          for (const line of table([{ title: 'A' }, { title: 'B' }], rows, { width }).split('\n')) {
            expect(textWidth(line)).toBeLessThanOrEqual(width);
          }
        },
      ),
      { seed: 31 },
    );
  });
  test('truncate and printable', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(textWidth(truncate('名前名前', 4))).toBeLessThanOrEqual(4);
    expect(printable('ok é 名')).toBe('ok é 名');
  });
});

test('colour is for terminals that want it', () => {
  expect(wantsColor(true, { TERM: 'xterm' })).toBe(true);
  expect(wantsColor(true, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
  expect(wantsColor(true, { TERM: 'xterm', NO_COLOR: '' })).toBe(true);
  expect(wantsColor(true, { TERM: 'dumb' })).toBe(false);
  expect(wantsColor(false, { TERM: 'xterm' })).toBe(false);
  expect(paint(false).bold('x')).toBe('x');
  expect(paint(true).bold('x')).toBe('\u001b[1mx\u001b[22m');
});

test('words for times and sizes', () => {
  const now = Date.parse('2026-11-23T12:00:00.000Z');
  const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
  expect([-2, -40, -180, -7200, -86_400 * 12, 12 * 3600 - 1, 890].map((one) => relativeTime(at(one), now))).toEqual([
    'just now',
    '40 s ago',
    '3 min ago',
    '2 h ago',
    '12 d ago',
    'in 12 h',
    'in 15 min',
  ]);
  expect([-5, -3600 * 5, -86_400 * 211].map((one) => age(at(one), now))).toEqual(['new', '5 h', '211 d']);
  expect([0, 1023, 1024, 5 * 1024 ** 3].map(fileSize)).toEqual(['0 B', '1023 B', '1.0 KiB', '5.0 GiB']);
  expect([count(1, 'key'), count(2, 'key'), count(0, 'entry', 'entries')]).toEqual(['1 key', '2 keys', '0 entries']);
});

describe('exit codes', () => {
  test('every error has one, and the help names it', () => {
    for (const code of ERROR_CODES) {
      const exit = exitCodeOf(code);
      expect(exit).toBeGreaterThan(0);
      expect(EXIT_CODES_HELP).toMatch(new RegExp(`^ +${exit}  `, 'm'));
    }
    expect(
      ['Locked', 'WrongSecret', 'NotFound', 'AlreadyExists', 'Unreachable', 'VaultTampered', 'InvalidInput'].map(
        (code) => describeError(new KeyholdError(code as 'Locked', '')).exitCode,
      ),
    ).toEqual([3, 4, 5, 6, 7, 8, 2]);
  });
  test('what the contract calls a parameter is told as the option that gives it', () => {
    const told = (message: string) => describeError(new KeyholdError('InvalidInput', message)).wire.message;
    expect(told('expiresInSeconds: a client key lives at least a minute.')).toBe(
      '--expires: a client key lives at least a minute.',
    );
    expect(told('bucket: too short; region: a region looks like eu-central-1.')).toBe(
      'bucket: too short; --region: a region looks like eu-central-1.',
    );
    expect(told('The profile "key: x" is taken.')).toBe('The profile "key: x" is taken.');
  });
  test('system errors become sentences, unknown ones keep their text to themselves', () => {
    const missing = (path: string) => Object.assign(new Error('ENOENT: x'), { code: 'ENOENT', path });
    expect(describeError(missing('/x'))).toEqual({
      wire: { code: 'NotFound', message: 'There is no /x.' },
      exitCode: 5,
    });
    // Said of a file to be written, its own name would only puzzle.
    expect(describeError(missing('/no/such/x')).wire.message).toBe('There is no folder /no/such.');
    expect(describeError(new Error('secret detail')).wire.message).not.toContain('secret');
  });
});

describe('the environment of exec', () => {
  const key = {
    profile: 'prod',
    accessKeyId: 'KHLDABCDEFGHIJKLMNOP',
    secretAccessKey: 'client/secret',
    endpoint: 'http://127.0.0.1:4587',
    region: 'eu-west-1',
  };
  test('every AWS setting of the caller is gone, whatever its case', () => {
    const env = childEnv(
      {
        PATH: '/bin',
        AWS_PROFILE: 'x',
        aws_secret_access_key: 's',
        AWS_SESSION_TOKEN: 't',
        AWS_ENDPOINT_URL_S3: 'http://evil',
        AWS_CONFIG_FILE: '/c',
        AWS_SHARED_CREDENTIALS_FILE: '/d',
        AMAZON_SECRET_ACCESS_KEY: 'z',
        LANG: 'C',
        NONE: undefined,
      },
      { ...key, output: 'json' },
    );
    expect(env).toEqual({
      PATH: '/bin',
      LANG: 'C',
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_ENDPOINT_URL: key.endpoint,
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      KEYHOLD_PROFILE: 'prod',
    });
  });
  test('a proxy is told to leave loopback alone, and what it left alone before stays', () => {
    const env = childEnv({ https_proxy: 'http://p', NO_PROXY: 'corp.example, localhost' }, key);
    expect(env['NO_PROXY']).toBe('corp.example,localhost,127.0.0.1,::1');
    expect(env['no_proxy']).toBe(env['NO_PROXY']);
    expect(childEnv({}, key)['NO_PROXY']).toBeUndefined();
  });
  test('--keep-config keeps the config file and nothing that carries a key', () => {
    const env = childEnv({ AWS_CONFIG_FILE: '/c', AWS_PAGER: '', AWS_SHARED_CREDENTIALS_FILE: '/d' }, key, {
      keepConfig: true,
    });
    expect([env['AWS_CONFIG_FILE'], env['AWS_PAGER'], env['AWS_SHARED_CREDENTIALS_FILE']]).toEqual([
      '/c',
      '',
      undefined,
    ]);
  });
  test('https brings the CA', () => {
    const env = childEnv({}, { ...key, caBundlePath: '/h/ca.pem' });
    expect([env['AWS_CA_BUNDLE'], env['NODE_EXTRA_CA_CERTS']]).toEqual(['/h/ca.pem', '/h/ca.pem']);
  });
  test('no name that begins with AWS_ survives', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (rest, lower) => {
        expect(isStripped((lower ? 'aws_' : 'AWS_') + rest)).toBe(true);
      }),
    );
  });
});

describe('requests to sign', () => {
  const hash = { empty: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' };
  test('GET, POST, HEAD and PUT as curl chooses them', () => {
    expect(prepareRequest('https://s3.amazonaws.com/a b?x=1#frag', {})).toEqual({
      method: 'GET',
      url: 'https://s3.amazonaws.com/a%20b?x=1',
      headers: [],
      body: undefined,
      payloadHash: hash.empty,
    });
    const post = prepareRequest('https://sts.amazonaws.com', { data: ['a=1', 'b=2'], header: ['X-Y:  z '] });
    expect([post.method, post.headers, Buffer.from(post.body ?? []).toString()]).toEqual([
      'POST',
      [
        ['X-Y', 'z'],
        ['content-type', 'application/x-www-form-urlencoded'],
      ],
      'a=1&b=2',
    ]);
    expect(prepareRequest('https://h/', { head: true }).method).toBe('HEAD');
    expect(prepareRequest('https://h/', { request: 'delete' }).method).toBe('DELETE');
    expect(prepareRequest('https://h/', { unsignedPayload: true }).payloadHash).toBe('UNSIGNED-PAYLOAD');
  });
  test.each([
    ['not a url', {}],
    ['ftp://h/', {}],
    ['https://user:pw@h/', {}],
    ['https://h/', { header: ['no colon'] }],
    ['https://h/', { header: ['X: a\r\nEvil: b'] }],
    ['https://h/', { request: 'G T' }],
    ['https://h/', { data: ['x'], uploadFile: '/dev/null' }],
  ])('%s %j is refused', (url, options) => expect(thrown(() => prepareRequest(url, options))).toEqual(usage));

  test.each([
    ['https://b.s3.amazonaws.com/a/../b', '/a/../b'],
    ['https://b.s3.amazonaws.com/./a/./../..', '/./a/./../..'],
    ['https://b.s3.amazonaws.com/a//b%2e%2E/%7e~', '/a//b%2e%2E/%7e~'],
    ['https://b.s3.amazonaws.com/ü"<>^`{|}\\ x', '/%C3%BC%22%3C%3E%5E%60%7B%7C%7D%5C%20x'],
    ['https://B.s3.amazonaws.com:443?x=/../y', '/'],
    ['  https://b.s3.amazonaws.com\t/a\n/../b#/../c ', '/a/../b'],
  ])('the path of %s stays as it was written', (url, path) => {
    const prepared = prepareRequest(url, {}).url;
    expect(prepared).toBe(`https://b.s3.amazonaws.com${path}${url.includes('?') ? '?x=/../y' : ''}`);
  });

  test('s3 addresses keep the key as it stands', () => {
    expect(parseS3Uri('s3://b/a//b c:d?#/é')).toEqual({ bucket: 'b', key: 'a//b c:d?#/é' });
    for (const bad of ['s3://b', 's3://b/', 's3:///k', 'b/k', 'https://b/k'])
      expect(thrown(() => parseS3Uri(bad))).toEqual(usage);
  });
});

describe('values', () => {
  test('settings', () => {
    expect(parseSetting('auto-lock', 'never')).toEqual({ autoLockMinutes: 0 });
    expect(parseSetting('auto-lock', '90s')).toEqual({ autoLockMinutes: 2 });
    expect(parseSetting('auto-lock', '24h')).toEqual({ autoLockMinutes: 1440 });
    expect(parseSetting('port', '4600')).toEqual({ port: 4600 });
    expect(parseSetting('https', 'on')).toEqual({ https: true });
    for (const [name, value] of [
      ['auto-lock', '25h'],
      ['port', '0'],
      ['port', '1e3'],
      ['https', 'yes'],
      ['theme', 'pink'],
      ['x', 'y'],
    ] as const) {
      expect(thrown(() => parseSetting(name, value))).toEqual(usage);
    }
  });
  test('tags and numbers', () => {
    expect(collectTags('team=a=b', { x: '1' })).toEqual({ x: '1', team: 'a=b' });
    expect(thrown(() => collectTags('=x'))).toEqual(usage);
    expect(wholeNumber('n', 1, 10)('7')).toBe(7);
    for (const bad of ['0', '11', '1.5', '0x1', '']) expect(thrown(() => wholeNumber('n', 1, 10)(bad))).toEqual(usage);
  });
});

describe('a line typed blind', () => {
  const type = (text: string) => {
    const line = new SecretLine();
    for (const byte of Buffer.from(text)) {
      const outcome = line.push(byte);
      if (outcome !== 'more') return [outcome, Buffer.from(line.take()).toString()];
    }
    return ['more', Buffer.from(line.take()).toString()];
  };
  test.each([
    ['abc\r', 'done', 'abc'],
    ['abc\n', 'done', 'abc'],
    ['abd\u007fc\r', 'done', 'abc'],
    ['aé\u007f名\b€\r', 'done', 'a€'],
    ['\u007f\u007fa\r', 'done', 'a'],
    ['wrong\u0015right\r', 'done', 'right'],
    ['a\u001b[Db\u001b[3~c\u001bOAd\r', 'done', 'abcd'],
    ['\u001b[200~pasted\u001b[201~\r', 'done', 'pasted'],
    ['a\u001b\r', 'done', 'a'],
    ['a\u0003', 'cancel', 'a'],
    ['\u0004', 'cancel', ''],
    ['a\u0004', 'done', 'a'],
    ['a\u0001b\r', 'done', 'ab'],
  ])('%j', (text, outcome, secret) => expect(type(text)).toEqual([outcome, secret]));
  test('any printable text comes out as typed, however long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (text) => {
        const clean = text.replaceAll(/[\p{Cc}]/gu, '');
        expect(type(`${clean}\r`)).toEqual(['done', clean]);
      }),
      { seed: 32 },
    );
  });
});
