import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FoundAws, parseAwsFiles, wipeFound } from '../../../src/client/import/aws-files.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const ID = 'AKIAIOSFODNN7EXAMPLE';
const ID2 = 'AKIAI44QH8DHBEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

function parse(credentials: string, config?: string): FoundAws {
  return parseAwsFiles({ credentials: bytes(credentials), ...(config === undefined ? {} : { config: bytes(config) }) });
}

function profile(found: FoundAws, name: string) {
  const one = found.profiles.find((candidate) => candidate.name === name);
  if (one === undefined) throw new Error(`no profile ${name}`);
  const { key } = one;
  return {
    ...one,
    id: key?.accessKeyId,
    secret: key === undefined ? undefined : new TextDecoder().decode(key.secretAccessKey),
    token: key?.sessionToken === undefined ? undefined : new TextDecoder().decode(key.sessionToken),
  };
}

describe('keys of S3-compatible stores', () => {
  const minio = '[minio]\naws_access_key_id = minioadmin\naws_secret_access_key = minioadmin\n';

  test('are taken with an endpoint of their own, in whichever file it stands', () => {
    const config = '[profile minio]\nendpoint_url = http://127.0.0.1:9000\n';
    const found = profile(parse(minio, config), 'minio');
    expect(found).toMatchObject({ id: 'minioadmin', secret: 'minioadmin', leftovers: [] });
    const own = profile(parse(`${minio}endpoint_url = http://127.0.0.1:9000\n`), 'minio');
    expect(own).toMatchObject({ id: 'minioadmin', leftovers: [] });
  });

  test('are left behind without one, unless they go to an account that has it', () => {
    const left = profile(parse(minio), 'minio');
    expect([left.id, left.leftovers.map((one) => one.what)]).toEqual([
      undefined,
      ['aws_access_key_id', 'aws_secret_access_key'],
    ]);
    const found = parseAwsFiles({ credentials: bytes(minio) }, 'compatible');
    expect(profile(found, 'minio')).toMatchObject({ id: 'minioadmin', leftovers: [] });
  });
});

describe('profiles with static keys', () => {
  test.each([
    ['plain', `[prod]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\n`],
    ['spaces around =', `[ prod ]\n  aws_access_key_id   =   ${ID}  \n\taws_secret_access_key\t=\t${SECRET}\t\n`],
    ['CRLF', `[prod]\r\naws_access_key_id = ${ID}\r\naws_secret_access_key = ${SECRET}\r\n`],
    ['BOM', `\ufeff[prod]\naws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}`],
    ['no newline at the end', `[prod]\naws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}`],
    ['capitals', `[prod]\nAWS_ACCESS_KEY_ID = ${ID}\nAws_Secret_Access_Key = ${SECRET}`],
    ['colon', `[prod]\naws_access_key_id: ${ID}\naws_secret_access_key: ${SECRET}`],
    ['comments', `# a\n; b\n[prod] # c\n# d\naws_access_key_id = ${ID} # e\n\naws_secret_access_key = ${SECRET} ; f\n`],
    ['quoted section', `["prod"]\naws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}`],
  ])('%s', (_, text) => {
    const found = parse(text);
    expect(found.problems).toEqual([]);
    expect(profile(found, 'prod')).toMatchObject({ id: ID, secret: SECRET, leftovers: [] });
  });

  test('a session token comes along, and a secret with = and # inside stays whole', () => {
    const found = parse(
      `[t]\naws_access_key_id=${ID}\naws_secret_access_key=ab#cd=ef/+x==0123\naws_session_token=FwoG/=#x\n`,
    );
    expect(profile(found, 't')).toMatchObject({ secret: 'ab#cd=ef/+x==0123', token: 'FwoG/=#x' });
  });

  test('region, output, endpoint and account id come from config, keys from credentials first', () => {
    const found = parse(
      `[default]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\nregion=us-east-1\n`,
      `[default]\nregion = eu-west-1\noutput=json\nendpoint_url = http://localhost:4566\naws_account_id = 123456789012\naws_access_key_id=${ID2}\naws_secret_access_key=other-secret\n`,
    );
    expect(profile(found, 'default')).toMatchObject({
      id: ID,
      region: 'eu-west-1',
      output: 'json',
      endpointUrl: 'http://localhost:4566',
      accountId: '123456789012',
      leftovers: [{ file: 'config', line: 6, what: 'aws_access_key_id' }],
    });
  });

  test('[profile x] in config and [x] in credentials are one profile', () => {
    const found = parse(
      `[x]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}`,
      '[profile x]\nregion=eu-north-1\n[profile  "y z"]\nregion=eu-north-1',
    );
    expect(found.profiles.map((one) => one.name)).toEqual(['x', 'y z']);
    expect(profile(found, 'x')).toMatchObject({ id: ID, region: 'eu-north-1' });
  });

  test('nested values are passed over', () => {
    const found = parse(
      '',
      `[default]\ns3 =\n  max_concurrent_requests = 20\n  region = nowhere\naws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}\n`,
    );
    expect(found.problems).toEqual([]);
    expect(profile(found, 'default')).toMatchObject({ id: ID, leftovers: [{ line: 2, what: 's3' }] });
    expect(profile(found, 'default').region).toBeUndefined();
  });
});

