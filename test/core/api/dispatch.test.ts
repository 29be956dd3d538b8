import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MethodName, methods, PASSIVE_METHODS } from '../../../src/contract/methods.ts';
import { handlers } from '../../../src/core/api/index.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';

const SEALED = { sealKeyId: 'x', enc: 'AAAA', ciphertext: 'AAAA' };
const REPLY = Buffer.alloc(32, 9).toString('base64');
const SECRET = { factor: 'password', sealed: SEALED };
const NAMES = Object.keys(methods) as MethodName[];

/** Well-formed parameters of every method. */
const VALID: Readonly<Record<MethodName, object>> = {
  'status.get': {},
  'hsm.sealKey': {},
  'vault.create': { password: SEALED, replyKey: REPLY },
  'vault.unlock': { secret: SECRET },
  'vault.lock': {},
  'vault.check': {},
  'vault.backup': { path: '/nowhere/x' },
  'vault.restore': { path: '/nowhere/x', secret: SECRET },
  'vault.changePassword': { current: SEALED, next: SEALED },
  'vault.proveWay': { secret: { factor: 'password', sealed: SEALED } },
  'vault.rotateKeys': { proofs: ['0'.repeat(32)], drop: [] },
  'vault.keyRotation': {},
  'vault.continueRotation': {},
  'slot.list': {},
  'slot.addPassword': { label: 'x', password: SEALED, authorize: SECRET },
  'slot.addRecoveryCode': { label: 'x', replyKey: REPLY, authorize: SECRET },
  'slot.remove': { id: 'x', authorize: SECRET },
  'slot.addKey': { label: 'x', key: { kind: 'fido2', name: 'k' }, authorize: SECRET },
  'mfa.devices': {},
  'mfa.info': { device: '0'.repeat(16) },
  'mfa.ways': {},
  'mfa.prompts': {},
  'mfa.cancel': {},
  'mfa.keys': {},
  'mfa.enroll': { name: 'k', authorize: SECRET },
  'mfa.rename': { name: 'k', rename: 'l' },
  'mfa.removeKey': { name: 'k', authorize: SECRET },
  'mfa.test': { device: '0'.repeat(16) },
  'mfa.setPin': { device: '0'.repeat(16), pin: SEALED },
  'mfa.changePin': { device: '0'.repeat(16), current: SEALED, pin: SEALED },
  'mfa.credentials': { device: '0'.repeat(16) },
  'mfa.removeCredential': { device: '0'.repeat(16), credentialId: '00' },
  'mfa.reset': { device: '0'.repeat(16), confirm: 'x' },
  'account.list': {},
  'account.add': { name: 'a', accountId: '123456789012', kind: 'remote' },
  'account.update': { name: 'a' },
  'account.remove': { name: 'a' },
  'account.reset': { name: 'x' },
  'account.export': { name: 'a', path: '/nowhere/x', passphrase: SEALED, authorize: SECRET },
  'account.import': { path: '/nowhere/x', passphrase: SEALED },
  'service.call': { account: 'x', region: 'us-east-1', service: 'kms', operation: 'ListKeys', input: {} },
  'kms.keys': {},
  'file.begin': { direction: 'decrypt', account: 'x', region: 'us-east-1', context: {} },
  'file.cancel': { id: '0'.repeat(32) },
  'gate.set': { target: { kind: 'key', name: 'k' }, withinSeconds: 0, keys: 'any' },
  'gate.remove': { target: { kind: 'key', name: 'k' } },
  'gate.list': {},
  'session.list': {},
  'session.refresh': { profile: 'p' },
  'session.revoke': { profile: 'p' },
  'signIn.list': {},
  'signIn.add': {
    name: 'x',
    settings: { type: 'sso', startUrl: 'https://x.awsapps.com/start', region: 'eu-central-1' },
  },
  'signIn.update': { name: 'x' },
  'signIn.remove': { name: 'x' },
  'signIn.begin': { name: 'x' },
  'signIn.finish': { id: '0'.repeat(32) },
  'signIn.cancel': { id: '0'.repeat(32) },
  'signIn.logout': { name: 'x' },
  'sso.accounts': { name: 'x' },
  'sso.addProfiles': { name: 'x', choices: [{ accountId: '123456789012', roleName: 'Admin' }] },
  'saml.deliver': { id: '0'.repeat(32), samlResponse: 'YQ==' },
  'saml.roles': { name: 'x' },
  'saml.addProfiles': {
    name: 'x',
    choices: [
      {
        roleArn: 'arn:aws:iam::123456789012:role/x',
        principalArn: 'arn:aws:iam::123456789012:saml-provider/x',
      },
    ],
  },
  'rotation.plan': { key: 'k' },
  'rotation.start': { key: 'k', quarantineSeconds: 0 },
  'rotation.list': {},
  'rotation.get': { key: 'k' },
  'rotation.resume': { key: 'k' },
  'rotation.confirm': { key: 'k' },
  'rotation.setMaxAge': { target: { kind: 'key', name: 'k' }, maxAgeDays: 90 },
  'rotation.rollback': { key: 'k' },
  'key.list': {},
  'key.import': {
    name: 'k',
    account: 'a',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: SEALED,
    source: 'form',
  },
  'key.matches': { name: 'k', secretAccessKey: SEALED },
  'key.update': { name: 'k' },
  'key.remove': { name: 'k' },
  'profile.list': {},
  'profile.add': { name: 'p', account: 'a', key: 'k' },
  'profile.update': { name: 'p' },
  'profile.remove': { name: 'p' },
  'client.list': {},
  'client.add': { name: 'c', profile: 'p', replyKey: REPLY },
  'client.lease': { accessKeyId: 'KHLDAAAAAAAAAAAAAAAA' },
  'client.issue': { profile: 'p', purpose: 'exec', replyKey: REPLY },
  'client.update': { name: 'c' },
  'client.rotate': { name: 'c', replyKey: REPLY },
  'client.remove': { name: 'c' },
  'sign.headers': {
    profile: 'p',
    method: 'GET',
    url: 'https://sts.amazonaws.com/',
    headers: [],
    payloadHash: 'UNSIGNED-PAYLOAD',
  },
  'sign.presign': { profile: 'p', method: 'GET', bucket: 'bucket', key: 'k', expiresInSeconds: 60 },
  'ca.export': {},
  'ca.rotate': { now: false },
  'audit.list': {},
  'audit.verify': {},
  'audit.export': {},
  'token.modules': {},
  'token.inspect': { module: '/nowhere/x.so' },
  'token.list': {},
  'token.add': { name: 't', module: '/nowhere/x.so', label: 'x', pin: SEALED },
  'token.status': { name: 't' },
  'token.test': { name: 't' },
  'token.setPin': { name: 't', pin: SEALED },
  'token.remove': { name: 't' },
  'hsm.status': {},
  'hsm.objects': {},
  'hsm.mirrorAdd': { path: '/nowhere/vault.keyhold' },
  'hsm.mirrorRemove': { path: '/nowhere/vault.keyhold' },
  'hsm.backup': {},
  'settings.get': {},
  'settings.update': { autoLockMinutes: 5 },
  'ui.open': {},
  'hsm.users': {},
  'hsm.usersInit': { authorize: SECRET, name: 'alice', password: SEALED },
  'hsm.usersReset': { recoveryCode: SEALED },
  'hsm.login': { name: 'alice', password: SEALED, replyKey: REPLY },
  'hsm.logout': { session: SEALED },
  'hsm.userAdd': { session: SEALED, name: 'bob', role: 'crypto-officer', password: SEALED },
  'hsm.userRemove': { session: SEALED, name: 'bob' },
  'hsm.userPassword': { name: 'bob', current: SEALED, next: SEALED },
  'hsm.quorumSet': { session: SEALED, service: 'key', required: 2 },
  'hsm.approvalTouchSet': { session: SEALED, service: 'key', touch: null },
  'hsm.keyUseSet': { session: SEALED, needsLogin: true },
  'hsm.quorumTokenCreate': {
    session: SEALED,
    act: { do: 'remove-user', name: 'bob' },
    expiresInSeconds: 3600,
  },
  'hsm.quorumApprove': { id: '0123456789abcdef', user: 'alice', password: SEALED },
  'hsm.quorumCancel': { session: SEALED, id: '0123456789abcdef' },
  'totp.list': {},
  'totp.add': { name: 'x', seed: SEALED },
  'totp.matches': { seed: SEALED },
  'totp.update': { name: 'x' },
  'totp.remove': { name: 'x' },
  'totp.codes': {},
  'totp.use': { name: 'x' },
  'totp.export': { name: 'x', authorize: SECRET, replyKey: REPLY },
  'totp.enrollBegin': { profile: 'x' },
  'totp.enrollStep': { name: 'x' },
  'totp.enrollCancel': { name: 'x' },
  'daemon.stop': {},
};
/** Methods that answer without an unlocked vault. */
const WITHOUT_VAULT: ReadonlySet<MethodName> = new Set([
  'status.get',
  'hsm.sealKey',
  'client.lease',
  'hsm.status',
  'file.cancel',
  'vault.create',
  'vault.restore',
  'settings.get',
  'ui.open',
  'daemon.stop',
  ...(['mfa.devices', 'mfa.ways', 'mfa.prompts', 'mfa.cancel'] as const),
  // Of a security key itself, whatever vault it is for.
  ...(['mfa.info', 'mfa.test', 'mfa.setPin', 'mfa.changePin', 'mfa.credentials'] as const),
  ...(['mfa.removeCredential', 'mfa.reset'] as const),
]);

