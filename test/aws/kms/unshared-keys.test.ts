import type { KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAB_ID, type Lab, newKey, OTHER_ID, REGION, refusal, startLab, utf8 } from '../../support/kms-lab.ts';

let world: Lab;
beforeAll(async () => {
  world = await startLab();
});
afterAll(() => world.dispose());

describe('what is asked of a foreign key that is not shared tells nothing of it', () => {
  const missing = `arn:aws:kms:${REGION}:${LAB_ID}:key/00000000-12ab-34cd-56ef-1234567890ab`;
  const junk = utf8('x');
  let keys: Record<'symmetric' | 'rsa' | 'mac', string>;
  let own: string;
  let blob: Uint8Array | undefined;
  let guest: KMS;
  let barred: KMS;
  beforeAll(async () => {
    const { arn: symmetric, id } = await newKey(world.root);
    const rsa = await newKey(world.root, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    const mac = await newKey(world.root, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    keys = { symmetric, rsa: rsa.arn, mac: mac.arn };
    await world.root.createAlias({ AliasName: 'alias/unshared', TargetKeyId: id });
    guest = await world.rootIn(REGION, 'other');
    barred = (await world.user('barred', [{ Effect: 'Deny', Action: '*', Resource: '*' }], 'other')).kms;
    own = (await newKey(guest)).arn;
    blob = (await guest.encrypt({ KeyId: own, Plaintext: utf8('x') })).CiphertextBlob;
  });

  const CALLS: readonly [string, (client: KMS, KeyId: string) => Promise<unknown>][] = [
    ['Decrypt of junk', (client, KeyId) => client.decrypt({ KeyId, CiphertextBlob: junk })],
    ['Decrypt of another key’s', (client, KeyId) => client.decrypt({ KeyId, CiphertextBlob: blob })],
    [
      'Decrypt with an algorithm',
      (client, KeyId) => client.decrypt({ KeyId, CiphertextBlob: junk, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
    ],
    [
      'ReEncrypt of junk',
      (client, SourceKeyId) => client.reEncrypt({ SourceKeyId, CiphertextBlob: junk, DestinationKeyId: own }),
    ],
    [
      'ReEncrypt to a key that is not there',
      (client, SourceKeyId) =>
        client.reEncrypt({ SourceKeyId, CiphertextBlob: blob, DestinationKeyId: missing.replace(LAB_ID, OTHER_ID) }),
    ],
    ['ReEncrypt to it', (client, DestinationKeyId) => client.reEncrypt({ CiphertextBlob: blob, DestinationKeyId })],
    ['a bad token', (client, KeyId) => client.encrypt({ KeyId, Plaintext: junk, GrantTokens: ['bad'] })],
    ['a bad token, reading', (client, KeyId) => client.describeKey({ KeyId, GrantTokens: ['bad'] })],
    [
      'a bad token, decrypting',
      (client, KeyId) => client.decrypt({ KeyId, CiphertextBlob: junk, GrantTokens: ['bad'] }),
    ],
    ['RetireGrant', (client, KeyId) => client.retireGrant({ KeyId, GrantId: 'x' })],
    ['RevokeGrant', (client, KeyId) => client.revokeGrant({ KeyId, GrantId: 'x' })],
    ['ListGrants', (client, KeyId) => client.listGrants({ KeyId, GrantId: 'x' })],
    [
      'CreateGrant',
      (client, KeyId) => client.createGrant({ KeyId, GranteePrincipal: 'nobody', Operations: ['Encrypt'] }),
    ],
    ['GenerateMac', (client, KeyId) => client.generateMac({ KeyId, Message: junk, MacAlgorithm: 'HMAC_SHA_256' })],
    [
      'Verify',
      (client, KeyId) => client.verify({ KeyId, Message: junk, Signature: junk, SigningAlgorithm: 'ML_DSA_SHAKE_256' }),
    ],
    ['GetPublicKey', (client, KeyId) => client.getPublicKey({ KeyId })],
  ];

  const without = (KeyId: string, { message, ...rest }: Awaited<ReturnType<typeof refusal>>) => ({
    ...rest,
    message: message.replaceAll(KeyId, 'KEY'),
  });

  test.each(CALLS)('%s', async (_what, call) => {
    for (const client of [guest, barred]) {
      const nothing = without(missing, await refusal(call(client, missing)));
      for (const KeyId of Object.values(keys)) {
        expect(without(KeyId, await refusal(call(client, KeyId))), KeyId).toEqual(nothing);
      }
    }
  });

  test('by its alias', async () => {
    const [there, none] = ['alias/unshared', 'alias/none'].map((name) => missing.replace(/key\/.*/, name));
    for (const [, call] of CALLS) {
      for (const client of [guest, barred]) {
        const nothing = without(none ?? '', await refusal(call(client, none ?? '')));
        expect(without(there ?? '', await refusal(call(client, there ?? '')))).toEqual(nothing);
      }
    }
  });

  test('nor does the id of one of its grants', async () => {
    const { GrantId } = await world.root.createGrant({
      KeyId: keys.symmetric,
      GranteePrincipal: `arn:aws:iam::${LAB_ID}:root`,
      Operations: ['Encrypt', 'RetireGrant'],
    });
    for (const client of [guest, barred]) {
      const nothing = without(missing, await refusal(client.retireGrant({ KeyId: missing, GrantId })));
      expect(without(keys.symmetric, await refusal(client.retireGrant({ KeyId: keys.symmetric, GrantId })))).toEqual(
        nothing,
      );
    }
    expect(await refusal(world.root.retireGrant({ KeyId: keys.symmetric, GrantId: 'x' }))).toMatchObject({
      name: 'InvalidGrantIdException',
    });
  });

  test('nor does a ciphertext of one, but for whether that key is still there', async () => {
    const { id: KeyId, arn } = await newKey(world.root);
    const { CiphertextBlob } = await world.root.encrypt({ KeyId, Plaintext: junk });
    const asked = () =>
      Promise.all(
        [{}, { KeyId: own }].flatMap((named) =>
          [guest, barred].map(async (client) => refusal(client.decrypt({ CiphertextBlob, ...named }))),
        ),
      );
    const there = await asked();
    expect(there.map(({ name }) => name)).toEqual([
      'AccessDeniedException',
      'AccessDeniedException',
      'IncorrectKeyException',
      'AccessDeniedException',
    ]);
    for (const { message } of there) for (const told of [arn, KeyId, LAB_ID]) expect(message).not.toContain(told);
    await world.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    expect(await asked()).toEqual(there);
    world.clock.jump(7 * 24 * 60 * 60 * 1000);
    expect((await asked()).map(({ name }) => name)).toEqual([
      'InvalidCiphertextException',
      'InvalidCiphertextException',
      'InvalidCiphertextException',
      'AccessDeniedException',
    ]);
  });
});