describe('what cannot be brought along is named with its line', () => {
  test.each([
    ['sso_session', 'sso_session = corp', [2], 'there is no [sso-session corp]'],
    ['sso_start_url', 'sso_start_url = https://x\nsso_region = eu-west-1', [2, 3], 'sso_account_id'],
    ['source_profile', 'source_profile = base\nexternal_id = x1', [2, 3], 'beside a role_arn'],
    ['credential_process', 'credential_process = /bin/x --y', [2], 'which account it is of'],
    ['credential_process', 'credential_process = /bin/x "y', [2], 'no command line'],
    ['credential_source', 'credential_source = Ec2InstanceMetadata', [2], 'machine'],
    ['web_identity_token_file', 'web_identity_token_file = /x', [2], 'beside a role_arn'],
  ])('%s', (what, body, lines, reason) => {
    const { leftovers, key } = profile(parse('', `[profile p]\n${body}\n`), 'p');
    expect(key).toBeUndefined();
    expect(leftovers.map((one) => one.line)).toEqual(lines);
    expect(leftovers[0]?.what).toBe(what);
    expect(leftovers[0]?.reason).toContain(reason);
  });

  test('sso-session, services and stray sections are no profiles', () => {
    const found = parse(
      '',
      '[sso-session corp]\nsso_region=x\n[services s]\ndynamodb =\n  endpoint_url = http://x\n[stray]\n',
    );
    expect(found.problems).toEqual([]);
    expect(found.profiles).toEqual([]);
    expect(found.otherSections.map((one) => [one.header, one.line])).toEqual([
      ['sso-session corp', 1],
      ['services s', 3],
      ['stray', 6],
    ]);
  });

  test.each([
    ['half a key', `[p]\naws_access_key_id=${ID}\n`, 2, 'secret access key is missing'],
    ['the other half', `[p]\naws_secret_access_key=${SECRET}\n`, 2, 'access key id is missing'],
    ['a bad id', `[p]\naws_access_key_id=akia\naws_secret_access_key=${SECRET}\n`, 2, 'capital letters'],
    ['a space in the secret', `[p]\naws_access_key_id=${ID}\naws_secret_access_key=abc defghijk\n`, 3, 'space'],
    ['an empty secret', `[p]\naws_access_key_id=${ID}\naws_secret_access_key=\n`, 3, 'empty'],
    [
      'a key twice',
      `[p]\naws_access_key_id=${ID}\naws_access_key_id=${ID2}\naws_secret_access_key=${SECRET}\n`,
      3,
      'twice',
    ],
    [
      'a section twice',
      `[p]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\n[p]\naws_access_key_id=${ID2}\naws_secret_access_key=${SECRET}\n`,
      4,
      'first in line 1',
    ],
  ])('%s keeps the profile out', (_, text, line, reason) => {
    const found = parse(text);
    expect(found.problems).toEqual([]);
    const { key, leftovers } = profile(found, 'p');
    expect(key).toBeUndefined();
    expect(leftovers).toEqual([expect.objectContaining({ line, reason: expect.stringContaining(reason) })]);
  });
});

describe('lines that cannot be read', () => {
  test.each([
    ['a setting before any section', 'region = x\n', 1],
    ['an unclosed header', '[a]\nregion=x\n[b\nregion=y\n', 3],
    ['something after the header', '[a] b\n', 1],
    ['an empty header', '[]\n', 1],
    ['no =', '[a]\nregion\n', 2],
    ['no name', '[a]\n= x\n', 2],
    ['a continued value', `[a]\naws_secret_access_key = abc\n   defg\n`, 3],
    ['a zero byte', '[a]\nregion = x\0\n', 2],
  ])('%s', (_, text, line) => {
    expect(parse(text).problems).toEqual([expect.objectContaining({ file: 'credentials', line })]);
  });

  test('UTF-16 is recognised', () => {
    const found = parseAwsFiles({ config: Buffer.from('\ufeff[default]\r\n', 'utf16le') });
    expect(found.problems[0]).toMatchObject({ file: 'config', line: 1, message: expect.stringContaining('UTF-8') });
  });
});

