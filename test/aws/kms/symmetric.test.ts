import { createPrivateKey, createPublicKey, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, NO_TEXT, newKey, OTHER_ID, REGION, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

const invalidCiphertext = { name: 'InvalidCiphertextException', message: NO_TEXT, status: 400 };
const MATERIAL_ID = expect.stringMatching(/^[0-9a-f]{64}$/);

describe('Encrypt and Decrypt', () => {
  test('go there and back, by every name of the key', async () => {
    const key = await newKey(lab.root);
    await lab.root.createAlias({ AliasName: 'alias/round', TargetKeyId: key.id });
    const aliasArn = key.arn.replace(/key\/.*/, 'alias/round');
    for (const name of [key.id, key.arn, 'alias/round', aliasArn]) {
      const encrypted = await lab.root.encrypt({ KeyId: name, Plaintext: utf8(name) });
      expect(encrypted).toMatchObject({ KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
      for (const KeyId of [undefined, name]) {
        const decrypted = await lab.root.decrypt({ KeyId, CiphertextBlob: encrypted.CiphertextBlob });
        expect(text(decrypted.Plaintext)).toBe(name);
        expect(decrypted).toMatchObject({
          KeyId: key.arn,
          EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          KeyMaterialId: MATERIAL_ID,
        });
      }
    }
  });

  test('hold to the encryption context exactly, in any order', async () => {
    const { id } = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({
      KeyId: id,
      Plaintext: utf8('x'),
      EncryptionContext: { a: '1', b: '2' },
    });
    const decrypt = (EncryptionContext?: Record<string, string>) =>
      lab.root.decrypt({ CiphertextBlob, EncryptionContext });
    expect(text((await decrypt({ b: '2', a: '1' })).Plaintext)).toBe('x');
    for (const wrong of [
      undefined,
      {},
      { a: '1' },
      { a: '1', b: '2', c: '3' },
      { A: '1', b: '2' },
      { a: '1', b: '3' },
    ]) {
      expect(await refusal(decrypt(wrong))).toEqual(invalidCiphertext);
    }
  });

  test('a ciphertext that was changed in any byte does not decrypt', async () => {
    const { id } = await newKey(lab.root);
    const { CiphertextBlob = new Uint8Array() } = await lab.root.encrypt({ KeyId: id, Plaintext: utf8('x') });
    for (let at = 0; at < CiphertextBlob.length; at += 1) {
      const edited = Uint8Array.from(CiphertextBlob);
      edited[at] = (edited[at] ?? 0) ^ 1;
      expect(await refusal(lab.root.decrypt({ CiphertextBlob: edited }))).toEqual(invalidCiphertext);
    }
    for (const length of [1, 16, 17, 61, CiphertextBlob.length - 1]) {
      const cut = CiphertextBlob.subarray(0, length);
      expect(await refusal(lab.root.decrypt({ CiphertextBlob: cut }))).toEqual(invalidCiphertext);
    }
  });

  test('a key that is named has to be the one that encrypted', async () => {
    const [one, two] = [await newKey(lab.root), await newKey(lab.root)];
    const signing = await newKey(lab.root, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId: one.id, Plaintext: utf8('x') });
    for (const other of [two, signing]) {
      expect(await refusal(lab.root.decrypt({ CiphertextBlob, KeyId: other.id }))).toEqual({
        name: 'IncorrectKeyException',
        message: 'The key ID in the request does not identify a CMK that can perform this operation.',
        status: 400,
      });
    }
  });

  test('every ciphertext is another one, and up to 4,096 bytes go in', async () => {
    const { id } = await newKey(lab.root);
    const Plaintext = new Uint8Array(4096).fill(7);
    const blobs = await Promise.all([1, 2].map(() => lab.root.encrypt({ KeyId: id, Plaintext })));
    expect(blobs[0]?.CiphertextBlob).not.toEqual(blobs[1]?.CiphertextBlob);
    expect((await lab.root.decrypt({ CiphertextBlob: blobs[0]?.CiphertextBlob })).Plaintext).toEqual(Plaintext);
    expect(await refusal(lab.root.encrypt({ KeyId: id, Plaintext: new Uint8Array(4097) }))).toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    });
  });

  test('another Region and another account do not read it', async () => {
    const key = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId: key.id, Plaintext: utf8('x') });
    const denied = {
      name: 'AccessDeniedException',
      message: expect.stringContaining('on the resource associated with this ciphertext'),
    };
    const elsewhere = await lab.rootIn('us-east-1');
    expect(await refusal(elsewhere.decrypt({ CiphertextBlob }))).toMatchObject(denied);
    expect(await refusal(elsewhere.decrypt({ CiphertextBlob, KeyId: key.arn }))).toMatchObject({
      name: 'NotFoundException',
      message: `Invalid arn ${REGION}`,
    });
    const other = await lab.rootIn(REGION, 'other');
    expect(await refusal(other.decrypt({ CiphertextBlob }))).toMatchObject({ name: 'AccessDeniedException' });
    expect(await refusal(other.decrypt({ CiphertextBlob, KeyId: key.id }))).toMatchObject({
      name: 'NotFoundException',
      message: `Key '${key.arn.replace(/\d{12}/, OTHER_ID)}' does not exist`,
    });
  });

  test('what was encrypted before a lock decrypts after it', async () => {
    const { id } = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId: id, Plaintext: utf8('kept') });
    await lab.relock();
    expect(text((await lab.root.decrypt({ CiphertextBlob })).Plaintext)).toBe('kept');
  });
});

