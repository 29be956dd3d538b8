import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestCore, type TestCore } from '../../support/core.ts';

let core: TestCore;
beforeEach(async () => {
  core = startTestCore();
  await core.create();
});
afterEach(() => core.dispose());

const LAB = { name: 'lab', accountId: '123456789012', kind: 'local' } as const;
const POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}}';

describe('a local account', () => {
  test('comes with a profile of its name that has no key', async () => {
    await core.client.call('account.add', { ...LAB, region: 'eu-central-1' });
    const { profiles } = await core.client.call('profile.list', {});
    expect(profiles).toMatchObject([{ name: 'lab', account: 'lab', accountId: LAB.accountId, region: 'eu-central-1' }]);
    expect(profiles[0]?.key).toBeUndefined();
  });

  test('leaves a profile of that name alone', async () => {
    await core.populate();
    await core.client.call('account.update', { name: 'prod', rename: 'production' });
    await core.client.call('account.add', { ...LAB, name: 'prod' });
    const { profiles } = await core.client.call('profile.list', {});
    expect(profiles.map((one) => [one.name, one.account])).toEqual([['prod', 'production']]);
  });

  test('has its id for itself, takes no endpoint and no access key', async () => {
    await core.client.call('account.add', LAB);
    await expect(core.client.call('account.add', { ...LAB, name: 'lab2' })).rejects.toMatchObject({
      code: 'AlreadyExists',
    });
    await expect(
      core.client.call('account.add', {
        ...LAB,
        name: 'x',
        accountId: '1'.repeat(12),
        endpointUrl: 'https://h.example',
      }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(
      core.importKey(
        { name: 'k', account: 'lab', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
        'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      ),
    ).rejects.toMatchObject({ code: 'InvalidInput', message: expect.stringContaining('local') });
  });

  test('a remote account may have the same id', async () => {
    await core.client.call('account.add', LAB);
    await core.client.call('account.add', { ...LAB, name: 'real', kind: 'remote' });
  });
});

describe('emptying a local account', () => {
  test('answers how much is gone, and is no way to empty a remote one', async () => {
    await core.populate();
    await core.client.call('account.add', LAB);
    expect(await core.client.call('account.reset', { name: 'lab' })).toEqual({ removed: 0 });
    await expect(core.client.call('account.reset', { name: 'prod' })).rejects.toMatchObject({ code: 'Unsupported' });
    const { entries } = await core.client.call('audit.list', { kind: 'change', text: 'account.reset' });
    expect(entries.map((one) => [one.event.target, one.event.reason])).toEqual([['lab', '0 records']]);
  });
});

test('a service is called for a local account only', async () => {
  await core.populate();
  await core.client.call('account.add', LAB);
  const call = {
    account: 'lab',
    region: 'us-east-1',
    service: 'kms',
    operation: 'ListKeys',
    input: { Limit: 5 },
  } as const;
  expect(await core.client.call('service.call', call)).toEqual({
    output: { operation: 'ListKeys', input: { Limit: 5 } },
  });
  await expect(core.client.call('service.call', { ...call, account: 'prod' })).rejects.toMatchObject({
    code: 'Unsupported',
  });
});

describe('a client of a local account', () => {
  beforeEach(() => core.client.call('account.add', LAB));

  test('is its root by default, or has a policy', async () => {
    const root = await core.addClient({ name: 'root', account: 'lab' });
    const ci = await core.addClient({ name: 'ci', account: 'lab', principal: { type: 'policy', document: POLICY } });
    const backend = core.running.doorBackend;
    expect(await backend.resolveClient(root.accessKeyId)).toMatchObject({
      kind: 'local',
      account: { name: 'lab', accountId: LAB.accountId },
      principal: { type: 'root' },
    });
    expect(await backend.resolveClient(ci.accessKeyId)).toMatchObject({
      principal: { type: 'policy', document: POLICY },
    });
    const { clients } = await core.client.call('client.list', {});
    expect(clients.map((one) => [one.name, one.account, one.principal]).sort()).toEqual([
      ['ci', 'lab', 'policy'],
      ['root', 'lab', 'root'],
    ]);
  });

  test('a policy that cannot be read is refused with its line and column', async () => {
    const principal = { type: 'policy', document: '{\n  "Statement": [{"Effect": "Alow"}]\n}' } as const;
    await expect(core.addClient({ name: 'ci', account: 'lab', principal })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: expect.stringMatching(/^Line 2, column \d+: /),
    });
  });

  test('needs a profile or a local account, and a policy only there', async () => {
    await core.populate();
    const refused = { code: 'InvalidInput' };
    await expect(core.addClient({ name: 'a' })).rejects.toMatchObject(refused);
    await expect(core.addClient({ name: 'a', account: 'prod' })).rejects.toMatchObject(refused);
    await expect(core.addClient({ name: 'a', account: 'lab', profile: 'prod' })).rejects.toMatchObject(refused);
    const principal = { type: 'policy', document: POLICY } as const;
    await expect(core.addClient({ name: 'a', profile: 'prod', principal })).rejects.toMatchObject(refused);
  });

  test('without a profile the account cannot give a region, which is said', async () => {
    await core.client.call('profile.remove', { name: 'lab' });
    await expect(core.addClient({ name: 'a', account: 'lab' })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('nothing is signed for it outside', async () => {
    await expect(
      core.client.call('sign.presign', {
        profile: 'lab',
        method: 'GET',
        bucket: 'bucket',
        key: 'k',
        expiresInSeconds: 60,
      }),
    ).rejects.toMatchObject({ code: 'Unsupported' });
  });
});