test('no message ever repeats a secret', () => {
  const secret = 'S3CR3T+not/to/be/shown+anywhere';
  for (const text of [
    `[p]\naws_access_key_id = ${secret}\naws_secret_access_key = ${secret}\n`,
    `[p]\naws_secret_access_key = ${secret} ${secret}\naws_access_key_id = ${ID}`,
    `[p]\naws_secret_access_key ${secret}\n`,
    `[p]\naws_access_key_id=${ID}\naws_secret_access_key = ${secret}\naws_secret_access_key = ${secret}\n`,
  ]) {
    const { profiles, problems, otherSections } = parse(text);
    const shown = JSON.stringify([profiles.map(({ key: _, ...rest }) => rest), problems, otherSections]);
    expect(shown).not.toContain('S3CR3T');
  }
});

test.each([
  ['Uint8Array', bytes],
  ['Buffer', (text: string) => Buffer.from(text)],
])('secrets are copies of a %s and are wiped', (_, make) => {
  const input = make(`[p]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\naws_session_token=abcdefgh\n`);
  const found = parseAwsFiles({ credentials: input });
  input.fill(0);
  expect(profile(found, 'p').secret).toBe(SECRET);
  wipeFound(found);
  expect(found.profiles[0]?.key?.secretAccessKey).toEqual(new Uint8Array(SECRET.length));
  expect(found.profiles[0]?.key?.sessionToken).toEqual(new Uint8Array(8));
});

describe('fuzz', () => {
  const piece = fc.constantFrom(
    '[p]',
    '[profile p]',
    '[',
    ']',
    '=',
    ':',
    '#',
    ';',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\ufeff',
    '"',
    'aws_access_key_id',
    'role_arn',
    'aws_secret_access_key',
    ID,
    SECRET,
    's3 =',
    'default',
    '\0',
    'é',
    '\u2028',
  );
  const check = (credentials: Uint8Array, config: Uint8Array) => {
    const found = parseAwsFiles({ credentials, config });
    const lines = (data: Uint8Array) => data.filter((byte) => byte === 0x0a).length + 1;
    for (const { file, line } of [
      ...found.problems,
      ...found.otherSections,
      ...found.profiles.flatMap((one) => one.leftovers),
    ]) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines(file === 'config' ? config : credentials));
    }
    for (const { key } of found.profiles) if (key !== undefined) expect(key.accessKeyId).toMatch(/^[A-Z0-9]{16,128}$/);
  };

  test('random bytes never throw, and every line is within its file', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), check), {
      numRuns: 500,
      seed: 11,
    });
  });

  test('random pieces of real files never throw', () => {
    const file = fc.array(piece, { maxLength: 40 }).map((parts) => bytes(parts.join('')));
    fc.assert(fc.property(file, file, check), { numRuns: 1500, seed: 12 });
  });

  test('what is written is what is found', () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.@-]{0,15}$/);
    const secret = fc.stringMatching(/^[A-Za-z0-9/+]{16,40}$/);
    const id = fc.stringMatching(/^AKIA[A-Z2-7]{16}$/);
    const entry = fc.record({ name, id, secret });
    const style = fc.record({
      eol: fc.constantFrom('\n', '\r\n'),
      pad: fc.constantFrom('', ' ', '\t '),
      bom: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: (one) => one.name, maxLength: 8 }),
        style,
        (entries, { eol, pad, bom }) => {
          const text = entries
            .flatMap((one) => [
              `[${one.name}]`,
              `aws_access_key_id${pad}=${pad}${one.id}`,
              `# note`,
              `aws_secret_access_key${pad}=${pad}${one.secret}${pad}`,
            ])
            .join(eol);
          const found = parse((bom ? '\ufeff' : '') + text);
          expect(found.problems).toEqual([]);
          expect(found.profiles.map((one) => [one.name, one.key?.accessKeyId])).toEqual(
            entries.map((one) => [one.name, one.id]),
          );
          expect(entries.map((one) => profile(found, one.name).secret)).toEqual(entries.map((one) => one.secret));
        },
      ),
      { seed: 13 },
    );
  });
});
