import { createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweepKms } from '../../../src/core/kms/sweep.ts';
import { type HsmPeople, hsmPeople } from '../../support/hsm-user.ts';
import { LAB_ID, type Lab, newKey, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';

const DAY = 86_400_000;

let lab: Lab;
let people: HsmPeople;
/** Its deletion was scheduled before there was a quorum. */
let early: { id: string; arn: string };
beforeAll(async () => {
  lab = await startLab();
  people = hsmPeople(lab.core.client);
  early = await newKey(lab.root);
  await lab.root.scheduleKeyDeletion({ KeyId: early.id, PendingWindowInDays: 7 });
  await people.init('alice');
  await people.add('bob', 'crypto-officer');
  await people.quorum('key', 2);
});
afterAll(() => lab.dispose());

const sweep = () => sweepKms(lab.core.running.core.session(), lab.core.running.core.ports);
const state = async (KeyId: string) => (await lab.root.describeKey({ KeyId })).KeyMetadata?.KeyState;
const released = async () => (await lab.core.client.call('hsm.users', {})).released;
const actions = async (searched: string) =>
  (await lab.core.client.call('audit.list', { text: searched })).entries.map(({ event }) => event);

const DENIED = {
  name: 'AccessDeniedException',
  message: expect.stringMatching(
    /^This HSM asks for the approval of 2 of its 2 crypto officers to destroy or export key material\. .*keyhold hsm quorum/,
  ),
  status: 400,
};

describe('a deletion', () => {
  test('is refused to a client when it is scheduled, and changes nothing', async () => {
    const { id: KeyId } = await newKey(lab.root);
    expect(await refusal(lab.root.scheduleKeyDeletion({ KeyId }))).toEqual(DENIED);
    expect(await state(KeyId)).toBe('Enabled');
  });

  test('that is refused is in the log as denied, with why', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    await refusal(lab.root.scheduleKeyDeletion({ KeyId }));
    expect(lab.audited.at(-1)).toMatchObject({
      action: 'ScheduleKeyDeletion',
      target: arn,
      allowed: false,
      reason: DENIED.message,
    });
  });

  test('is scheduled once it has been approved, and carried out at its time without anybody', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    const token = await people.approved({ do: 'destroy', keys: [arn] }, 'alice', 'bob');
    await lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    expect(await released()).toBe(1);
    expect(await actions('hsm.quorum.use')).toMatchObject([{ target: token, reason: `destroy ${arn} (1 object)` }]);
    await lab.relock();
    lab.clock.jump(7 * DAY);
    await sweep();
    expect(await released()).toBe(0);
    expect(await actions('kms:DeleteKey')).toContainEqual(
      expect.objectContaining({ target: arn, decision: 'allowed' }),
    );
  });

  test('that is cancelled has to be approved again', async () => {
    await people.login('alice');
    const { id: KeyId, arn } = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('kept') });
    await people.approved({ do: 'destroy', keys: [arn] }, 'alice', 'bob');
    await lab.root.scheduleKeyDeletion({ KeyId });
    await lab.root.cancelKeyDeletion({ KeyId });
    expect(await released()).toBe(0);
    expect(await refusal(lab.root.scheduleKeyDeletion({ KeyId }))).toEqual(DENIED);
    await lab.root.enableKey({ KeyId });
    expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('kept');
  });

  test('scheduled before there was a quorum waits for it, said once in the log', async () => {
    lab.clock.jump(7 * DAY);
    await sweep();
    await sweep();
    const waiting = () => actions('kms:DeleteKey').then((all) => all.filter(({ target }) => target === early.arn));
    expect(await waiting()).toMatchObject([{ decision: 'denied', reason: 'QuorumRequired' }]);
    await people.login('alice');
    await people.approved({ do: 'destroy', keys: [early.arn] }, 'alice', 'bob');
    await sweep();
    expect(await waiting()).toMatchObject([{ decision: 'allowed' }, { decision: 'denied' }]);
  });

  test('of a multi-Region key asks for the primary’s material, and for nothing where it is shared', async () => {
    const { id: KeyId, arn } = await newKey(lab.root, { MultiRegion: true });
    await lab.root.replicateKey({ KeyId, ReplicaRegion: 'us-east-1' });
    const there = await lab.rootIn('us-east-1');
    await there.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    expect(await refusal(lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))).toEqual(DENIED);
    await people.approved({ do: 'destroy', keys: [arn] }, 'alice', 'bob');
    await lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    lab.clock.jump(7 * DAY);
    await sweep();
    expect(await state(KeyId)).toBe('PendingDeletion');
    lab.clock.jump(7 * DAY);
    await sweep();
    expect((await refusal(lab.root.describeKey({ KeyId }))).name).toBe('NotFoundException');
    expect(await released()).toBe(0);
  });
});