describe('asymmetric encryption', () => {
  const key = newRsaKey();

  test.each(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const)(
    '%s, here and outside',
    async (EncryptionAlgorithm) => {
      const { id, arn, publicKey } = await key();
      const hash = EncryptionAlgorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256';
      const outside = publicEncrypt({ key: publicKey, oaepHash: hash }, utf8('from outside'));
      const decrypted = await lab.root.decrypt({ KeyId: id, CiphertextBlob: outside, EncryptionAlgorithm });
      expect(text(decrypted.Plaintext)).toBe('from outside');
      expect(decrypted).toMatchObject({ KeyId: arn, EncryptionAlgorithm });
      expect(decrypted.KeyMaterialId).toBeUndefined();
      const inside = await lab.root.encrypt({ KeyId: id, Plaintext: utf8('inside'), EncryptionAlgorithm });
      const { CiphertextBlob } = inside;
      expect(text((await lab.root.decrypt({ KeyId: id, CiphertextBlob, EncryptionAlgorithm })).Plaintext)).toBe(
        'inside',
      );
    },
  );

  test('what does not fit', async () => {
    const { id } = await key();
    const encrypt = (more: object) => refusal(lab.root.encrypt({ KeyId: id, Plaintext: utf8('x'), ...more }));
    expect(await encrypt({})).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: 'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
    });
    expect(await encrypt({ EncryptionAlgorithm: 'RSAES_OAEP_SHA_256', Plaintext: new Uint8Array(191) })).toMatchObject({
      name: 'ValidationException',
      message: 'Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.',
    });
    expect(await encrypt({ EncryptionAlgorithm: 'RSAES_OAEP_SHA_1', EncryptionContext: { a: 'b' } })).toMatchObject({
      name: 'ValidationException',
    });
    const CiphertextBlob = new Uint8Array(256).fill(1);
    const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';
    expect(await refusal(lab.root.decrypt({ KeyId: id, CiphertextBlob, EncryptionAlgorithm }))).toEqual(
      invalidCiphertext,
    );
    expect(await refusal(lab.root.decrypt({ CiphertextBlob, EncryptionAlgorithm }))).toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    });
    expect(await refusal(lab.root.decrypt({ KeyId: id, CiphertextBlob }))).toMatchObject({
      name: 'IncorrectKeyException',
    });
  });

  function newRsaKey() {
    let made: Promise<{ id: string; arn: string; publicKey: string }> | undefined;
    return () => {
      made ??= (async () => {
        const { id, arn } = await newKey(lab.root, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
        const { PublicKey = new Uint8Array() } = await lab.root.getPublicKey({ KeyId: id });
        const parsed = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
        return { id, arn, publicKey: parsed.export({ format: 'pem', type: 'spki' }).toString() };
      })();
      return made;
    };
  }
});