let core: TestCore;
beforeEach(() => {
  core = startTestCore();
});
afterEach(() => core.dispose());

const call = (method: string, params: unknown) => core.running.call(method, params, 'cli');

test('every method has a handler', () => {
  expect(Object.keys(handlers).sort()).toEqual([...NAMES].sort());
  for (const method of PASSIVE_METHODS) expect(WITHOUT_VAULT.has(method)).toBe(true);
});

test('every method refuses parameters that are not its own, and says which', async () => {
  for (const method of NAMES) {
    for (const params of ['text', 7, [], { ...VALID[method], nonsense: 1 }]) {
      await expect(call(method, params), `${method} ${JSON.stringify(params)}`).rejects.toMatchObject({
        code: 'InvalidInput',
      });
    }
    await expect(call(method, { ...VALID[method], nonsense: 1 })).rejects.toThrow(
      'nonsense: there is no such parameter',
    );
    for (const field of Object.keys(VALID[method])) {
      const { [field]: _, ...without } = VALID[method] as Record<string, unknown>;
      if (methods[method].input.safeParse(without).success) continue;
      await expect(call(method, without), `${method} without ${field}`).rejects.toMatchObject({
        code: 'InvalidInput',
        message: expect.stringContaining(field),
      });
    }
  }
});

test('without a vault, everything that needs one says so', async () => {
  for (const method of NAMES.filter((name) => !WITHOUT_VAULT.has(name))) {
    await expect(call(method, VALID[method]), method).rejects.toMatchObject({ code: 'NotInitialized' });
  }
});