test('an account is reset and removed only with the quorum', async () => {
  await people.login('alice');
  const other = await lab.rootIn('eu-central-1', 'other');
  await newKey(other);
  const refused = { code: 'QuorumRequired', details: { service: 'key', required: 2, officers: 2 } };
  const reset = () => lab.core.client.call('account.reset', { name: 'other' });
  await expect(reset()).rejects.toMatchObject(refused);
  await expect(lab.core.client.call('account.remove', { name: 'other', cascade: true })).rejects.toMatchObject(refused);
  await people.approved({ do: 'destroy', account: 'other' }, 'alice', 'bob');
  await newKey(other);
  await expect(reset(), 'a key that nobody has approved').rejects.toMatchObject(refused);
  await people.approved({ do: 'destroy', account: 'other' }, 'alice', 'bob');
  await reset();
  await lab.core.client.call('account.remove', { name: 'other', cascade: true });
});

test('key material leaves only with the quorum, once', async () => {
  await people.login('alice');
  const { arn } = await newKey(lab.root);
  const session = lab.core.running.core.session();
  const objects = [...session.things.kms.keys()].flatMap(({ value }) =>
    arn.endsWith(value.keyId) ? value.materials.flatMap(({ object }) => object?.id ?? []) : [],
  );
  expect(objects).toHaveLength(1);
  const allow = () => session.allowExport('cli', () => objects);
  await expect(allow()).rejects.toMatchObject({ code: 'QuorumRequired', details: { service: 'key' } });
  await people.approved({ do: 'destroy', keys: [arn] }, 'alice', 'bob');
  await expect(allow(), 'approved to be destroyed, not to leave').rejects.toMatchObject({ code: 'QuorumRequired' });
  const token = await people.approved({ do: 'export', keys: [arn] }, 'alice', 'bob');
  await allow();
  expect((await actions('hsm.quorum.use'))[0]).toMatchObject({ target: token, reason: `export ${arn} (1 object)` });
  await expect(allow()).rejects.toMatchObject({ code: 'QuorumRequired' });
});

test('imported material is prolonged without the quorum, and shortened only with it', async () => {
  await people.login('alice');
  const { id: KeyId, arn } = await newKey(lab.root, { Origin: 'EXTERNAL' });
  const material = randomBytes(32);
  const bring = async (days: number | null) => {
    const { ImportToken, PublicKey = new Uint8Array() } = await lab.root.getParametersForImport({
      KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    });
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    const EncryptedKeyMaterial = publicEncrypt({ key, oaepHash: 'sha256' }, material);
    const expiry =
      days === null
        ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const }
        : { ValidTo: new Date(lab.clock.now() + days * DAY) };
    await lab.root.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial, ...expiry });
  };
  await bring(2);
  const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('kept') });
  await bring(5);
  expect(await refusal(bring(1))).toEqual(DENIED);
  lab.clock.jump(3 * DAY);
  await sweep();
  await bring(null);
  expect(await refusal(bring(300))).toEqual(DENIED);
  lab.clock.jump(3 * DAY);
  await sweep();
  expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('kept');
  expect(await refusal(lab.root.deleteImportedKeyMaterial({ KeyId }))).toEqual(DENIED);
  await people.login('alice');
  await people.approved({ do: 'destroy', keys: [arn] }, 'alice', 'bob');
  await lab.root.deleteImportedKeyMaterial({ KeyId });
});

test('aliases, grants, clients and keys’ records are nobody’s but the owner’s', async () => {
  const { id: KeyId } = await newKey(lab.root);
  await lab.root.createAlias({ AliasName: 'alias/x', TargetKeyId: KeyId });
  await lab.root.deleteAlias({ AliasName: 'alias/x' });
  const { GrantId } = await lab.root.createGrant({
    KeyId,
    GranteePrincipal: `arn:aws:iam::${LAB_ID}:root`,
    Operations: ['Encrypt'],
  });
  await lab.root.revokeGrant({ KeyId, GrantId });
  await lab.root.rotateKeyOnDemand({ KeyId });
  await lab.user('short-lived');
  await lab.core.client.call('client.remove', { name: 'short-lived' });
  expect((await lab.root.listAliases({ KeyId })).Aliases).toEqual([]);
  expect((await lab.root.listGrants({ KeyId })).Grants).toEqual([]);
  const materials = await lab.root.listKeyRotations({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' });
  expect(materials.Rotations).toHaveLength(2);
  const { clients } = await lab.core.client.call('client.list', {});
  expect(clients.map(({ name }) => name)).not.toContain('short-lived');
});

test('keys work only while a crypto user is logged in, where the officers say so', async () => {
  await people.login('alice');
  await people.add('carol', 'crypto-user');
  const { id: KeyId } = await newKey(lab.root);
  await people.keyUse(true);
  const encrypt = () => lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
  expect(await refusal(encrypt())).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('keyhold hsm login'),
  });
  expect(lab.audited.at(-1)).toMatchObject({
    action: 'Encrypt',
    allowed: false,
    reason: expect.stringContaining('keyhold hsm login'),
  });
  await people.login('carol');
  await encrypt();
  await people.logout();
  expect((await refusal(encrypt())).name).toBe('AccessDeniedException');
});
