import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accountOfKeyId } from '../../../src/client/import/account-of-key-id.ts';
import { parseAwsFiles } from '../../../src/client/import/aws-files.ts';
import { parseIamCsv, wipeCsv } from '../../../src/client/import/iam-csv.ts';
import { parsePastedKey } from '../../../src/client/import/pasted-key.ts';
import { planAwsImport } from '../../../src/client/import/plan.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined) => (data === undefined ? undefined : new TextDecoder().decode(data));
const ID = 'AKIAIOSFODNN7EXAMPLE';
const ID2 = 'AKIAI44QH8DHBEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

describe('the IAM console’s CSV', () => {
  const header = 'Access key ID,Secret access key';
  test.each([
    ['accessKeys.csv', `${header}\n${ID},${SECRET}`],
    ['with BOM and CRLF', `\ufeff${header}\r\n${ID},${SECRET}\r\n`],
    ['quoted', `"Access key ID","Secret access key"\n"${ID}","${SECRET}"\n`],
    ['spaces', `Access key ID , Secret access key\n ${ID} , ${SECRET} \n\n`],
    ['other case', `ACCESS KEY ID,secret access key\n${ID},${SECRET}\n`],
  ])('%s', (_, csv) => {
    const buffer = Buffer.from(csv);
    const found = parseIamCsv('accessKeys.csv', buffer);
    buffer.fill(0);
    expect(found.problems).toEqual([]);
    expect(found.keys.map((key) => [key.accessKeyId, text(key.secretAccessKey), key.userName])).toEqual([
      [ID, SECRET, undefined],
    ]);
  });

  test('credentials.csv brings the user name and several keys', () => {
    const csv = `User name,Password,Access key ID,Secret access key,Console login link\n"a, b",,${ID},${SECRET},https://x\nc,p"w,${ID2},${SECRET},https://x\n`;
    const found = parseIamCsv('credentials.csv', bytes(csv));
    expect(found.problems).toEqual([]);
    expect(found.keys.map((key) => [key.line, key.userName, key.accessKeyId])).toEqual([
      [2, 'a, b', ID],
      [3, 'c', ID2],
    ]);
  });

  test.each([
    ['empty', '', 1, 'empty'],
    ['another file', 'a,b\n1,2\n', 1, 'columns'],
    ['no key', `${header}\n`, 2, 'no key'],
    ['too few fields', `${header}\n${ID}\n`, 2, 'expected 2 fields'],
    ['a bad id', `${header}\nakia,${SECRET}\n`, 2, 'access key id'],
    ['a bad secret', `${header}\n${ID},a b\n`, 2, 'secret'],
    ['an open quote', `${header}\n${ID},"abc\n`, 2, 'quoted'],
    ['the same id twice', `${header}\n${ID},${SECRET}\n${ID},${SECRET}\n`, 3, 'first in line 2'],
    ['a user without key', `User name,Access key ID,Secret access key\nx,,\n`, 2, 'no access key'],
  ])('%s is a problem with its line', (_, csv, line, message) => {
    const { problems } = parseIamCsv('f.csv', bytes(csv));
    expect(problems).toEqual([
      expect.objectContaining({ file: 'f.csv', line, message: expect.stringContaining(message) }),
    ]);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
  });

  test('random bytes and pieces never throw', () => {
    const piece = fc.constantFrom('"', ',', '\n', '\r\n', ID, SECRET, header, 'User name', ' ', '\ufeff', 'é', '""');
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(piece, { maxLength: 30 }).map((parts) => bytes(parts.join(''))),
    );
    fc.assert(
      fc.property(input, (data) => {
        const found = parseIamCsv('f.csv', data);
        for (const { line } of found.problems) expect(line).toBeGreaterThanOrEqual(1);
        expect(found.keys.length + found.problems.length).toBeGreaterThan(0);
        wipeCsv(found);
        for (const key of found.keys) expect(key.secretAccessKey.every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 1500, seed: 21 },
    );
  });
});

describe('a pasted key', () => {
  const aws = JSON.stringify(
    {
      AccessKey: {
        UserName: 'deploy',
        AccessKeyId: ID,
        Status: 'Active',
        SecretAccessKey: SECRET,
        CreateDate: '2026-01-01T00:00:00Z',
      },
    },
    null,
    4,
  );
  test.each([
    ['two lines', `${ID}\n${SECRET}\n`],
    ['two lines, CRLF and blanks', `\ufeff  ${ID} \r\n\r\n ${SECRET}\r\n`],
    ['credentials lines', `aws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}\n`],
    ['a whole section', `[deploy]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\nregion=eu-west-1\n`],
    ['export lines', `export AWS_ACCESS_KEY_ID=${ID}\nexport AWS_SECRET_ACCESS_KEY="${SECRET}"\n`],
    ['PowerShell', `$env:AWS_ACCESS_KEY_ID="${ID}"\n$Env:AWS_SECRET_ACCESS_KEY='${SECRET}'\n`],
    ['cmd', `SET AWS_ACCESS_KEY_ID=${ID}\r\nSET AWS_SECRET_ACCESS_KEY=${SECRET}\r\n`],
    ['aws iam create-access-key', aws],
    ['flat JSON', JSON.stringify({ accessKeyId: ID, secretAccessKey: SECRET })],
    ['escaped slashes', aws.replaceAll('/', '\\/')],
  ])('%s', (_, input) => {
    // A Buffer, wiped at once: what comes out must be copies.
    const buffer = Buffer.from(input);
    const key = parsePastedKey(buffer);
    buffer.fill(0);
    expect([key.accessKeyId, text(key.secretAccessKey), key.sessionToken]).toEqual([ID, SECRET, undefined]);
  });

  test('session tokens come along', () => {
    const token = 'FwoGZXIvYXdzEJr//////////wEaD==';
    const json = JSON.stringify({ Credentials: { AccessKeyId: ID, SecretAccessKey: SECRET, SessionToken: token } });
    for (const input of [
      json,
      `${ID}\n${SECRET}\n${token}`,
      `export AWS_ACCESS_KEY_ID=${ID}\nexport AWS_SECRET_ACCESS_KEY=${SECRET}\nexport AWS_SESSION_TOKEN=${token}`,
    ]) {
      expect(text(parsePastedKey(bytes(input)).sessionToken)).toBe(token);
    }
  });

  test.each([
    ['nothing', ' \n'],
    ['one line', ID],
    ['four lines', `${ID}\n${SECRET}\n${SECRET}\n${SECRET}\n`],
    ['swapped', `${SECRET}\n${ID}\n`],
    ['two profiles', `[a]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\n[b]\naws_access_key_id=${ID}\n`],
    ['half JSON', `{"AccessKeyId": "${ID}", "SecretAccessKey": "${SECRET}"`],
    [
      'two keys in JSON',
      JSON.stringify([
        { AccessKeyId: ID, SecretAccessKey: SECRET },
        { AccessKeyId: ID2, SecretAccessKey: SECRET },
      ]),
    ],
    [
      'two keys in one document',
      JSON.stringify({ a: { AccessKeyId: ID, SecretAccessKey: SECRET }, b: { AccessKeyId: ID2 } }),
    ],
    ['JSON without secret', JSON.stringify({ AccessKeyId: ID })],
    ['lines without id', `aws_secret_access_key = ${SECRET}\n`],
  ])('%s is refused without repeating the secret', (_, input) => {
    let caught: unknown;
    try {
      parsePastedKey(bytes(input));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(KeyholdError);
    expect(caught).toMatchObject({ code: 'InvalidInput', details: { line: expect.any(Number) } });
    expect(String(caught)).not.toContain(SECRET);
  });

  test('keys of S3-compatible stores, where they are expected', () => {
    for (const id of ['minioadmin', 'GK31c2f218a2e44f485b94239e', 'a.b_c-d', 'Q3AM3UQ867SPQQA43P2F']) {
      const key = parsePastedKey(bytes(`${id}\nminioadmin`), 'compatible');
      expect([key.accessKeyId, text(key.secretAccessKey)]).toEqual([id, 'minioadmin']);
      expect(() => parsePastedKey(bytes(`${id}\nminioadmin`))).toThrow(KeyholdError);
    }
    for (const [id, secret] of [
      ['ab', 'minioadmin'],
      ['a/b', 'minioadmin'],
      ['a'.repeat(129), 'minioadmin'],
      ['minioadmin', 'short12'],
      ['minioadmin', 'x'.repeat(129)],
      // Swapped: an id is not kept as a secret is.
      ['minioadminminioadmin', ID],
    ]) {
      expect(() => parsePastedKey(bytes(`${id}\n${secret}`), 'compatible')).toThrow(KeyholdError);
    }
    expect(() => parsePastedKey(bytes(`${ID}\n${'x'.repeat(15)}`))).toThrow('16 to 128');
  });

  test('whatever comes in, only the typed error comes out', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '"',
      ':',
      '\n',
      '=',
      ID,
      SECRET,
      '"AccessKeyId"',
      '"SecretAccessKey"',
      'aws_access_key_id',
      'export ',
      '\\',
      ',',
    );
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(piece, { maxLength: 30 }).map((parts) => bytes(parts.join(''))),
    );
    fc.assert(
      fc.property(input, (data) => {
        try {
          expect(parsePastedKey(data).accessKeyId).toMatch(/^[A-Z0-9]{16,128}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(KeyholdError);
          expect(error).toMatchObject({ code: 'InvalidInput' });
          const { details } = error as KeyholdError;
          expect(details?.['line']).toBeGreaterThanOrEqual(1);
        }
      }),
      { numRuns: 2000, seed: 22 },
    );
  });
});

