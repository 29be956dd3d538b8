import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type FederationLab, roleArn, SAML_PROVIDER, startFederationLab } from '../../support/federation-lab.ts';

let lab: FederationLab;
beforeAll(async () => {
  lab = await startFederationLab();
});
afterEach(() => lab.reset());
afterAll(() => lab.dispose());

const ADA = 'arn:aws:sts::123456789012:assumed-role/deploy/ada@example.com';
const HOUR = 3_600_000;

test('a signed assertion shows its roles, and gives each of them a session of twelve hours', async () => {
  const offered = await lab.loginSaml();
  expect(offered).toMatchObject({ who: 'ada', renewed: [], refused: [] });
  expect(offered.roles.map(({ roleName, account, profile }) => [roleName, account, profile])).toEqual([
    ['deploy', undefined, undefined],
    ['read', undefined, undefined],
  ]);
  await lab.addSamlProfile('deploy', { durationSeconds: 43_200 });
  await lab.addSamlProfile('read', { arn: roleArn('read') });
  expect(await lab.whoIs('deploy')).toBe(ADA);
  expect(await lab.whoIs('read')).toBe('arn:aws:sts::123456789012:assumed-role/read/ada@example.com');
  const deploy = await lab.session('deploy');
  expect(deploy).toMatchObject({ kind: 'saml', state: 'active', seconds: 43_200, mostSeconds: 43_200 });
  expect(Date.parse(deploy.expiresAt ?? '') - lab.clock.now()).toBeGreaterThan(11.9 * HOUR);
  const { roles } = await lab.core.client.call('saml.roles', { name: 'corp' });
  expect(roles.map(({ profile }) => profile)).toEqual(['deploy', 'read']);
});

test('after five minutes the assertion is gone, and a person is sent to sign in; what it has given lasts', async () => {
  await lab.loginSaml();
  await lab.addSamlProfile('deploy', { durationSeconds: 43_200 });
  await lab.addSamlProfile('late', { arn: roleArn('read') });
  await lab.whoIs('deploy');
  expect((await lab.signIn('corp')).state).toBe('active');
  lab.clock.advance(300_000);
  expect((await lab.signIn('corp')).state).toBe('expired');
  await expect(lab.whoIs('late')).rejects.toMatchObject({
    code: 'SignInRequired',
    message: expect.stringContaining('keyhold login corp'),
    details: { signIn: 'corp' },
  });
  expect(await lab.whoIs('deploy')).toBe(ADA);
  lab.clock.advance(12 * HOUR);
  await expect(lab.whoIs('deploy')).rejects.toMatchObject({ code: 'SignInRequired' });
  expect(lab.aws.callsOf('AssumeRoleWithSAML')).toHaveLength(1);
});

test('the next sign-in gives all profiles of it new sessions at once, and names those that AWS refuses', async () => {
  await lab.addSamlProfile('deploy');
  await lab.addSamlProfile('read', { arn: roleArn('read') });
  await lab.addSamlProfile('other', { arn: roleArn('nobody') });
  lab.aws.roles.delete(roleArn('read'));
  const { renewed, refused } = await lab.loginSaml();
  expect(renewed).toEqual(['deploy']);
  expect(refused).toEqual([
    {
      profile: 'read',
      message: expect.stringMatching(/Not authorized to perform.*trust policy has to allow the provider/),
    },
  ]);
  lab.clock.advance(30 * 60_000);
  expect(await lab.whoIs('deploy')).toBe(ADA);
  expect(lab.aws.callsOf('AssumeRoleWithSAML')).toHaveLength(2);
});

test('a session of one person is not used once another has signed in', async () => {
  await lab.addSamlProfile('deploy');
  await lab.loginSaml();
  await lab.loginSaml({
    subject: 'eve',
    sessionName: 'eve@example.com',
    roles: [`${roleArn('read')},${SAML_PROVIDER}`],
  });
  await expect(lab.whoIs('deploy')).rejects.toThrow(/does not offer eve the role/);
});

