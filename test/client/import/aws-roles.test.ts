import { describe, expect, test } from 'vitest';
import { parseAwsFiles } from '../../../src/client/import/aws-files.ts';
import { planAwsImport, type VaultContents } from '../../../src/client/import/plan.ts';
import type { Origin } from '../../../src/contract/origins.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const MFA = 'arn:aws:iam::111111111111:mfa/ada';
const role = (name: string, account = '222222222222') => `arn:aws:iam::${account}:role/${name}`;
const key = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = ${SECRET}\n`;
const IDS = ['AKIAIOSFODNN7EXAMPLE', 'AKIAI44QH8DHBEXAMPLE'] as const;

function plan(config: string, credentials = '', vault: Partial<VaultContents> = {}) {
  const found = parseAwsFiles({ config: bytes(config), credentials: bytes(credentials) });
  expect(found.problems).toEqual([]);
  const made = planAwsImport(found, { keys: [], profiles: [], matches: () => true, ...vault });
  const left = [
    ...found.profiles.flatMap(({ name, leftovers }) => leftovers.map((one) => ({ profile: name, ...one }))),
    ...made.leftovers,
  ];
  return {
    ...made,
    /** `profile line what: reason` */
    left: left.map((one) => `${one.profile} ${one.line} ${one.what}: ${one.reason}`),
    other: found.otherSections.map((one) => `${one.header} ${one.line}: ${one.reason}`),
    why: Object.fromEntries(made.skipped.map((one) => [one.profile, one.reason])),
  };
}

/** What somebody has after some years: of each kind of profile that there is, one. */
const GROWN = `# the team's accounts
[default]
region = eu-central-1
output = json
cli_pager =
mfa_serial = ${MFA}

[profile deploy]
role_arn = ${role('team/deploy')}
source_profile = default
mfa_serial = ${MFA}
external_id = ex-4711
role_session_name = ada
duration_seconds = 7200
region = eu-west-1

[profile audit] ; behind deploy, another account
role_arn = ${role('audit', '333333333333')}
source_profile = deploy
duration_seconds = 14400
mfa_serial = ${MFA}

[profile legacy]
role_arn = ${role('legacy')}
source_profile = legacy
session_tags = team=red, stage=prod
transitive_session_tags = team
source_identity = ada
s3 =
  max_concurrent_requests = 20
  addressing_style = path
services = local

[profile sso]
sso_session = corp
sso_account_id = 444444444444
sso_role_name = ReadOnly

[profile behind-sso]
role_arn = ${role('x')}
source_profile = sso

[profile machine]
role_arn = ${role('x')}
credential_source = Ec2InstanceMetadata

[profile web]
role_arn = ${role('x')}
web_identity_token_file = /var/token
role_session_name = ci

[profile other]
credential_process = /opt/tool get --json
region = us-east-1

[profile ours]
credential_process = /usr/bin/keyhold credential-process prod