describe('data keys', () => {
  test.each([
    [{ KeySpec: 'AES_128' }, 16],
    [{ KeySpec: 'AES_256' }, 32],
    [{ NumberOfBytes: 64 }, 64],
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const)('%j', async (size, length) => {
    const key = await newKey(lab.root);
    const EncryptionContext = { file: 'x' };
    const made = await lab.root.generateDataKey({ KeyId: key.id, EncryptionContext, ...size });
    expect(made.Plaintext).toHaveLength(length);
    expect(made).toMatchObject({ KeyId: key.arn, KeyMaterialId: MATERIAL_ID });
    const { CiphertextBlob } = made;
    expect((await lab.root.decrypt({ CiphertextBlob, EncryptionContext })).Plaintext).toEqual(made.Plaintext);
    expect(await refusal(lab.root.decrypt({ CiphertextBlob }))).toEqual(invalidCiphertext);

    const hidden = await lab.root.generateDataKeyWithoutPlaintext({ KeyId: key.id, ...size });
    expect(hidden).not.toHaveProperty('Plaintext');
    expect((await lab.root.decrypt({ CiphertextBlob: hidden.CiphertextBlob })).Plaintext).toHaveLength(length);
  });

  test('have exactly one size', async () => {
    const { id: KeyId } = await newKey(lab.root);
    for (const size of [{}, { KeySpec: 'AES_256', NumberOfBytes: 32 } as const]) {
      expect(await refusal(lab.root.generateDataKey({ KeyId, ...size }))).toMatchObject({
        name: 'ValidationException',
        message: 'Please specify either number of bytes or key spec.',
      });
    }
  });

  test('need a symmetric encryption key', async () => {
    const rsa = await newKey(lab.root, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    expect(await refusal(lab.root.generateDataKey({ KeyId: rsa.id, KeySpec: 'AES_256' }))).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: 'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
    });
    const mac = await newKey(lab.root, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(await refusal(lab.root.generateDataKey({ KeyId: mac.id, KeySpec: 'AES_256' }))).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: `${mac.arn} key usage is GENERATE_VERIFY_MAC which is not valid for GenerateDataKey.`,
    });
  });

  test.each([
    'RSA_2048',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'ECC_NIST_EDWARDS25519',
    'ML_KEM_768',
  ] as const)('a pair: %s', async (KeyPairSpec) => {
    const { id: KeyId, arn } = await newKey(lab.root);
    const pair = await lab.root.generateDataKeyPair({ KeyId, KeyPairSpec });
    expect(pair).toMatchObject({ KeyId: arn, KeyPairSpec, KeyMaterialId: MATERIAL_ID });
    const { PrivateKeyPlaintext, PublicKey = new Uint8Array() } = pair;
    const { Plaintext } = await lab.root.decrypt({ CiphertextBlob: pair.PrivateKeyCiphertextBlob });
    expect(Plaintext).toEqual(PrivateKeyPlaintext);
    if (KeyPairSpec !== 'ML_KEM_768') {
      const key = createPrivateKey({ key: Buffer.from(PrivateKeyPlaintext ?? []), format: 'der', type: 'pkcs8' });
      const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
      expect(Buffer.compare(spki, PublicKey)).toBe(0);
    }
    const hidden = await lab.root.generateDataKeyPairWithoutPlaintext({ KeyId, KeyPairSpec });
    expect(hidden).not.toHaveProperty('PrivateKeyPlaintext');
    expect(hidden.PublicKey?.length).toBe(PublicKey.length);
  });

  test('SM2 is refused outside the China Regions', async () => {
    const { id: KeyId } = await newKey(lab.root);
    expect(await refusal(lab.root.generateDataKeyPair({ KeyId, KeyPairSpec: 'SM2' }))).toMatchObject({
      name: 'UnsupportedOperationException',
    });
  });
});