describe('the assertion', () => {
  test('is in no record, log, event or answer, and its bytes are wiped after each use and at the lock', async () => {
    const { id } = await lab.core.client.call('signIn.begin', { name: 'corp' });
    const samlResponse = lab.samlResponse();
    const answer = await lab.core.client.call('saml.deliver', { id, samlResponse });
    await lab.addSamlProfile('deploy');
    await lab.whoIs('deploy');
    expect(lab.sent).toHaveLength(1);
    expect(lab.sent.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    const { entries } = await lab.core.client.call('audit.list', {});
    const things = lab.core.running.core.session().things.all('signIn');
    const piece = samlResponse.slice(1000, 1040);
    expect(JSON.stringify([answer, entries, things, lab.core.logged, lab.core.events])).not.toContain(piece);
    await lab.core.client.call('vault.lock', {});
    await lab.core.unlock();
    await expect(lab.core.client.call('session.refresh', { profile: 'deploy' })).rejects.toMatchObject({
      code: 'SignInRequired',
    });
    expect(await lab.whoIs('deploy')).toBe(ADA);
  });

  test('of no use leaves the attempt open for one that is', async () => {
    const { id } = await lab.core.client.call('signIn.begin', { name: 'corp' });
    const deliver = (samlResponse: string) => lab.core.client.call('saml.deliver', { id, samlResponse });
    await expect(deliver('bm90IHhtbA==')).rejects.toMatchObject({ code: 'InvalidInput' });
    expect((await lab.signIn('corp')).state).toBe('pending');
    expect((await deliver(lab.samlResponse())).roles).toHaveLength(2);
    expect((await lab.signIn('corp')).state).toBe('active');
    await expect(deliver(lab.samlResponse())).rejects.toThrow(/over. Begin anew/);
  });

  test('after the attempt was called off, or of another type of sign-in, is not taken', async () => {
    const { id } = await lab.core.client.call('signIn.begin', { name: 'corp' });
    await lab.core.client.call('signIn.cancel', { id });
    const late = lab.core.client.call('saml.deliver', { id, samlResponse: lab.samlResponse() });
    await expect(late).rejects.toThrow(/over. Begin anew/);
    const other = await lab.core.client.call('signIn.begin', { name: 'oidc' });
    const wrong = lab.core.client.call('saml.deliver', { id: other.id, samlResponse: 'YQ==' });
    await expect(wrong).rejects.toThrow(/takes no SAML response/);
    await lab.core.client.call('signIn.cancel', { id: other.id });
  });

  test('goes with the sign-out', async () => {
    await lab.loginSaml();
    await lab.addSamlProfile('deploy');
    expect(await lab.core.client.call('signIn.logout', { name: 'corp' })).toMatchObject({ loggedOut: true });
    expect(await lab.signIn('corp')).toMatchObject({ state: 'none' });
    await expect(lab.whoIs('deploy')).rejects.toMatchObject({ code: 'SignInRequired' });
  });

  test('is refused by STS in its own words where it was changed on the way', async () => {
    await lab.addSamlProfile('deploy');
    const { refused } = await lab.loginSaml({ forge: (xml) => xml.replace('ada@', 'eve@') });
    expect(refused).toMatchObject([{ message: expect.stringMatching(/Response signature invalid/) }]);
  });
});

test('only roles of the accounts that were named are shown', async () => {
  await lab.core.client.call('signIn.update', {
    name: 'corp',
    settings: { type: 'saml', startUrl: 'https://idp.example.com/app/aws', accounts: ['999999999999'] },
  });
  expect((await lab.loginSaml()).roles).toEqual([]);
  const choices = [{ roleArn: roleArn('read'), principalArn: SAML_PROVIDER, account: 'prod' }];
  await expect(lab.core.client.call('saml.addProfiles', { name: 'corp', choices })).rejects.toThrow(
    /is for the accounts 999999999999/,
  );
  await lab.core.client.call('signIn.update', {
    name: 'corp',
    settings: { type: 'saml', startUrl: 'https://idp.example.com/app/aws' },
  });
});

test('a profile is refused what a federated role cannot have', async () => {
  await expect(lab.addSamlProfile('x', { externalId: 'e-1' })).rejects.toThrow(/role.externalId: AWS takes it from/);
  await expect(lab.addSamlProfile('x', { arn: 'arn:aws:iam::999999999999:role/x' })).rejects.toThrow(
    /of the same account/,
  );
  const other = lab.core.client.call('profile.add', {
    name: 'x',
    account: 'prod',
    origin: { kind: 'saml', signIn: 'oidc', principalArn: SAML_PROVIDER },
    role: { arn: roleArn('deploy') },
  });
  await expect(other).rejects.toThrow(/oidc is of the type oidc, not saml/);
});

test('chosen roles become profiles, with the accounts that are missing and with sessions while the sign-in is fresh', async () => {
  const elsewhere = {
    roleArn: 'arn:aws:iam::999999999999:role/team/audit',
    principalArn: 'arn:aws:iam::999999999999:saml-provider/corp',
  };
  const deploy = { roleArn: roleArn('deploy'), principalArn: SAML_PROVIDER, account: 'prod' };
  const pair = ({ roleArn: role, principalArn }: typeof elsewhere): string => `${principalArn},${role}`;
  await lab.loginSaml({ roles: [pair(deploy), pair(elsewhere)] });
  const add = (choices: (typeof elsewhere)[]) =>
    lab.core.client.call('saml.addProfiles', { name: 'corp', choices, durationSeconds: 14_400 });
  expect(await add([deploy])).toEqual({
    accounts: [],
    profiles: ['prod-deploy'],
    present: [],
    renewed: ['prod-deploy'],
    refused: [],
  });
  expect(await lab.session('prod-deploy')).toMatchObject({ state: 'active', seconds: 14_400 });
  lab.clock.advance(300_000);
  // Named twice, it is one profile all the same.
  expect(await add([deploy, elsewhere, elsewhere])).toEqual({
    accounts: ['999999999999'],
    profiles: ['999999999999-audit'],
    present: ['prod-deploy', '999999999999-audit'],
    renewed: [],
    refused: [],
  });
  await expect(add([{ ...deploy, roleArn: roleArn('admin') }])).rejects.toThrow(/did not offer/);
  await lab.core.client.call('account.remove', { name: '999999999999', cascade: true });
});

test('an account with an endpoint of its own gets no assertion unless it is named', async () => {
  await lab.loginSaml();
  expect((await lab.core.client.call('saml.roles', { name: 'corp' })).roles[0]).not.toHaveProperty('account');
  lab.clock.advance(300_000);
  const read = { roleArn: roleArn('read'), principalArn: SAML_PROVIDER };
  const add = (choice: typeof read & { account?: string }) =>
    lab.core.client.call('saml.addProfiles', { name: 'corp', choices: [choice] });
  expect(await add(read)).toMatchObject({ accounts: ['123456789012'], profiles: ['123456789012-read'] });
  const { accounts } = await lab.core.client.call('account.list', {});
  expect(accounts.find(({ name }) => name === '123456789012')).not.toHaveProperty('endpointUrl');
  const elsewhere = { roleArn: roleArn('deploy'), principalArn: SAML_PROVIDER, account: 'other' };
  await lab.core.client.call('account.add', { name: 'other', accountId: '999999999999', kind: 'remote' });
  await expect(add(elsewhere)).rejects.toThrow('the role is in the AWS account 123456789012, and other is another one');
  for (const name of ['123456789012', 'other']) await lab.core.client.call('account.remove', { name, cascade: true });
});