describe('account ids in key ids', () => {
  test('newer key ids spell the account', () => {
    // A published example of the encoding.
    expect(accountOfKeyId('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753');
  });
  test('older and foreign ids say nothing', () => {
    for (const id of [ID, 'AKIAJ234567ABCDEFGHI', 'AIDAQNZGKIQY56JQ7WML', 'short', 'AKIA7777777777777777']) {
      expect(accountOfKeyId(id)).toBeNull();
    }
  });
});

describe('planAwsImport', () => {
  const section = (name: string, id: string, secret = SECRET) =>
    `[${name}]\naws_access_key_id=${id}\naws_secret_access_key=${secret}\n`;
  const plan = (credentials: string, vault: Partial<Parameters<typeof planAwsImport>[1]> = {}, config = '') =>
    planAwsImport(parseAwsFiles({ credentials: bytes(credentials), config: bytes(config) }), {
      keys: [],
      profiles: [],
      matches: () => true,
      ...vault,
    });

  test('one key per access key id, one profile per profile', () => {
    const made = plan(
      section('a', ID) + section('b', ID) + section('c', ID2),
      {},
      '[profile b]\nregion=eu-west-1\noutput=text\n',
    );
    expect(made.keys.map((one) => [one.name, one.key.accessKeyId])).toEqual([
      ['a', ID],
      ['c', ID2],
    ]);
    expect(made.profiles).toMatchObject([
      { name: 'a', key: 'a' },
      { name: 'b', key: 'a', region: 'eu-west-1', output: 'text' },
      { name: 'c', key: 'c' },
    ]);
    expect(made.skipped).toEqual([]);
  });

  test('names that are taken are not written over, whatever their case', () => {
    const made = plan(section('Prod', ID) + section('dev', ID2), {
      keys: [{ name: 'prod', accessKeyId: 'AKIAZZZZZZZZZZZZZZZZ', account: 'x' }],
      profiles: [{ name: 'DEV' }],
    });
    expect(made.keys.map((one) => one.name)).toEqual(['dev']);
    expect(made.profiles).toEqual([]);
    expect(made.skipped.map((one) => [one.profile, one.keyLeftBehind])).toEqual([
      ['Prod', true],
      ['dev', false],
    ]);
  });

  test('a key that is in the vault is not imported again, but its profile is', () => {
    const made = plan(section('a', ID), { keys: [{ name: 'old', accessKeyId: ID, account: 'acct' }] });
    expect(made).toMatchObject({ keys: [], profiles: [{ name: 'a', key: 'old', account: 'acct' }], skipped: [] });
  });

  test('a key that is in the vault with another secret stays where it is, and its profile with it', () => {
    const keys = [
      { name: 'old', accessKeyId: ID, account: 'acct' },
      { name: 'older', accessKeyId: ID, account: 'other' },
    ];
    expect(plan(section('a', ID), { keys, matches: () => false })).toEqual({
      signIns: [],
      keys: [],
      profiles: [],
      leftovers: [],
      keysLeft: [{ profile: 'a', file: 'credentials', line: 1 }],
      skipped: [
        {
          profile: 'a',
          file: 'credentials',
          line: 1,
          reason: 'the vault has this access key id with another secret, as "old"',
          keyLeftBehind: true,
        },
      ],
    });
    const second = plan(section('a', ID), { keys, matches: (_key, name) => name === 'older' });
    expect(second.profiles).toMatchObject([{ name: 'a', key: 'older', account: 'other' }]);
  });

  test('the same id and secret with two session tokens are two keys', () => {
    const token = (value: string) => `aws_session_token=${value}\n`;
    const made = plan(section('a', ID) + token('one') + section('b', ID) + token('two') + section('c', ID));
    expect(made.skipped.map((one) => [one.profile, one.keyLeftBehind])).toEqual([
      ['b', true],
      ['c', true],
    ]);
  });

  test('the same id with two secrets, and Keyhold’s own keys, stay out', () => {
    const made = plan(section('a', ID) + section('b', ID, 'another/secret') + section('c', 'KHLDABCDEFGHIJKLMNOP'));
    expect(made.profiles.map((one) => one.name)).toEqual(['a']);
    expect(made.skipped.map((one) => [one.profile, one.keyLeftBehind])).toEqual([
      ['b', true],
      ['c', false],
    ]);
  });

  test('names become ones the vault takes', () => {
    expect(plan(section('a/b\\c', ID)).keys[0]?.name).toBe('a-b-c');
    expect(plan(section('x'.repeat(80), ID)).keys[0]?.name).toHaveLength(64);
  });
});