describe('ReEncrypt', () => {
  test('from one key and context to another, without anybody seeing the plaintext', async () => {
    const [from, to] = [await newKey(lab.root), await newKey(lab.root)];
    const source = await lab.root.encrypt({ KeyId: from.id, Plaintext: utf8('x'), EncryptionContext: { a: '1' } });
    const done = await lab.root.reEncrypt({
      CiphertextBlob: source.CiphertextBlob,
      SourceEncryptionContext: { a: '1' },
      DestinationKeyId: to.id,
      DestinationEncryptionContext: { b: '2' },
    });
    expect(done).toMatchObject({
      SourceKeyId: from.arn,
      KeyId: to.arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      SourceKeyMaterialId: MATERIAL_ID,
      DestinationKeyMaterialId: MATERIAL_ID,
    });
    const { Plaintext } = await lab.root.decrypt({
      CiphertextBlob: done.CiphertextBlob,
      KeyId: to.id,
      EncryptionContext: { b: '2' },
    });
    expect(text(Plaintext)).toBe('x');
    expect(
      await refusal(lab.root.reEncrypt({ CiphertextBlob: source.CiphertextBlob, DestinationKeyId: to.id })),
    ).toEqual(invalidCiphertext);
    expect(
      await refusal(
        lab.root.reEncrypt({
          CiphertextBlob: source.CiphertextBlob,
          SourceKeyId: to.id,
          SourceEncryptionContext: { a: '1' },
          DestinationKeyId: to.id,
        }),
      ),
    ).toMatchObject({ name: 'IncorrectKeyException' });
  });

  test('from and to RSA', async () => {
    const rsa = await newKey(lab.root, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    const aes = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId: aes.id, Plaintext: utf8('x') });
    const algorithm = 'RSAES_OAEP_SHA_256';
    const there = await lab.root.reEncrypt({
      CiphertextBlob,
      DestinationKeyId: rsa.id,
      DestinationEncryptionAlgorithm: algorithm,
    });
    expect(there).not.toHaveProperty('DestinationKeyMaterialId');
    const back = await lab.root.reEncrypt({
      CiphertextBlob: there.CiphertextBlob,
      SourceKeyId: rsa.id,
      SourceEncryptionAlgorithm: algorithm,
      DestinationKeyId: aes.id,
    });
    expect(text((await lab.root.decrypt({ CiphertextBlob: back.CiphertextBlob })).Plaintext)).toBe('x');
  });
});

describe('GenerateRandom', () => {
  test('answers as many bytes as asked for', async () => {
    const [a, b] = await Promise.all([1, 2].map(() => lab.root.generateRandom({ NumberOfBytes: 1024 })));
    expect(a?.Plaintext).toHaveLength(1024);
    expect(a?.Plaintext).not.toEqual(b?.Plaintext);
    expect((await lab.root.generateRandom({ NumberOfBytes: 1 })).Plaintext).toHaveLength(1);
  });

  test.each([
    [{}, 'NumberOfBytes is required.'],
    [
      { NumberOfBytes: 0 },
      "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { NumberOfBytes: 1025 },
      "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
    ],
  ])('%j', async (input, message) => {
    expect(await refusal(lab.root.generateRandom(input))).toEqual({
      name: 'ValidationException',
      message,
      status: 400,
    });
  });

  test('no Nitro Enclave, no key store', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const AttestationDocument = publicKey.export({ format: 'der', type: 'spki' });
    expect(
      await refusal(
        lab.root.generateRandom({
          NumberOfBytes: 1,
          Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument },
        }),
      ),
    ).toMatchObject({ name: 'ValidationException', message: expect.stringContaining('Recipient') });
    expect(await refusal(lab.root.generateRandom({ NumberOfBytes: 1, CustomKeyStoreId: 'cks-1' }))).toMatchObject({
      name: 'CustomKeyStoreNotFoundException',
    });
  });
});

describe('a dry run', () => {
  const would = {
    name: 'DryRunOperationException',
    message: 'The request would have succeeded, but the DryRun option is set.',
    status: 412,
  };

  test('says what would be, after every other check', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId, Plaintext: utf8('x') });
    const DryRun = true;
    expect(await refusal(lab.root.encrypt({ KeyId, Plaintext: utf8('x'), DryRun }))).toEqual(would);
    expect(await refusal(lab.root.decrypt({ CiphertextBlob, DryRun }))).toEqual(would);
    expect(await refusal(lab.root.decrypt({ CiphertextBlob, EncryptionContext: { a: 'b' }, DryRun }))).toEqual(
      invalidCiphertext,
    );
    expect(await refusal(lab.root.generateDataKey({ KeyId, KeySpec: 'AES_256', DryRun }))).toEqual(would);
    expect(await refusal(lab.root.reEncrypt({ CiphertextBlob, DestinationKeyId: KeyId, DryRun }))).toEqual(would);
    const ignore = { DryRun, DryRunModifiers: ['IGNORE_CIPHERTEXT'] } as const;
    expect(await refusal(lab.root.decrypt({ KeyId, DryRun, DryRunModifiers: [...ignore.DryRunModifiers] }))).toEqual(
      would,
    );
    expect(await refusal(lab.root.decrypt({ DryRun, DryRunModifiers: [...ignore.DryRunModifiers] }))).toMatchObject({
      name: 'ValidationException',
    });
    await lab.root.disableKey({ KeyId });
    expect(await refusal(lab.root.encrypt({ KeyId, Plaintext: utf8('x'), DryRun }))).toMatchObject({
      name: 'DisabledException',
    });
  });
});