test('while locked, everything that needs the vault says so', async () => {
  await core.create();
  await call('vault.lock', {});
  for (const method of NAMES.filter((name) => !WITHOUT_VAULT.has(name))) {
    if (method === 'vault.unlock' || method === 'vault.lock') continue;
    await expect(call(method, VALID[method]), method).rejects.toMatchObject({ code: 'Locked' });
  }
  expect(await call('vault.lock', {})).toMatchObject({ state: 'locked' });
});

test('names that are not there are NotFound in every method that takes one', async () => {
  await core.create();
  const named: MethodName[] = [
    'account.update',
    'account.remove',
    'key.update',
    'key.remove',
    'profile.add',
    'profile.update',
    'profile.remove',
    'client.add',
    'client.issue',
    'client.update',
    'client.remove',
    'sign.headers',
    'sign.presign',
  ];
  for (const method of named) {
    await expect(call(method, VALID[method]), method).rejects.toMatchObject({ code: 'NotFound' });
  }
});

describe('messages', () => {
  test.each([
    [
      'account.add',
      { name: 'a', accountId: '12', kind: 'remote' },
      'accountId: an AWS account id has exactly 12 digits.',
    ],
    [
      'account.add',
      { name: ' a', accountId: '123456789012', kind: 'remote' },
      'name: a name has no control characters',
    ],
    ['account.add', { name: 'a', kind: 'remote' }, 'accountId: this is needed.'],
    [
      'profile.add',
      { name: 'a', account: 'b', key: 'c', region: 'Frankfurt' },
      'region: a region looks like eu-central-1.',
    ],
    [
      'sign.presign',
      { profile: 'p', method: 'GET', bucket: 'b', key: 'k', expiresInSeconds: 60 },
      'bucket: a bucket’s',
    ],
    [
      'sign.presign',
      { profile: 'p', method: 'POST', bucket: 'bucket', key: 'k', expiresInSeconds: 60 },
      'method: one of GET, PUT, HEAD, DELETE is needed.',
    ],
    [
      'sign.presign',
      { profile: 'p', method: 'GET', bucket: 'bucket', key: '', expiresInSeconds: 60 },
      'key: an object’s',
    ],
    [
      'client.add',
      { name: 'c', profile: 'p', replyKey: 'QQ==', expiresInSeconds: 400 * 86_400 },
      'expiresInSeconds: a client key lives at most 366 days.',
    ],
    ['audit.list', { limit: 5000 }, 'limit: at most 1000 is allowed.'],
    ['audit.list', { text: 'x'.repeat(300) }, 'text: at most 200 characters are allowed.'],
    ['audit.list', { client: 7 }, 'client: text is needed.'],
    ['account.remove', { name: 'a', cascade: 'yes' }, 'cascade: true or false is needed.'],
    [
      'vault.unlock',
      { secret: { factor: 'pin' } },
      'secret.factor: one of password, recovery-code, security-key is needed.',
    ],
    ['vault.backup', { path: '' }, 'path: at least 1 character is needed.'],
  ])('%s %j', async (method, params, message) => {
    await expect(call(method, params)).rejects.toThrow(message);
  });
});

test.each(['nope', '', 'constructor', '__proto__', 'toString', 'x'.repeat(5000)])(
  'an unknown method (%s) is Unsupported',
  async (method) => {
    await expect(call(method, {})).rejects.toMatchObject({ code: 'Unsupported' });
  },
);

test('a defect is logged and its text stays inside', async () => {
  core.running.subscribe(() => {
    throw new Error('listener broke');
  });
  await core.create();
  expect(core.logged.join('\n')).toContain('listener broke');
});

test('daemon.stop asks the shell, naming who wanted it', async () => {
  await call('daemon.stop', {});
  expect(core.stops).toEqual(['asked by cli']);
});
