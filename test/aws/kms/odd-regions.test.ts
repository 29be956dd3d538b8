import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUpstreamAgents } from '../../../src/aws/index.ts';
import { callService } from '../../../src/aws/local/call-service.ts';
import { LOCAL_SERVICES } from '../../../src/aws/local-services.ts';
import { Draft } from '../../../src/core/draft.ts';
import { requireReadable } from '../../../src/core/require-readable.ts';
import { LAB_ID, type Lab, newKey, refusal, startLab, utf8 } from '../../support/kms-lab.ts';
import { kmsKey } from '../../support/kms-records.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { startHarness } from '../harness.ts';

/** Regions that are none of those of local accounts: nothing is kept under their names, and what once was is no obstacle. */

const ODD = ['us-east', 'local', 'eusc-de-east-1', 'us-iso-east-1', 'us-east-100'];

let lab: Lab;
const agents = createUpstreamAgents();
beforeAll(async () => {
  lab = await startLab();
});
afterAll(async () => {
  agents.destroy();
  await lab.dispose();
});

const session = () => lab.core.running.core.session();
const keys = async () => (await lab.core.client.call('kms.keys', {})).keys;

async function call(region: string, operation: string, input: Record<string, unknown>, name = 'lab') {
  const account = (await session().need('account')).byName('account', name);
  const parts = { clock: lab.clock, log: silentLogger, agents };
  const what = { account, region, service: 'kms', operation, input, session: session(), actor: 'web' as const };
  return callService({ ...what, onTarget: () => undefined }, parts, LOCAL_SERVICES);
}

test('the door refuses a signature for one', async () => {
  const { accessKeyId, secret } = await lab.core.addClient({
    name: 'tool',
    account: 'lab',
    principal: {
      type: 'policy',
      document: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'kms:CreateKey', Resource: '*' }],
      }),
    },
  });
  const { send } = await startHarness({ clock: lab.clock, door: { backend: lab.core.running.doorBackend } });
  const create = (region: string, service = 'kms', more: Parameters<typeof send>[0] = {}) =>
    send({
      key: { accessKeyId, secretAccessKey: secret },
      now: lab.clock.now(),
      method: 'POST',
      region,
      service,
      headers: [
        ['content-type', 'application/x-amz-json-1.1'],
        ['x-amz-target', 'TrentService.CreateKey'],
      ],
      body: Buffer.from('{}'),
      ...more,
    });
  for (const region of ODD) {
    const answer = await create(region);
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('InvalidSignatureException')]);
    expect(answer.text).toContain(`Credential should be scoped to a valid region, not '${region}': `);
  }
  expect((await create('us-east-1', 'kms', { regionSet: ['us-east'] })).text).toContain("not 'us-east'");
  expect(await keys()).toEqual([]);
  expect((await create('us-east-1')).status).toBe(200);
  expect((await keys()).map(({ region }) => region)).toEqual(['us-east-1']);
});

test('no replica is made in one', async () => {
  const { id: KeyId } = await newKey(lab.root, { MultiRegion: true });
  for (const ReplicaRegion of ['us-east-100', 'usa-east-1', 'us-iso-east-1']) {
    expect(await refusal(lab.root.replicateKey({ KeyId, ReplicaRegion }))).toEqual({
      name: 'ValidationException',
      message: expect.stringContaining(`ReplicaRegion ${ReplicaRegion} is not valid: `),
      status: 400,
    });
  }
});

test('no profile of a local account gets one', async () => {
  const refused = { code: 'InvalidInput', message: expect.stringMatching(/^region: local accounts have the Regions/) };
  const region = 'us-iso-east-1';
  const { client } = lab.core;
  await expect(
    client.call('account.add', { name: 'third', accountId: '333333333333', kind: 'local', region }),
  ).rejects.toMatchObject(refused);
  await expect(client.call('profile.add', { name: 'far', account: 'lab', region })).rejects.toMatchObject(refused);
  await expect(client.call('profile.update', { name: 'lab', region })).rejects.toMatchObject(refused);
});

describe('keys that were made in one before', () => {
  const KEYS_BEFORE = 3;

  test('are there again after the next unlock, and whatever else there is', async () => {
    const { id } = await newKey(lab.root);
    // The lab's front is not the door, which refuses this.
    const odd = await lab.rootIn('us-east');
    const far = await lab.rootIn('us-iso-east-1');
    const made = [await newKey(odd), await newKey(far)];
    await odd.createAlias({ AliasName: 'alias/odd', TargetKeyId: made[0]?.id });
    await odd.createGrant({
      KeyId: made[0]?.id,
      GranteePrincipal: `arn:aws:iam::${LAB_ID}:user/x`,
      Operations: ['Encrypt'],
    });
    await lab.relock();
    await lab.root.encrypt({ KeyId: id, Plaintext: utf8('x') });
    expect((await odd.describeKey({ KeyId: 'alias/odd' })).KeyMetadata?.KeyId).toBe(made[0]?.id);
    // Its policy names the root as the partition has it.
    expect((await far.describeKey({ KeyId: made[1]?.id })).KeyMetadata?.KeyId).toBe(made[1]?.id);
    expect(await keys()).toHaveLength(KEYS_BEFORE + 2);
  });

  test('can be seen and removed without the door, where no others are to be had', async () => {
    const [key] = (await keys()).filter(({ region }) => region === 'us-east');
    expect(await call('us-east', 'DescribeKey', { KeyId: key?.keyId })).toMatchObject({
      KeyMetadata: { Arn: `arn:aws:kms:us-east:${LAB_ID}:key/${key?.keyId}` },
    });
    expect(await call('us-east', 'ScheduleKeyDeletion', { KeyId: key?.keyId })).toMatchObject({
      KeyState: 'PendingDeletion',
    });
    for (const [region, name] of [
      ['eu-east', 'lab'],
      ['us-east', 'other'],
    ] as const) {
      await expect(call(region, 'CreateKey', {}, name)).rejects.toMatchObject({
        code: 'InvalidInput',
        message: expect.stringContaining(`${region} is none of them`),
      });
    }
  });

  test('go with their account', async () => {
    const { client } = lab.core;
    await client.call('account.reset', { name: 'lab' });
    expect(await keys()).toEqual([]);
    await client.call('account.remove', { name: 'lab', cascade: true });
    expect((await client.call('vault.check', {})).ok).toBe(true);
  });
});

describe('what could not be read again', () => {
  const broken = { ...kmsKey(), createdAt: Number.NaN };

  test('is not written, nor anything that goes with it', async () => {
    const before = session().vault.generation;
    const write = session().write(
      'daemon',
      (draft) => {
        draft.put('kmsKey', session().newId(), kmsKey());
        draft.put('kmsKey', session().newId(), broken);
        return () => undefined;
      },
      ['kmsKey'],
    );
    await expect(write).rejects.toMatchObject({ code: 'Internal', message: expect.stringContaining('(createdAt)') });
    expect([session().vault.generation, await keys()]).toEqual([before, []]);
  });

  test('is found among many', async () => {
    const draft = new Draft(lab.core.running.core.ports, 'daemon');
    for (let n = 0; n < 3000; n++) draft.put('kmsKey', session().newId(), n === 2999 ? broken : kmsKey());
    await expect(requireReadable(draft.items)).rejects.toMatchObject({ code: 'Internal' });
    draft.items.pop();
    await requireReadable(draft.items);
  });
});
