import { createHash, createPublicKey, randomBytes, verify as verifySignature } from 'node:crypto';
import type { CreateKeyCommandInput, KMS } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Params } from '../../../src/contract/methods.ts';
import { DAY_MS } from '../../../src/core/kms/rotation.ts';
import { sweepKms } from '../../../src/core/kms/sweep.ts';
import { authority } from '../../support/authority.ts';
import { FakeModule, PRESENT_KEY, whyNoFakeModule } from '../../support/fake-pkcs11.ts';
import { enrolSoftKey, finger } from '../../support/gate-keys.ts';
import { hsmPeople } from '../../support/hsm-user.ts';
import { type Lab, newKey, OTHER_ID, REGION, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';
import { hasPkcs11Tool, PIN, SoftHsm, whyNoSoftHsm } from '../../support/softhsm.ts';

const reason = whyNoSoftHsm();
if (reason !== null) console.warn(`The tests of CloudHSM key stores are skipped: ${reason}.`);

describe.skipIf(reason !== null)('a CloudHSM key store on a PKCS#11 token', () => {
  let soft: SoftHsm;
  let lab: Lab;
  let root: KMS;
  let clusterId: string;
  let otherClusterId: string;

  const addToken = async (name: string, more: Partial<Omit<Params<'token.add'>, 'pin'>> = {}): Promise<string> => {
    const added = await lab.core.client.callSealed('token.add', async (seal) => ({
      name,
      module: soft.library,
      environment: soft.environment,
      label: name,
      ...more,
      pin: await seal('token-pin', utf8(PIN)),
    }));
    return added.clusterId;
  };

  beforeAll(async () => {
    soft = new SoftHsm();
    for (const label of ['vault-room', 'spare']) soft.init(label);
    lab = await startLab();
    root = lab.root;
    clusterId = await addToken('vault-room');
    otherClusterId = await addToken('spare');
  });
  afterAll(async () => {
    await lab?.dispose();
    soft?.dispose();
  });

  const describeStore = async (id: string) =>
    (await root.describeCustomKeyStores({ CustomKeyStoreId: id })).CustomKeyStores?.[0];

  async function settled(id: string) {
    for (;;) {
      const store = await describeStore(id);
      if (store?.ConnectionState !== 'CONNECTING') return store;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const create = async (name = 'room'): Promise<string> => {
    const made = await root.createCustomKeyStore({ CustomKeyStoreName: name, CloudHsmClusterId: clusterId });
    return made.CustomKeyStoreId ?? '';
  };
  const connect = async (id: string) => {
    await root.connectCustomKeyStore({ CustomKeyStoreId: id });
    expect(await settled(id)).toMatchObject({ ConnectionState: 'CONNECTED' });
  };
  const session = () => lab.core.running.core.session();
  const token = async (id = clusterId) => {
    const found = await session().tokens.byClusterId(id);
    if (found === undefined) throw new Error('no token');
    return { id: found.id, value: found.value, backend: await session().tokens.backend(found.id) };
  };
  /** The CKA_ID of a KMS key's material. */
  const ckaIdOf = async (arn: string): Promise<string> => {
    const things = await session().need('kmsKey');
    const key = things.all('kmsKey').find(({ value }) => arn.endsWith(value.keyId));
    return key?.value.materials[0]?.id.slice(0, 32) ?? '';
  };
  const empty = async (): Promise<void> => {
    for (const name of ['lab', 'other']) await lab.core.client.call('account.reset', { name });
    await sweepKms(session(), lab.core.running.core.ports);
  };

  describe('the store', () => {
    afterEach(empty);

    test('is made on a token that can be logged in to, connected, disconnected and deleted', async () => {
      const id = await create();
      expect(await describeStore(id)).toEqual({
        CustomKeyStoreId: id,
        CustomKeyStoreName: 'room',
        CustomKeyStoreType: 'AWS_CLOUDHSM',
        CloudHsmClusterId: clusterId,
        ConnectionState: 'DISCONNECTED',
        CreationDate: new Date(lab.clock.now()),
      });
      expect(await lab.core.client.call('token.status', { name: 'vault-room' })).toMatchObject({ keyStores: ['room'] });
      await expect(lab.core.client.call('token.remove', { name: 'vault-room' })).rejects.toMatchObject({
        code: 'InUse',
      });
      await connect(id);
      for (const call of [
        root.deleteCustomKeyStore({ CustomKeyStoreId: id }),
        root.updateCustomKeyStore({ CustomKeyStoreId: id, KeyStorePassword: 'password' }),
      ]) {
        expect(await refusal(call)).toMatchObject({ name: 'CustomKeyStoreInvalidStateException' });
      }
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: id });
      expect((await token()).backend.connection()).toMatchObject({ state: 'idle' });
      await root.updateCustomKeyStore({
        CustomKeyStoreId: id,
        NewCustomKeyStoreName: 'chamber',
        KeyStorePassword: 'password',
        CloudHsmClusterId: clusterId,
      });
      expect(await describeStore(id)).toMatchObject({ CustomKeyStoreName: 'chamber' });
      expect(
        await refusal(root.updateCustomKeyStore({ CustomKeyStoreId: id, CloudHsmClusterId: otherClusterId })),
      ).toMatchObject({ name: 'CloudHsmClusterNotRelatedException' });
      expect(
        await refusal(root.updateCustomKeyStore({ CustomKeyStoreId: id, XksProxyUriPath: '/kms/xks/v1' })),
      ).toMatchObject({ name: 'ValidationException' });
      await root.deleteCustomKeyStore({ CustomKeyStoreId: id });
      expect((await root.describeCustomKeyStores({})).CustomKeyStores).toEqual([]);
    });

    test('is refused in AWS’s words', async () => {
      const attempt = (more: object) =>
        refusal(root.createCustomKeyStore({ CustomKeyStoreName: 'x', CloudHsmClusterId: clusterId, ...more }));
      expect(await attempt({ CloudHsmClusterId: undefined })).toMatchObject({ name: 'ValidationException' });
      expect(await attempt({ CloudHsmClusterId: 'cluster-abcdefghijk' })).toMatchObject({
        name: 'CloudHsmClusterNotFoundException',
      });
      expect(await attempt({ TrustAnchorCertificate: 'no certificate' })).toMatchObject({
        name: 'IncorrectTrustAnchorException',
      });
      expect(await attempt({ XksProxyUriPath: '/kms/xks/v1' })).toMatchObject({ name: 'ValidationException' });
      expect(await attempt({ KeyStorePassword: 'short' })).toMatchObject({
        name: 'ValidationException',
        message: expect.not.stringContaining('short'),
      });
      await create();
      const other = await lab.rootIn(REGION, 'other');
      for (const client of [root, other]) {
        expect(
          await refusal(client.createCustomKeyStore({ CustomKeyStoreName: 'y', CloudHsmClusterId: clusterId })),
        ).toMatchObject({ name: 'CloudHsmClusterInUseException' });
      }
    });

    test('keeps a trust anchor that is a certificate', async () => {
      const { pem: TrustAnchorCertificate } = (await authority()).ca;
      const { CustomKeyStoreId = '' } = await root.createCustomKeyStore({
        CustomKeyStoreName: 'anchored',
        CloudHsmClusterId: clusterId,
        TrustAnchorCertificate,
        KeyStorePassword: 'kmsuser-password',
      });
      expect(await describeStore(CustomKeyStoreId)).toMatchObject({ TrustAnchorCertificate });
    });
  });

  describe('a key in it', () => {
    let store: string;
    beforeEach(async () => {
      store = await create();
      await connect(store);
    });
    afterEach(empty);

    const keyIn = (more: CreateKeyCommandInput = {}) =>
      newKey(root, { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store, ...more });

    test('is made in the token, where nobody can read it or take it out', async () => {
      const { id, arn } = await keyIn();
      const { KeyMetadata } = await root.describeKey({ KeyId: id });
      expect(KeyMetadata).toMatchObject({
        Arn: arn,
        Origin: 'AWS_CLOUDHSM',
        CustomKeyStoreId: store,
        CloudHsmClusterId: clusterId,
        KeyState: 'Enabled',
        MultiRegion: false,
      });
      expect(KeyMetadata).not.toHaveProperty('CurrentKeyMaterialId');
      const { backend } = await token();
      expect((await backend.findKey({ keyId: await ckaIdOf(arn) })).key?.attributes).toMatchObject({
        label: `keyhold kms ${id}`,
        sensitive: true,
        alwaysSensitive: true,
        extractable: false,
        neverExtractable: true,
        local: true,
        private: true,
      });
      if (!hasPkcs11Tool) return;
      const [listed = ''] = soft.objects('vault-room', await ckaIdOf(arn));
      expect(listed).toMatch(/Secret Key Object; AES length 32/);
      expect(listed).toMatch(/Access: +sensitive, always sensitive, never extractable, local/);
    });

    test('encrypts, decrypts, makes data keys and pairs, and re-encrypts from and to ordinary keys', async () => {
      const { id, arn } = await keyIn();
      const ordinary = await newKey(root);
      const rsa = await newKey(root, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
      const EncryptionContext = { tenant: 'ä' };
      const { CiphertextBlob } = await root.encrypt({ KeyId: id, Plaintext: utf8('hello'), EncryptionContext });
      const opened = await root.decrypt({ CiphertextBlob, EncryptionContext });
      expect([text(opened.Plaintext), opened.KeyId]).toEqual(['hello', arn]);
      expect(opened).not.toHaveProperty('KeyMaterialId');

      const key = await root.generateDataKey({ KeyId: id, KeySpec: 'AES_256', EncryptionContext });
      expect(key).not.toHaveProperty('KeyMaterialId');
      expect((await root.decrypt({ CiphertextBlob: key.CiphertextBlob, EncryptionContext })).Plaintext).toEqual(
        key.Plaintext,
      );
      const hidden = await root.generateDataKeyWithoutPlaintext({ KeyId: id, NumberOfBytes: 64 });
      expect((await root.decrypt({ CiphertextBlob: hidden.CiphertextBlob })).Plaintext).toHaveLength(64);
      const pair = await root.generateDataKeyPair({ KeyId: id, KeyPairSpec: 'RSA_4096', EncryptionContext });
      const privateKey = await root.decrypt({ CiphertextBlob: pair.PrivateKeyCiphertextBlob, EncryptionContext });
      expect(privateKey.Plaintext).toEqual(pair.PrivateKeyPlaintext);
      expect(
        await root.generateDataKeyPairWithoutPlaintext({ KeyId: id, KeyPairSpec: 'ECC_NIST_EDWARDS25519' }),
      ).not.toHaveProperty('PrivateKeyPlaintext');

      const out = await root.reEncrypt({
        CiphertextBlob,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: ordinary.id,
      });
      const back = await root.reEncrypt({ CiphertextBlob: out.CiphertextBlob, DestinationKeyId: id });
      expect(text((await root.decrypt({ CiphertextBlob: back.CiphertextBlob })).Plaintext)).toBe('hello');
      const sealed = await root.reEncrypt({
        CiphertextBlob: back.CiphertextBlob,
        DestinationKeyId: rsa.id,
        DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      });
      const again = await root.reEncrypt({
        CiphertextBlob: sealed.CiphertextBlob,
        SourceKeyId: rsa.id,
        SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
        DestinationKeyId: id,
      });
      expect(text((await root.decrypt({ CiphertextBlob: again.CiphertextBlob })).Plaintext)).toBe('hello');
      const tooLong = await root.encrypt({ KeyId: id, Plaintext: new Uint8Array(4096) });
      expect(
        await refusal(
          root.reEncrypt({
            CiphertextBlob: tooLong.CiphertextBlob,
            DestinationKeyId: rsa.id,
            DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
          }),
        ),
      ).toMatchObject({ name: 'ValidationException' });
      expect((await root.generateRandom({ NumberOfBytes: 24, CustomKeyStoreId: store })).Plaintext).toHaveLength(24);
      expect(await refusal(root.encrypt({ KeyId: id, Plaintext: utf8('x'), DryRun: true }))).toMatchObject({
        name: 'DryRunOperationException',
      });
    });

    test('a ciphertext with any byte changed, in another context or of another account does not decrypt', async () => {
      const { id } = await keyIn();
      const two = await keyIn();
      const EncryptionContext = { a: 'b' };
      const { CiphertextBlob = new Uint8Array() } = await root.encrypt({
        KeyId: id,
        Plaintext: utf8('x'),
        EncryptionContext,
      });
      for (let index = 0; index < CiphertextBlob.length; index++) {
        const edited = CiphertextBlob.slice();
        edited[index] = (edited[index] ?? 0) ^ 1;
        expect(
          await refusal(root.decrypt({ CiphertextBlob: edited, EncryptionContext })),
          `byte ${index}`,
        ).toMatchObject({
          name: 'InvalidCiphertextException',
        });
      }
      for (const other of [{}, { a: 'c' }, { A: 'b' }, { a: 'b', c: 'd' }]) {
        expect(await refusal(root.decrypt({ CiphertextBlob, EncryptionContext: other }))).toMatchObject({
          name: 'InvalidCiphertextException',
        });
      }
      expect(await refusal(root.decrypt({ CiphertextBlob, EncryptionContext, KeyId: two.id }))).toMatchObject({
        name: 'IncorrectKeyException',
      });
      const other = await lab.rootIn(REGION, 'other');
      expect(await refusal(other.decrypt({ CiphertextBlob, EncryptionContext }))).toMatchObject({
        name: 'AccessDeniedException',
      });
      const elsewhere = await lab.rootIn('eu-west-1');
      expect(await refusal(elsewhere.decrypt({ CiphertextBlob, EncryptionContext }))).toMatchObject({
        name: 'AccessDeniedException',
      });
      expect(text((await root.decrypt({ CiphertextBlob, EncryptionContext })).Plaintext)).toBe('x');
    });

    test.each([
      ['ECC_NIST_P256', 'ECDSA_SHA_256', 'sha256'],
      ['ECC_NIST_P384', 'ECDSA_SHA_384', 'sha384'],
      ['ECC_NIST_P521', 'ECDSA_SHA_512', 'sha512'],
      ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'sha256'],
    ] as const)('of spec %s signs and verifies', async (KeySpec, SigningAlgorithm, hash) => {
      const { id } = await keyIn({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
      const { PublicKey, SigningAlgorithms } = await root.getPublicKey({ KeyId: id });
      expect(SigningAlgorithms).toContain(SigningAlgorithm);
      const spki = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
      const Message = randomBytes(100);
      const { Signature = new Uint8Array() } = await root.sign({ KeyId: id, Message, SigningAlgorithm });
      expect(verifySignature(hash, Message, spki, Signature)).toBe(true);
      const digest = createHash(hash).update(Message).digest();
      const claim = { KeyId: id, SigningAlgorithm, Signature };
      expect(await root.verify({ ...claim, Message: digest, MessageType: 'DIGEST' })).toMatchObject({
        SignatureValid: true,
      });
      expect(await refusal(root.verify({ ...claim, Message: randomBytes(100) }))).toMatchObject({
        name: 'KMSInvalidSignatureException',
      });
    });

    test('of an RSA spec encrypts, of an HMAC spec makes MACs', async () => {
      const rsa = await keyIn({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
      // SoftHSM2 has OAEP with SHA-1 only.
      const EncryptionAlgorithm = 'RSAES_OAEP_SHA_1';
      const { CiphertextBlob } = await root.encrypt({ KeyId: rsa.id, Plaintext: utf8('x'), EncryptionAlgorithm });
      expect(text((await root.decrypt({ KeyId: rsa.id, CiphertextBlob, EncryptionAlgorithm })).Plaintext)).toBe('x');
      const hmac = await keyIn({ KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' });
      const claim = { KeyId: hmac.id, Message: utf8('m'), MacAlgorithm: 'HMAC_SHA_384' } as const;
      const { Mac } = await root.generateMac(claim);
      expect(await root.verifyMac({ ...claim, Mac })).toMatchObject({ MacValid: true });
      expect(await refusal(root.verifyMac({ ...claim, Message: utf8('n'), Mac }))).toMatchObject({
        name: 'KMSInvalidMacException',
      });
      expect(await refusal(root.sign({ ...claim, SigningAlgorithm: 'ECDSA_SHA_256' }))).toMatchObject({
        name: 'InvalidKeyUsageException',
      });
    });

    test('cannot be what a token does not do, nor rotate, take material or move to other Regions', async () => {
      const wrong: CreateKeyCommandInput[] = [
        { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' },
        { KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' },
        { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
        { MultiRegion: true },
      ];
      for (const input of wrong)
        expect(await refusal(keyIn(input))).toMatchObject({ name: 'UnsupportedOperationException' });
      expect(await refusal(keyIn({ Origin: 'EXTERNAL_KEY_STORE', XksKeyId: 'x' }))).toMatchObject({
        name: 'ValidationException',
      });
      const { id } = await keyIn();
      for (const call of [
        root.enableKeyRotation({ KeyId: id }),
        root.getKeyRotationStatus({ KeyId: id }),
        root.rotateKeyOnDemand({ KeyId: id }),
        root.getParametersForImport({
          KeyId: id,
          WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
          WrappingKeySpec: 'RSA_2048',
        }),
        root.replicateKey({ KeyId: id, ReplicaRegion: 'eu-west-1' }),
      ]) {
        expect(await refusal(call)).toMatchObject({ name: 'UnsupportedOperationException' });
      }
    });

    test('is unavailable while the store is disconnected, but can be managed, and of use again after that', async () => {
      const { id, arn } = await keyIn();
      const signer = await keyIn({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
      const { CiphertextBlob } = await root.encrypt({ KeyId: id, Plaintext: utf8('kept') });
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      expect((await root.describeKey({ KeyId: id })).KeyMetadata).toMatchObject({ KeyState: 'Unavailable' });
      const { keys } = await lab.core.client.call('kms.keys', {});
      expect(keys.map((key) => key.state)).toEqual(['Unavailable', 'Unavailable']);
      const unavailable = { name: 'KMSInvalidStateException', message: `${arn} is unavailable.` };
      expect(await refusal(root.decrypt({ CiphertextBlob }))).toMatchObject(unavailable);
      expect(await refusal(root.encrypt({ KeyId: id, Plaintext: utf8('x') }))).toMatchObject(unavailable);
      expect(
        await refusal(root.sign({ KeyId: signer.id, Message: utf8('x'), SigningAlgorithm: 'ECDSA_SHA_256' })),
      ).toMatchObject({ name: 'KMSInvalidStateException' });
      for (const call of [keyIn(), root.generateRandom({ NumberOfBytes: 1, CustomKeyStoreId: store })]) {
        expect(await refusal(call)).toMatchObject({ name: 'CustomKeyStoreInvalidStateException' });
      }
      // Nothing of that has started the token's process again.
      expect((await token()).backend.connection()).toMatchObject({ state: 'idle' });
      await root.createAlias({ AliasName: 'alias/managed', TargetKeyId: id });
      await root.tagResource({ KeyId: id, Tags: [{ TagKey: 'a', TagValue: 'b' }] });
      await root.disableKey({ KeyId: id });
      await connect(store);
      expect((await root.describeKey({ KeyId: id })).KeyMetadata).toMatchObject({ KeyState: 'Disabled' });
      await root.enableKey({ KeyId: id });
      expect(text((await root.decrypt({ CiphertextBlob })).Plaintext)).toBe('kept');
    });

    test('works after a lock and an unlock without being connected anew', async () => {
      const { id } = await keyIn();
      const { CiphertextBlob } = await root.encrypt({ KeyId: id, Plaintext: utf8('x') });
      await lab.relock();
      expect(await describeStore(store)).toMatchObject({ ConnectionState: 'CONNECTED' });
      expect(text((await root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
    });

    test('is destroyed in the token when its waiting period is over', async () => {
      const { id, arn } = await keyIn();
      const keyId = await ckaIdOf(arn);
      await root.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays: 7 });
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      lab.clock.jump(7 * DAY_MS);
      const { ports } = lab.core.running.core;
      await sweepKms(session(), ports);
      expect(await refusal(root.describeKey({ KeyId: id }))).toMatchObject({ name: 'NotFoundException' });
      // Somebody disconnected it, so it is left alone until it is connected again.
      expect((await token()).value.keysToDestroy).toEqual([keyId]);
      await connect(store);
      await sweepKms(session(), ports);
      expect((await token()).value.keysToDestroy).toBeUndefined();
      expect(await (await token()).backend.findKey({ keyId })).toEqual({ key: null });
      const { entries } = await lab.core.client.call('audit.list', {});
      expect(entries.map(({ event }) => event)).toContainEqual(
        expect.objectContaining({ action: 'token.destroy-keys', target: 'vault-room', reason: keyId }),
      );
    });

    test('a store is deleted once its keys are, also when the token is not there to destroy them', async () => {
      const { id } = await keyIn();
      await root.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays: 7 });
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      expect(await refusal(root.deleteCustomKeyStore({ CustomKeyStoreId: store }))).toMatchObject({
        name: 'CustomKeyStoreHasCMKsException',
      });
      lab.clock.jump(7 * DAY_MS);
      await sweepKms(session(), lab.core.running.core.ports);
      await root.deleteCustomKeyStore({ CustomKeyStoreId: store });
      expect((await token()).value.keysToDestroy).toHaveLength(1);
      await sweepKms(session(), lab.core.running.core.ports);
      expect((await token()).value.keysToDestroy).toBeUndefined();
    });

    test('goes with its account, from the token too', async () => {
      const { arn } = await keyIn();
      const pair = await keyIn({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
      const ids = [await ckaIdOf(arn), await ckaIdOf(pair.arn)];
      expect(await lab.core.client.call('account.reset', { name: 'lab' })).toEqual({ removed: 3 });
      await sweepKms(session(), lab.core.running.core.ports);
      const { backend } = await token();
      for (const keyId of ids) expect(await backend.findKey({ keyId })).toEqual({ key: null });
      if (hasPkcs11Tool) expect(soft.objects('vault-room', ids[1] ?? '')).toEqual([]);
    });

    test('grants and policies hold for it as for every key', async () => {
      const { id } = await keyIn();
      const { kms, arn } = await lab.user('worker');
      expect(await refusal(kms.encrypt({ KeyId: id, Plaintext: utf8('x') }))).toMatchObject({
        name: 'AccessDeniedException',
      });
      await root.createGrant({ KeyId: id, GranteePrincipal: arn, Operations: ['Encrypt'] });
      const { CiphertextBlob } = await kms.encrypt({ KeyId: id, Plaintext: utf8('x') });
      expect(await refusal(kms.decrypt({ CiphertextBlob }))).toMatchObject({ name: 'AccessDeniedException' });
      expect(OTHER_ID).not.toBe(arn.split(':')[4]);
    });

    test('wants a touch of a security key, where there is a gate, though the token knows nothing of it', async () => {
      const { id: KeyId } = await keyIn();
      const { CiphertextBlob } = await root.encrypt({ KeyId, Plaintext: utf8('x') });
      const hand = finger([await enrolSoftKey(lab.core, 'blue')]);
      lab.core.running.core.touch.use(hand.source);
      const target = { kind: 'kms-key', name: KeyId } as const;
      await lab.core.client.call('gate.set', { target, withinSeconds: 0, keys: 'any' });
      hand.does = 'refuse';
      for (const use of [
        () => root.encrypt({ KeyId, Plaintext: utf8('x') }),
        () => root.decrypt({ CiphertextBlob }),
        () => root.generateDataKey({ KeyId, KeySpec: 'AES_256' }),
        () => root.generateDataKeyPair({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
      ]) {
        expect(await refusal(use())).toMatchObject({ message: expect.stringContaining('wants a touch') });
      }
      hand.does = 'touch';
      expect(text((await root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
      await lab.core.client.call('gate.set', { target, withinSeconds: 60, keys: 'any' });
      await lab.core.client.call('gate.remove', { target });
      await root.decrypt({ CiphertextBlob });
      await lab.core.client.call('gate.set', { target, withinSeconds: 60, keys: 'any' });
      await empty();
      expect(await lab.core.client.call('vault.check', {})).toMatchObject({ ok: true });
      // Nothing that only asked is left behind.
      const { objects } = await lab.core.client.call('hsm.objects', {});
      expect(objects.filter(({ label }) => label.startsWith('gate of'))).toEqual([]);
    });

    test('works only while a crypto user is logged in, where the officers say so', async () => {
      const { id: KeyId } = await keyIn();
      const { CiphertextBlob } = await root.encrypt({ KeyId, Plaintext: utf8('x') });
      const people = hsmPeople(lab.core.client);
      await people.init('alice');
      await people.add('carol', 'crypto-user');
      await people.keyUse(true);
      const uses = {
        encrypt: () => root.encrypt({ KeyId, Plaintext: utf8('x') }),
        decrypt: () => root.decrypt({ CiphertextBlob }),
        generateDataKey: () => root.generateDataKey({ KeyId, KeySpec: 'AES_256' }),
      };
      for (const [name, use] of Object.entries(uses)) {
        expect(await refusal(use()), name).toMatchObject({
          name: 'AccessDeniedException',
          message: expect.stringContaining('keyhold hsm login'),
        });
      }
      await people.login('carol');
      for (const use of Object.values(uses)) await use();
      await people.login('alice');
      await people.keyUse(false);
    });
  });

  describe('a token that is lost', () => {
    afterEach(empty);

    test('gives errors of AWS’s names, no hang, and is of use again when it is back', async () => {
      soft.init('fragile');
      const fragile = await addToken('fragile', { serial: undefined, anySerial: true });
      const made = await root.createCustomKeyStore({ CustomKeyStoreName: 'fragile', CloudHsmClusterId: fragile });
      const store = made.CustomKeyStoreId ?? '';
      await connect(store);
      const input = { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store } as const;
      const { id, arn } = await newKey(root, input);
      const { CiphertextBlob } = await root.encrypt({ KeyId: id, Plaintext: utf8('x') });
      soft.delete('fragile');
      await (await token(fragile)).backend.disconnect();
      for (const call of [root.decrypt({ CiphertextBlob }), root.encrypt({ KeyId: id, Plaintext: utf8('x') })]) {
        expect(await refusal(call)).toMatchObject({ name: 'KMSInternalException', status: 500 });
      }
      expect(await refusal(newKey(root, input))).toMatchObject({ name: 'KMSInternalException' });
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      await root.connectCustomKeyStore({ CustomKeyStoreId: store });
      expect(await settled(store)).toMatchObject({ ConnectionState: 'FAILED', ConnectionErrorCode: 'NETWORK_ERRORS' });
      expect((await root.describeKey({ KeyId: id })).KeyMetadata).toMatchObject({ KeyState: 'Unavailable' });
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      // Another token in its place: it can be connected, but has none of the keys.
      soft.init('fragile');
      await connect(store);
      expect(await refusal(root.decrypt({ CiphertextBlob }))).toMatchObject({
        name: 'KMSInvalidStateException',
        message: `The key material of ${arn} is no longer in its token.`,
      });
      expect(await newKey(root, input)).toHaveProperty('arn');
      // One with another PIN says which PIN is wrong, once.
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      soft.delete('fragile');
      soft.init('fragile', 'another-pin');
      await root.connectCustomKeyStore({ CustomKeyStoreId: store });
      expect(await settled(store)).toMatchObject({ ConnectionErrorCode: 'INVALID_CREDENTIALS' });
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      await lab.core.client.call('account.reset', { name: 'lab' });
      const lost = { CustomKeyStoreName: 'lost', CloudHsmClusterId: fragile };
      expect(await refusal(root.createCustomKeyStore(lost))).toMatchObject({
        name: 'CloudHsmClusterInvalidConfigurationException',
      });
      // Nobody but a person has it tried again; one who does sees that the token is gone.
      soft.delete('fragile');
      await expect(lab.core.client.call('token.test', { name: 'fragile' })).rejects.toMatchObject({
        code: 'TokenUnavailable',
      });
      expect(await refusal(root.createCustomKeyStore(lost))).toMatchObject({
        name: 'CloudHsmClusterNotActiveException',
      });
      await lab.core.client.call('token.remove', { name: 'fragile' });
    });
  });
});

const noFake = reason ?? whyNoFakeModule();
if (noFake !== null) console.warn(`The tests of key stores on misbehaving tokens are skipped: ${noFake}.`);

describe.skipIf(noFake !== null)('a CloudHSM key store on a token that misbehaves', () => {
  let fake: FakeModule;
  let lab: Lab;
  let root: KMS;
  let store: string;
  let KeyId: string;

  beforeAll(async () => {
    fake = new FakeModule();
    lab = await startLab();
    root = lab.root;
    const { clusterId } = await lab.core.client.callSealed('token.add', async (seal) => ({
      name: 'fake',
      module: fake.module,
      environment: fake.environment,
      label: 'fake',
      pin: await seal('token-pin', utf8(PIN)),
    }));
    const made = await root.createCustomKeyStore({ CustomKeyStoreName: 'fake', CloudHsmClusterId: clusterId });
    store = made.CustomKeyStoreId ?? '';
    await connect();
    KeyId = (await newKey(root, { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store })).id;
    // What the module makes is gone with its process; this key it always has.
    const session = lab.core.running.core.session();
    await session.write(
      'daemon',
      (draft) => {
        const [key] = session.things.all('kmsKey');
        if (key === undefined) throw new Error('no key');
        const materials = [{ id: PRESENT_KEY.repeat(2), state: 'CURRENT' as const }];
        draft.put('kmsKey', key.id, { ...key.value, materials });
        return () => undefined;
      },
      ['kmsKey'],
    );
  });
  afterAll(async () => {
    await lab?.dispose();
    fake?.dispose();
  });
  beforeEach(() => fake.reset());

  async function connect(): Promise<void> {
    await root.connectCustomKeyStore({ CustomKeyStoreId: store });
    for (;;) {
      const { CustomKeyStores } = await root.describeCustomKeyStores({ CustomKeyStoreId: store });
      if (CustomKeyStores?.[0]?.ConnectionState !== 'CONNECTING') return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const hung = async (): Promise<void> => {
    while (fake.hung() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const encrypt = () => root.encrypt({ KeyId, Plaintext: utf8('x') });

  test('one that hangs ends the call after ten seconds, and the next one works', async () => {
    fake.mode('hang-encrypt');
    const call = refusal(encrypt());
    await hung();
    lab.clock.advance(10_000);
    expect(await call).toMatchObject({ name: 'DependencyTimeoutException', status: 503 });
    fake.reset();
    expect(await encrypt()).toHaveProperty('CiphertextBlob');
  });

  test('one that crashes or has lost its device is said to be away', async () => {
    for (const mode of ['crash', 'removed']) {
      fake.mode(mode);
      expect(await refusal(encrypt()), mode).toMatchObject({ name: 'KMSInternalException', status: 500 });
      lab.clock.advance(60_000);
    }
    fake.reset();
    expect(await encrypt()).toHaveProperty('CiphertextBlob');
  });

  test('one that makes keys that could be taken out makes none', async () => {
    fake.mode('leaky');
    const input = { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store } as const;
    expect(await refusal(newKey(root, input))).toMatchObject({
      name: 'CloudHsmClusterInvalidConfigurationException',
      message: expect.stringContaining('the key was destroyed'),
    });
    expect((await root.listKeys({})).Keys).toHaveLength(1);
  });

  test('a key whose making is never answered is destroyed, should it be there', async () => {
    fake.mode('hang-generate');
    const call = refusal(newKey(root, { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store }));
    await hung();
    lab.clock.advance(120_000);
    expect(await call).toMatchObject({ name: 'DependencyTimeoutException', status: 503 });
    const { core } = lab.core.running;
    const doomed = () =>
      core
        .session()
        .things.all('hsmToken')
        .flatMap(({ value }) => value.keysToDestroy ?? []);
    expect(doomed()).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    fake.reset();
    await sweepKms(core.session(), core.ports);
    expect(doomed()).toEqual([]);
    // While it is away, none can have been made.
    fake.mode('absent');
    await core.session().tokens.forget(core.session().things.all('hsmToken')[0]?.id ?? '');
    expect(await refusal(newKey(root, { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store }))).toMatchObject({
      name: 'KMSInternalException',
    });
    expect(doomed()).toEqual([]);
    lab.clock.advance(60_000);
  });

  test('a call that is under way when the store is disconnected ends at once, and is not made again', async () => {
    fake.mode('hang-encrypt');
    const call = refusal(encrypt());
    await hung();
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
    expect(await call).toMatchObject({ name: 'KMSInternalException' });
    const { tokens } = await lab.core.client.call('token.list', {});
    expect(tokens.map(({ connection }) => connection.state)).toEqual(['idle']);
    fake.reset();
    await connect();
    expect(await encrypt()).toHaveProperty('CiphertextBlob');
  });

  test('deleted keys are destroyed when it is back, and until then the person is told once', async () => {
    const { id } = await newKey(root, { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store });
    await root.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays: 7 });
    lab.clock.jump(7 * DAY_MS);
    const { core } = lab.core.running;
    const session = core.session();
    const doomed = () => session.things.all('hsmToken').flatMap(({ value }) => value.keysToDestroy ?? []);
    const notices = () =>
      lab.core.events.filter((event) => event.type === 'notice' && event.message.includes('are still in the token'));
    fake.mode('absent');
    await session.tokens.forget(session.things.all('hsmToken')[0]?.id ?? '');
    await sweepKms(session, core.ports);
    expect(await refusal(root.describeKey({ KeyId: id }))).toMatchObject({ name: 'NotFoundException' });
    expect(doomed()).toHaveLength(1);
    await sweepKms(session, core.ports);
    expect(notices()).toHaveLength(1);
    expect(await lab.core.client.call('token.status', { name: 'fake' })).toMatchObject({ keysToDestroy: 1 });
    fake.reset();
    // The vault's own sweep may be at it already.
    lab.clock.advance(60_000);
    await sweepKms(session, core.ports);
    await vi.waitFor(() => expect(doomed()).toEqual([]), 10_000);
  });

  test('a PIN that it refuses is tried once, however often clients ask', async () => {
    fake.mode('wrong-pin');
    for (let round = 0; round < 3; round += 1) {
      await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
      await connect();
      const { CustomKeyStores } = await root.describeCustomKeyStores({ CustomKeyStoreId: store });
      expect(CustomKeyStores?.[0]).toMatchObject({ ConnectionErrorCode: 'INVALID_CREDENTIALS' });
    }
    expect(fake.logins()).toBe(1);
    // A person may have it tried again.
    fake.mode('ok');
    await lab.core.client.call('token.test', { name: 'fake' });
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
    await connect();
    expect(await encrypt()).toHaveProperty('CiphertextBlob');
  });

  test('a PIN that it has locked is told as such', async () => {
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
    fake.mode('locked');
    await connect();
    const { CustomKeyStores } = await root.describeCustomKeyStores({ CustomKeyStoreId: store });
    expect(CustomKeyStores?.[0]).toMatchObject({ ConnectionState: 'FAILED', ConnectionErrorCode: 'USER_LOCKED_OUT' });
  });
});
