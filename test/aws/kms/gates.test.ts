import type { KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enrolSoftKey, type Finger, finger } from '../../support/gate-keys.ts';
import { type Lab, startLab } from '../../support/kms-lab.ts';
import type { SoftSecurityKey } from '../../support/soft-security-key.ts';

let lab: Lab;
let root: KMS;
let hand: Finger;
let blue: SoftSecurityKey;
beforeAll(async () => {
  lab = await startLab();
  root = lab.root;
  blue = await enrolSoftKey(lab.core, 'blue');
}, 60_000);
afterAll(() => lab.dispose());
beforeEach(() => {
  hand = finger([blue]);
  lab.core.running.core.touch.use(hand.source);
});

const gate = (name: string, withinSeconds = 0) =>
  lab.core.client.call('gate.set', { target: { kind: 'kms-key', name }, withinSeconds, keys: 'any' });
const newKey = async (input: Parameters<KMS['createKey']>[0] = {}) => {
  const { KeyMetadata } = await root.createKey(input);
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' };
};
const Plaintext = new Uint8Array([1, 2, 3]);

/** A call as the door makes it, on the caller's behalf. */
const touching = <T>(work: () => Promise<T>): Promise<T> =>
  lab.core.running.doorBackend.onBehalfOf({ what: () => 'let a test use it', touches: [] }, work);
describe('a gate on a KMS key', () => {
  test('lets nothing use it without a touch, old ciphertexts included, and does not hide it', async () => {
    const { id, arn } = await newKey();
    const { CiphertextBlob } = await root.encrypt({ KeyId: id, Plaintext });
    expect(await gate(id)).toMatchObject({ kind: 'kms-key', name: arn });
    hand.does = 'refuse';
    for (const work of [
      () => root.encrypt({ KeyId: id, Plaintext }),
      () => root.decrypt({ CiphertextBlob }),
      () => root.generateDataKey({ KeyId: id, KeySpec: 'AES_256' }),
      () => root.generateDataKeyPair({ KeyId: id, KeyPairSpec: 'ECC_NIST_P256' }),
      () => root.reEncrypt({ CiphertextBlob, DestinationKeyId: id }),
    ]) {
      await expect(work()).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('wants a touch'),
      });
    }
    expect((await root.describeKey({ KeyId: id })).KeyMetadata?.Enabled).toBe(true);
    expect((await lab.core.client.call('kms.keys', {})).keys.find(({ keyId }) => keyId === id)?.gate).toEqual({
      withinSeconds: 0,
      keys: 'any',
    });
  });

  test.each(['SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const)('of usage %s too', async (KeyUsage) => {
    const KeySpec = KeyUsage === 'GENERATE_VERIFY_MAC' ? 'HMAC_256' : 'ECC_NIST_P256';
    const { id } = await newKey({ KeyUsage, KeySpec });
    await gate(id);
    hand.does = 'refuse';
    const message = { KeyId: id, Message: Plaintext };
    const used = {
      SIGN_VERIFY: () => root.sign({ ...message, SigningAlgorithm: 'ECDSA_SHA_256' }),
      GENERATE_VERIFY_MAC: () => root.generateMac({ ...message, MacAlgorithm: 'HMAC_SHA_256' }),
      KEY_AGREEMENT: async () =>
        root.deriveSharedSecret({
          ...{ KeyId: id, KeyAgreementAlgorithm: 'ECDH' },
          PublicKey: (await root.getPublicKey({ KeyId: id })).PublicKey,
        }),
    }[KeyUsage];
    await expect(used()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('stays with it when it rotates, and when it is replicated', async () => {
    const { id } = await newKey({ MultiRegion: true });
    await gate(id);
    await root.rotateKeyOnDemand({ KeyId: id });
    await root.replicateKey({ KeyId: id, ReplicaRegion: 'eu-west-1' });
    lab.clock.advance(60_000);
    const replica = await lab.rootIn('eu-west-1');
    hand.does = 'refuse';
    await expect(root.encrypt({ KeyId: id, Plaintext })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(replica.encrypt({ KeyId: id, Plaintext })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('opens by a touch, and says in the log whose', async () => {
    const { id, arn } = await newKey();
    await gate(id);
    await root.encrypt({ KeyId: id, Plaintext });
    expect(hand.asked.map(({ message }) => message)).toEqual(['Touch “blue” to let root lab 0 use the lab.']);
    expect(lab.audited.at(-1)).toMatchObject({ target: arn, allowed: true, touches: [{ key: 'blue' }] });
    await gate(id, 0);
    hand.does = 'refuse';
    await expect(root.encrypt({ KeyId: id, Plaintext })).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(lab.audited.at(-1)).toMatchObject({ allowed: false, reason: expect.stringContaining('wants a touch') });
  });

  test('wants one touch to be taken off all its materials', async () => {
    const { id } = await newKey();
    await gate(id, 60);
    await root.rotateKeyOnDemand({ KeyId: id });
    await lab.core.client.call('gate.remove', { target: { kind: 'kms-key', name: id } });
    expect(hand.asked).toHaveLength(1);
    await root.encrypt({ KeyId: id, Plaintext });
  });

  test('keeps its account in this vault', async () => {
    const exporting = lab.core.client.callSealed('account.export', async (seal) => ({
      ...{ name: 'lab', path: '/tmp/nowhere.khaccount' },
      passphrase: await seal('passphrase', new TextEncoder().encode('a long passphrase')),
      authorize: { factor: 'password', sealed: await seal('password', new TextEncoder().encode('x')) },
    }));
    await expect(exporting).rejects.toMatchObject({ code: 'HsmRefused' });
  });
});

describe('aws:MultiFactorAuthPresent', () => {
  const allow = (Condition: object) => ({ Effect: 'Allow', Action: 'kms:ListAliases', Resource: '*', Condition });

  test.each([
    ['is there with a touch', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, [false, true, true]],
    ['is missing without', { Null: { 'aws:MultiFactorAuthPresent': 'true' } }, [true, false, false]],
    [
      'is what BoolIfExists does not mind',
      { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } },
      [true, true, true],
    ],
    ['is never false', { Bool: { 'aws:MultiFactorAuthPresent': 'false' } }, [false, false, false]],
    ['has an age', { NumericLessThan: { 'aws:MultiFactorAuthAge': '100' } }, [false, true, false]],
  ])('%s', async (name, condition, expected) => {
    const client = { kind: 'client', name: name.replaceAll(/\W/g, '-') } as const;
    const user = await lab.user(client.name, [allow(condition)]);
    const may = () =>
      user.kms.listAliases({}).then(
        () => true,
        () => false,
      );
    const answers = [await may()];
    await lab.core.client.call('gate.set', { target: client, withinSeconds: 900, keys: 'any' });
    const session = lab.core.running.core.session();
    const secret = session.things.byName('client', client.name).value.secret.id;
    const pass = () => session.hsm.call('passGate', { key: session.objectRef(secret), purpose: 'a request' });
    await touching(pass);
    answers.push(await may());
    lab.clock.advance(200_000);
    answers.push(await may());
    expect(answers).toEqual(expected);
  });
});
