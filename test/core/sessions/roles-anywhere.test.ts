import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  ANCHOR,
  ANYWHERE_PROFILE,
  type AnywhereLab,
  ROLE,
  startAnywhereLab,
} from '../../support/anywhere-lab.ts';
import { createTestCa } from '../../support/test-ca.ts';

const HOUR = 3_600_000;
let lab: AnywhereLab;

beforeAll(async () => {
  lab = await startAnywhereLab();
  await lab.makeCertificate('build', { subject: 'CN=build,O=Example' });
  await lab.addProfile('ci');
});
afterAll(() => lab.dispose());

/** What AWS says to a fresh question. */
async function refusal(profile = 'ci'): Promise<string> {
  await lab.core.client.call('session.revoke', { profile });
  return lab.credentials(profile).then(
    () => 'given',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

test('a role for a certificate: asked once for many, kept, refreshed ahead, and its secrets wiped', async () => {
  const all = await Promise.all(Array.from({ length: 50 }, () => lab.credentials('ci')));
  expect(new Set(all.map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
  expect(lab.aws.callsOf('CreateSession').map(({ outcome }) => outcome)).toEqual(['ok']);
  const { serial = '0' } = (await lab.certificate('build')).issued ?? {};
  const hex = BigInt(serial).toString(16);
  expect(all[0]?.arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/build/${hex}`);
  expect([...lab.aws.sessions.values()][0]?.sourceIdentity).toBe('build');
  expect(lab.handed.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  const { sessions } = await lab.core.client.call('session.list', {});
  expect(sessions[0]).toMatchObject({ profile: 'ci', kind: 'roles-anywhere', state: 'active', seconds: 3600 });
  // The first request after a night gets a new one.
  lab.clock.advance(13 * HOUR);
  await lab.credentials('ci');
  expect(lab.aws.callsOf('CreateSession')).toHaveLength(2);
});

test.each(['EC_P256', 'EC_P384', 'RSA_2048'] as const)(
  'AWS verifies what a key of spec %s signs, with a chain',
  async (keySpec) => {
    const middle = lab.ca.below(`CN=Middle ${keySpec}`);
    const name = `chained-${keySpec}`;
    const { csr } = await lab.core.client.call('certificate.create', { name, keySpec });
    await lab.core.client.call('certificate.install', {
      name,
      pem: `${lab.ca.certificate}${middle.certificate}${middle.issue(csr)}`,
    });
    await lab.addProfile(name, {
      origin: { kind: 'rolesAnywhere', certificate: name, trustAnchorArn: ANCHOR, profileArn: ANYWHERE_PROFILE },
    });
    expect((await lab.certificate(name)).issued?.chain).toEqual([`CN=Middle ${keySpec}`]);
    await expect(lab.credentials(name)).resolves.toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA/) });
    const { profiles } = await lab.core.client.call('profile.list', {});
    expect(profiles.find((one) => one.name === name)).toMatchObject({
      origin: { kind: 'rolesAnywhere', certificate: name },
      session: { kind: 'roles-anywhere', seconds: 3600, mostSeconds: 43_200 },
    });
  },
);

test('a session name is sent only where the profile has one', async () => {
  await lab.addProfile('named', { role: { arn: ROLE, sessionName: 'ci-{profile}' } });
  expect(await refusal('named')).toContain('takes no session name');
  const profile = lab.aws.anywhere.profiles.get(ANYWHERE_PROFILE);
  if (profile !== undefined) profile.acceptRoleSessionName = true;
  await lab.core.client.call('session.refresh', { profile: 'named' });
  expect((await lab.credentials('named')).arn).toContain('assumed-role/build/ci-named');
});

describe('what AWS refuses is said with what helps', () => {
  test('an anchor that does not know the CA', async () => {
    const anchor = lab.aws.anywhere.anchors.get(ANCHOR);
    lab.aws.anywhere.anchors.set(ANCHOR, { pem: createTestCa(lab.clock.now(), 'CN=Other').certificate, enabled: true });
    expect(await refusal()).toBe(
      'AWS gives no session for the profile ci. CreateSession: Untrusted certificate. Insufficient certificate (AccessDeniedException) The trust anchor does not know the CA of the certificate: compare them, and install the certificate together with those between it and its root.',
    );
    if (anchor !== undefined) lab.aws.anywhere.anchors.set(ANCHOR, anchor);
  });

  test('a role that does not trust the service', async () => {
    const role = lab.aws.roles.get(ROLE);
    const principals = role?.principals ?? [];
    if (role !== undefined) role.principals = [];
    expect(await refusal()).toContain('has to let rolesanywhere.amazonaws.com do sts:AssumeRole');
    if (role !== undefined) role.principals = principals;
  });

  test('a wrong clock, and no network', async () => {
    lab.aws.fault({ action: 'CreateSession', kind: 'refuse' });
    expect(await refusal()).toMatch(/127\.0\.0\.1/);
    const now = lab.aws.now;
    lab.aws.now = () => now() + 20 * 60_000;
    expect(await refusal()).toContain('Signature expired (AccessDeniedException)');
    lab.aws.now = now;
    expect(await refusal()).toBe('given');
  });
});

test('a certificate whose time is over is said to be, without asking AWS', async () => {
  const { csr } = await lab.core.client.call('certificate.create', { name: 'brief' });
  await lab.core.client.call('certificate.install', {
    name: 'brief',
    pem: lab.ca.issue(csr, { notAfter: lab.clock.now() + HOUR }),
  });
  await lab.addProfile('brief', {
    origin: { kind: 'rolesAnywhere', certificate: 'brief', trustAnchorArn: ANCHOR, profileArn: ANYWHERE_PROFILE },
  });
  lab.clock.advance(HOUR);
  const asked = lab.aws.callsOf('CreateSession').length;
  expect(await refusal('brief')).toMatch(
    /^The certificate brief has expired on .* keyhold rotate certificate brief\.$/,
  );
  expect(lab.aws.callsOf('CreateSession')).toHaveLength(asked);
  expect((await lab.certificate('brief')).state).toBe('expired');
});

describe('a profile of a certificate is refused', () => {
  const origin = {
    kind: 'rolesAnywhere',
    certificate: 'build',
    trustAnchorArn: ANCHOR,
    profileArn: ANYWHERE_PROFILE,
  } as const;
  test.each([
    ['without a role', { role: undefined }, 'say which role it is'],
    [
      'with what CreateSession does not take',
      { role: { arn: ROLE, externalId: 'x1' } },
      'role.externalId: IAM Roles Anywhere takes none',
    ],
    [
      'with an anchor of another account',
      { origin: { ...origin, trustAnchorArn: ANCHOR.replace(ACCOUNT, '111111111111') } },
      'in the same account and region',
    ],
    [
      'with both of another account',
      {
        origin: {
          ...origin,
          trustAnchorArn: ANCHOR.replace(ACCOUNT, '111111111111'),
          profileArn: ANYWHERE_PROFILE.replace(ACCOUNT, '111111111111'),
        },
      },
      'belongs to the account 111111111111',
    ],
    ['with a certificate that there is not', { origin: { ...origin, certificate: 'buidl' } }, 'Did you mean build?'],
    ['with an MFA device', { mfaSerial: `arn:aws:iam::${ACCOUNT}:mfa/x` }, 'sessions that are got with an access key'],
  ])('%s', async (_, more, why) => {
    await expect(lab.addProfile('bad', more as never)).rejects.toThrow(why);
  });
});

test('a role can be assumed with it, for an hour at most', async () => {
  const chained = (durationSeconds: number) =>
    lab.core.client.call('profile.add', {
      ...{ name: 'next', account: 'prod', source: 'ci' },
      role: { arn: `arn:aws:iam::${ACCOUNT}:role/next`, durationSeconds },
    });
  await expect(chained(7200)).rejects.toThrow('for one hour');
  await expect(chained(3600)).resolves.toMatchObject({ chain: ['ci'], session: { kind: 'chained-role' } });
});

test('removing the certificate names the profiles, and takes them along only when told to', async () => {
  await expect(lab.core.client.call('certificate.remove', { name: 'build' })).rejects.toThrow(
    /^The certificate build is used by profile ci, .*--cascade/,
  );
  await lab.core.client.call('certificate.remove', { name: 'build', cascade: true });
  const { profiles } = await lab.core.client.call('profile.list', {});
  expect(profiles.map(({ name }) => name)).not.toContain('ci');
  expect(profiles.map(({ name }) => name)).not.toContain('next');
});

test('a key and its certificate come from files, once', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = lab.ca.issueFor('CN=from a file', publicKey);
  const key = String(privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const bring = (name: string, certificate = pem) =>
    lab.core.client.callSealed('certificate.import', async (seal) => ({
      ...{ name, pem: certificate },
      privateKey: await seal('private-key', new TextEncoder().encode(key)),
    }));
  await expect(
    bring('file', lab.ca.issueFor('CN=other', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)),
  ).rejects.toThrow('is of another key');
  await expect(bring('file')).resolves.toMatchObject({ imported: true, keySpec: 'RSA_2048', state: 'valid' });
  await expect(bring('again')).rejects.toThrow('in the vault already, as file');
  await lab.addProfile('file', {
    origin: { kind: 'rolesAnywhere', certificate: 'file', trustAnchorArn: ANCHOR, profileArn: ANYWHERE_PROFILE },
  });
  await expect(lab.credentials('file')).resolves.toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA/) });
});