[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = eu-west-1

[services local]
dynamodb =
  endpoint_url = http://127.0.0.1:8000
`;

describe('a whole configuration', () => {
  const credentials = `[default]\n${key(IDS[0])}[legacy]\n${key(IDS[1])}`;
  const made = plan(GROWN, credentials);

  test('comes in as profiles with keys, roles and sources', () => {
    expect(made.keys.map(({ name }) => name)).toEqual(['default', 'legacy']);
    expect(made.profiles.map(({ place: _, profile: __, ...rest }) => rest)).toEqual([
      { name: 'default', key: 'default', mfaSerial: MFA, region: 'eu-central-1', output: 'json' },
      {
        name: 'legacy',
        key: 'legacy',
        accountId: '222222222222',
        role: {
          arn: role('legacy'),
          tags: { team: 'red', stage: 'prod' },
          transitiveTagKeys: ['team'],
          sourceIdentity: 'ada',
        },
      },
      {
        name: 'deploy',
        source: 'default',
        accountId: '222222222222',
        role: { arn: role('team/deploy'), externalId: 'ex-4711', sessionName: 'ada', durationSeconds: 7200 },
        region: 'eu-west-1',
      },
      { name: 'audit', source: 'deploy', accountId: '333333333333', role: { arn: role('audit', '333333333333') } },
      { name: 'sso', accountId: '444444444444', origin: { kind: 'sso', signIn: 'corp', roleName: 'ReadOnly' } },
      { name: 'behind-sso', source: 'sso', accountId: '222222222222', role: { arn: role('x') } },
      {
        name: 'web',
        accountId: '222222222222',
        origin: { kind: 'webIdentity', tokenFile: '/var/token' },
        role: { arn: role('x'), sessionName: 'ci' },
      },
    ]);
    expect(made.signIns).toEqual([
      {
        name: 'corp',
        place: { file: 'config', line: 59 },
        startUrl: 'https://corp.example/start',
        region: 'eu-west-1',
        scopes: ['sso:account:access'],
      },
    ]);
  });

  test('says of everything else where it stands and why it stays', () => {
    expect(made.left).toEqual([
      'default 5 cli_pager: Keyhold has no such setting',
      'legacy 29 s3: Keyhold has no such setting',
      'legacy 32 services: endpoints per service are not taken over',
      'machine 44 role_arn: it is of a role, and it takes the credentials of the machine it runs on, which Keyhold does not do',
      'machine 45 credential_source: it takes the credentials of the machine it runs on, which Keyhold does not do',
      'other 53 credential_process: nothing says which account it is of (aws_account_id); add it with keyhold profile add NAME --account ACCOUNT --credential-process COMMAND',
      'ours 57 credential_process: Keyhold’s own config install wrote it',
      'audit 20 duration_seconds: AWS gives an hour to a role that another role assumes',
      'audit 21 mfa_serial: a role has no MFA device; it belongs to the first role of the chain',
    ]);
    expect(made.why).toEqual({
      machine:
        'config line 45, credential_source: it takes the credentials of the machine it runs on, which Keyhold does not do',
      other:
        'config line 53, credential_process: nothing says which account it is of (aws_account_id); add it with keyhold profile add NAME --account ACCOUNT --credential-process COMMAND',
      ours: 'config line 57, credential_process: Keyhold’s own config install wrote it',
    });
  });

  test('names every line of the file that holds a setting and did not come in', () => {
    const lines = GROWN.split('\n');
    const expressed =
      /^(region|output|role_arn|source_profile|mfa_serial|external_id|role_session_name|duration_seconds|session_tags|transitive_session_tags|source_identity|sso_session|sso_account_id|sso_role_name|web_identity_token_file) = /;
    const named = new Set(made.left.map((one) => Number(one.split(' ')[1])));
    const silent = lines.flatMap((text, index) => {
      const isSetting = /^[a-z0-9_]+ =/.test(text);
      const ofSection = index > lines.indexOf('[sso-session corp]');
      return isSetting && !expressed.test(text) && !ofSection && !named.has(index + 1) ? [text] : [];
    });
    expect(silent).toEqual([]);
  });

  test('adds nothing a second time', () => {
    const again = plan(GROWN, credentials, {
      keys: made.keys.map((one) => ({ name: one.name, accessKeyId: one.key.accessKeyId, account: 'base' })),
      profiles: made.profiles,
    });
    expect([again.keys, again.profiles]).toEqual([[], []]);
    expect(again.why).toMatchObject({
      default: 'a profile called "default" is in the vault already',
      audit: 'a profile called "audit" is in the vault already',
    });
  });
});

describe('sources', () => {
  const assume = (name: string, source?: string) =>
    `[profile ${name}]\nrole_arn = ${role(name)}\n${source === undefined ? '' : `source_profile = ${source}\n`}`;
  const base = `[base]\n${key(IDS[0])}`;

  test('are put before those that need them, whatever the order of the file', () => {
    const made = plan(assume('c', 'b') + assume('b', 'a') + assume('a', 'base'), base);
    expect(made.profiles.map(({ name, source }) => [name, source])).toEqual([
      ['base', undefined],
      ['a', 'base'],
      ['b', 'a'],
      ['c', 'b'],
    ]);
  });

  test('that are missing, or lead back, are named with their lines', () => {
    const made = plan(
      assume('lost', 'nowhere') +
        assume('a', 'b') +
        assume('b', 'c') +
        assume('c', 'a') +
        assume('leads-there', 'a') +
        assume('self', 'self') +
        assume('alone'),
      base,
    );
    expect(made.profiles.map(({ name }) => name)).toEqual(['base']);
    expect(made.why).toEqual({
      lost: 'config line 3, source_profile: there is no profile "nowhere"',
      a: 'config line 6, source_profile: it goes in circles, a (config line 4) → b (config line 7) → c (config line 10) → a (config line 4)',
      b: 'config line 9, source_profile: it goes in circles, b (config line 7) → c (config line 10) → a (config line 4) → b (config line 7)',
      c: 'config line 12, source_profile: it goes in circles, c (config line 10) → a (config line 4) → b (config line 7) → c (config line 10)',
      'leads-there': expect.stringMatching(/^config line 15, source_profile: "a" is not imported: config line 6/),
      self: 'config line 18, source_profile: it is its own source, and has no key',
      alone: 'config line 20, role_arn: there is neither a source_profile nor a key that assumes it',
    });
  });

  test('that have a key lend it, whatever role they assume for themselves', () => {
    const made = plan(assume('a', 'b') + assume('b', 'a'), `[a]\n${key(IDS[0])}`);
    expect(made.profiles.map(({ name, key, source }) => ({ name, key, source }))).toEqual(
      [
        { name: 'a', key: undefined, source: 'b' },
        { name: 'b', key: 'a', source: undefined },
      ].toReversed(),
    );
    const alone = plan(assume('x'), `[x]\n${key(IDS[0])}`);
    expect([alone.profiles[0]?.key, alone.left]).toEqual([
      'x',
      ['x 2 role_arn: there is no source_profile; the profile’s own key assumes it'],
    ]);
  });

  test('that the vault has are taken where they are the same, and else the key behind them', () => {
    const keys = [{ name: 'work', accessKeyId: IDS[0], account: 'prod' }];
    const same = plan(assume('r', 'base'), base, { keys, profiles: [{ name: 'Base', key: 'work', mfaSerial: MFA }] });
    expect(same.profiles).toMatchObject([{ name: 'r', source: 'Base' }]);
    const other = plan(assume('r', 'base'), base, { keys, profiles: [{ name: 'base', key: 'another' }] });
    expect(other.profiles).toMatchObject([{ name: 'r', key: 'work' }]);
    const chain = assume('r', 'base') + assume('s', 'r');
    const known = plan(chain, base, { profiles: [{ name: 'r', key: 'base', role: { arn: role('r') } }] });
    expect(known.profiles.at(-1)).toMatchObject({ name: 's', source: 'r' });
    const foreign = plan(chain, base, { profiles: [{ name: 'r', key: 'base', role: { arn: role('z') } }] });
    expect(foreign.why).toMatchObject({
      r: 'another profile called "r" is in the vault already',
      s: 'config line 6, source_profile: "r" is not imported: another profile called "r" is in the vault already',
    });
  });

  test('that the files no longer have are the vault’s', () => {
    const profiles = [
      { name: 'base', key: 'work', mfaSerial: MFA },
      { name: 'r', source: 'base', role: { arn: role('r') } },
      { name: 'lab' },
    ];
    const config = `[profile base]\nregion = eu-central-1\n${assume('r', 'base')}${assume('new', 'base')}mfa_serial = ${MFA}\n${assume('next', 'r')}${assume('kept', 'elsewhere')}${assume('local', 'lab')}`;
    const made = plan(config, '', { profiles: [...profiles, { name: 'Elsewhere', key: 'work' }] });
    expect(made.profiles.map(({ name, source, mfaSerial }) => [name, source, mfaSerial])).toEqual([
      ['new', 'base', undefined],
      ['next', 'r', undefined],
      ['kept', 'Elsewhere', undefined],
    ]);
    expect(made.why).toMatchObject({
      r: 'a profile called "r" is in the vault already',
      base: 'a profile called "base" is in the vault already',
      local: 'config line 18, source_profile: there is no profile "lab"',
    });
  });

  test('whose key stays outside take the roles with them', () => {
    const keys = [{ name: 'work', accessKeyId: IDS[0], account: 'prod' }];
    const made = plan(assume('r', 'base') + assume('own', 'own'), base + `[own]\n${key(IDS[0])}`, {
      keys,
      matches: () => false,
    });
    expect(made.profiles).toEqual([]);
    expect(made.why['r']).toMatch(/the key of "base" is not imported: the vault has this access key id/);
    expect(made.keysLeft.map(({ profile }) => profile)).toEqual(['base', 'own']);
  });
});

describe('settings', () => {
  const base = `[base]\n${key(IDS[0])}`;
  const one = (lines: string) => plan(`[profile p]\nrole_arn = ${role('p')}\nsource_profile = base\n${lines}`, base);

  test.each([
    ['external_id = a', 'an external id is 2 to 1,224'],
    ['mfa_serial = x', 'a serial number looks like'],
    ['source_profile =', 'stands twice'],
  ])('a role is not imported without what it asks for: %s', (line, reason) => {
    const made = one(`${line}\n`);
    if (line.startsWith('source')) expect(made.left.join()).toContain(reason);
    else expect([made.profiles.length, made.why['p']]).toEqual([1, expect.stringContaining(reason)]);
  });

  test.each([
    ['duration_seconds = 60', 'lasts 900 to 43,200 seconds'],
    ['duration_seconds = soon', 'lasts 900 to 43,200 seconds'],
    ['role_session_name = a b', 'a session name has letters'],
    ['source_identity = !', 'a source identity is'],
    ['session_tags = red', 'tags look like'],
    ['transitive_session_tags = team', 'there is no session tag "team"'],
  ])('one that cannot be is left, and the rest comes in: %s', (line, reason) => {
    const made = one(`${line}\n`);
    expect(made.profiles[1]?.role).toEqual({ arn: role('p') });
    expect(made.left).toEqual([expect.stringContaining(`p 4 ${line.split(' ')[0]}: ${''}`)]);
    expect(made.left[0]).toContain(reason);
  });

  test.each(['arn:aws:iam::12:role/p', 'p', 'arn:aws:iam::222222222222:user/p'])('no role: %s', (arn) => {
    const made = plan(`[profile p]\nrole_arn = ${arn}\nsource_profile = base\n`, base);
    expect(made.why['p']).toMatch(/^config line 2, role_arn: a role’s ARN looks like/);
  });

  test('in both files are taken from credentials, and the other is named', () => {
    const made = plan(
      `[profile p]\nrole_arn = ${role('other')}\nsource_profile = base\n`,
      `${base}[p]\nrole_arn = ${role('p')}\nsource_profile = base\n`,
    );
    expect(made.profiles[1]?.role?.arn).toBe(role('p'));
    expect(made.left).toEqual(['p 2 role_arn: credentials line 5 comes first']);
  });

  test('an MFA code is asked for once where the source asks for it, and not of temporary keys', () => {
    const config = `[profile base]\nmfa_serial = ${MFA}\n[profile p]\nrole_arn = ${role('p')}\nsource_profile = base\nmfa_serial = ${MFA}\n`;
    expect(plan(config, base).profiles.map(({ mfaSerial }) => mfaSerial)).toEqual([MFA, undefined]);
    const temporary = plan(config, `${base}aws_session_token = token\n`);
    expect(temporary.profiles.map(({ mfaSerial }) => mfaSerial)).toEqual([undefined, MFA]);
    expect(temporary.left).toEqual([
      'base 2 mfa_serial: its key is temporary, and AWS gives no session for such a key',
    ]);
    const own = plan(
      `[profile p]\nrole_arn = ${role('p')}\nsource_profile = p\nmfa_serial = ${MFA}\n`,
      `[p]\n${key(IDS[0])}aws_session_token = token\n`,
    );
    expect(own.left).toEqual([
      'p 4 mfa_serial: the key that assumes it is temporary, and AWS takes no code with such a key',
    ]);
    expect(plan(`[profile p]\nmfa_serial = ${MFA}\n`).left).toEqual([
      'p 2 mfa_serial: there is no key whose session it could prove',
    ]);
  });

  test('names that the vault would not tell apart are told', () => {
    const config = `[profile Work]\nrole_arn = ${role('a')}\nsource_profile = base\n[profile work]\nrole_arn = ${role('b')}\nsource_profile = base\n`;
    expect(plan(config, base).why).toEqual({
      work: 'it would be called "Work", like the one of config line 2; rename one of them',
    });
  });
});

describe('roles of an Identity Center', () => {
  const SESSION = '[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start#/\nsso_region = eu-west-1\n';
  const ofSession = (name: string, more = '') =>
    `[profile ${name}]\nsso_session = corp\nsso_account_id = 444444444444\nsso_role_name = Admin\n${more}`;
  const legacy = (name: string, url = 'https://corp.awsapps.com/start') =>
    `[profile ${name}]\nsso_start_url = ${url}\nsso_region = eu-west-1\nsso_account_id = 555555555555\nsso_role_name = Read\n`;

  test('of the older form belong to the same sign-in, and without a section they name one', () => {
    const made = plan(ofSession('a') + legacy('b') + legacy('c', 'https://d-123.awsapps.com/start/') + SESSION);
    expect(made.signIns.map(({ name, startUrl }) => [name, startUrl])).toEqual([
      ['corp', 'https://corp.awsapps.com/start#/'],
      ['d-123', 'https://d-123.awsapps.com/start/'],
    ]);
    expect(made.profiles.map(({ name, origin }) => [name, signInOf(origin), roleOf(origin)])).toEqual([
      ['a', 'corp', 'Admin'],
      ['b', 'corp', 'Read'],
      ['c', 'd-123', 'Read'],
    ]);
    expect(made.left).toEqual([]);
  });

  test('find the sign-in that the vault has, whatever it is called there', () => {
    const there = { type: 'sso', startUrl: 'https://CORP.awsapps.com/start', region: 'eu-west-1' };
    const same = plan(ofSession('a') + SESSION, '', { signIns: [{ name: 'work', settings: there }] });
    expect([same.signIns, signInOf(same.profiles[0]?.origin)]).toEqual([[], 'work']);
    const elsewhere = { ...there, region: 'us-east-1' };
    const other = plan(ofSession('a') + SESSION, '', { signIns: [{ name: 'Corp', settings: elsewhere }] });
    expect([other.signIns[0]?.name, signInOf(other.profiles[0]?.origin)]).toEqual(['corp-2', 'corp-2']);
  });

  test('stay where their session is missing, says less or something else, each with its line', () => {
    const made = plan(
      '[profile lost]\nsso_session = nowhere\nsso_account_id = 444444444444\nsso_role_name = Admin\n' +
        ofSession('moved', 'sso_region = us-east-1\n') +
        '[profile token]\nsso_session = corp\n' +
        ofSession('short').replace('444444444444', '4444') +
        `${SESSION}sso_colour = red\n[sso-session half]\nsso_region = eu-west-1\n`,
    );
    expect(made.profiles).toEqual([]);
    expect(made.why).toEqual({
      lost: 'config line 2, sso_session: there is no [sso-session nowhere] that can be read',
      moved: 'config line 9, sso_region: [sso-session corp] says eu-west-1 instead',
      token: 'config line 11, sso_session: it names no sso_account_id and sso_role_name, and so no credentials of AWS',
      short: 'config line 14, sso_account_id: an account id has exactly 12 digits',
    });
    expect(made.left).toContain('moved 9 sso_region: [sso-session corp] says eu-west-1 instead');
    expect(made.left).toContain('short 14 sso_account_id: an account id has exactly 12 digits');
    expect(made.other).toEqual([
      'sso-session corp, sso_colour 19: Keyhold has no such setting',
      'sso-session half 20: its sso_start_url is missing',
    ]);
  });

  test('come before a key of the same profile, and after a role that has a source', () => {
    const made = plan(
      ofSession('a', `mfa_serial = ${MFA}\n`) +
        ofSession('b', `role_arn = ${role('x')}\nsource_profile = a\n`) +
        ofSession('c', `role_arn = ${role('y')}\n`) +
        SESSION,
      `[a]\n${key(IDS[0])}`,
    );
    expect(made.profiles.map(({ name, origin, source, role: of }) => [name, roleOf(origin), source, of?.arn])).toEqual([
      ['a', 'Admin', undefined, undefined],
      ['b', undefined, 'a', role('x')],
    ]);
    expect(made.keys.map(({ name }) => name)).toEqual(['a']);
    expect(made.left).toEqual(
      expect.arrayContaining([
        'a 2 aws_access_key_id: AWS tools use the sign-in of this profile, and not its key',
        'a 5 mfa_serial: the Identity Center asks for a second factor itself',
        'b 7 sso_session: the role of the same profile comes first',
      ]),
    );
    expect(made.why['c']).toContain('there is neither a source_profile nor a key');
    expect(made.left.find((one) => one.startsWith('c 13 sso_session'))).toContain('make a profile of it');
  });

  test('lend their credentials for an hour, also when they are in the vault already', () => {
    const assume = `[profile far]\nrole_arn = ${role('far')}\nsource_profile = a\nduration_seconds = 7200\n`;
    const origin = { kind: 'sso' as const, signIn: 'corp', roleName: 'Admin' };
    for (const vault of [{}, { profiles: [{ name: 'a', origin }] }]) {
      const made = plan(assume + ofSession('a') + SESSION, '', vault);
      expect(made.profiles.find(({ name }) => name === 'far')).toMatchObject({
        source: 'a',
        role: { arn: role('far') },
      });
      expect(made.left).toEqual(['far 4 duration_seconds: AWS gives an hour to a role that another role assumes']);
    }
  });
});

const signInOf = (origin: Origin | undefined): string | undefined =>
  origin !== undefined && 'signIn' in origin ? origin.signIn : undefined;
const roleOf = (origin: Origin | undefined): string | undefined =>
  origin?.kind === 'sso' ? origin.roleName : undefined;

describe('a web identity token', () => {
  test('wins over a source, and what AWS tools do not read beside it is named', () => {
    const made = plan(
      `[profile web]\nrole_arn = ${role('x')}\nweb_identity_token_file = /run/token\nsource_profile = base\nexternal_id = e-1\nduration_seconds = 7200\n[profile on]\nrole_arn = ${role('y')}\nsource_profile = web\n`,
    );
    expect(made.profiles).toMatchObject([
      { name: 'web', origin: { kind: 'webIdentity', tokenFile: '/run/token' }, role: { durationSeconds: 7200 } },
      { name: 'on', source: 'web' },
    ]);
    expect(made.left).toEqual([
      'web 4 source_profile: AWS tools do not read it beside a web identity token',
      'web 5 external_id: AWS tools do not read it beside a web identity token',
    ]);
  });

  test('whose path begins where a tool runs stays out', () => {
    const made = plan(`[profile web]\nrole_arn = ${role('x')}\nweb_identity_token_file = token\n`);
    expect(made.profiles).toEqual([]);
    expect(made.left).toEqual([
      'web 3 web_identity_token_file: it is no whole path, and its start depends on where a tool runs',
    ]);
    expect(made.why).toMatchObject({ web: expect.stringContaining('no whole path') });
  });
});

describe('a program that prints credentials', () => {
  const of = (name: string, more = ''): string =>
    `[profile ${name}]\ncredential_process = "/opt/my tools/get" --role 'a b'\naws_account_id = 123456789012\n${more}`;

  test('comes in where its account is said, and can be a source', () => {
    const made = plan(`${of('p', 'region = eu-west-1\n')}[profile on]\nrole_arn = ${role('x')}\nsource_profile = p\n`);
    expect(made.profiles.map(({ place: _, profile: __, ...rest }) => rest)).toEqual([
      {
        name: 'p',
        accountId: '123456789012',
        origin: { kind: 'process', command: ['/opt/my tools/get', '--role', 'a b'] },
        region: 'eu-west-1',
      },
      { name: 'on', source: 'p', accountId: '222222222222', role: { arn: role('x') } },
    ]);
    expect(made.left).toEqual([]);
  });

  test('comes after a role, and after a key of the credentials file', () => {
    const made = plan(`${of('a', `role_arn = ${role('x')}\nsource_profile = b\n`)}${of('b')}`, `[b]\n${key(IDS[0])}`);
    expect(made.profiles.map(({ name, origin }) => [name, origin])).toEqual([
      ['b', undefined],
      ['a', undefined],
    ]);
    expect(made.left.filter((one) => one.includes('credential_process'))).toEqual([
      'b 7 credential_process: the key of the same profile comes first',
      'a 2 credential_process: the role of the same profile comes first',
    ]);
  });
});
