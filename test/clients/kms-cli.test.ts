import { createPublicKey, publicEncrypt, randomBytes, verify as verifySignature } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kms } from '../../src/aws/kms/index.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { type ResidentAws, startResidentAws } from '../support/resident-aws.ts';
import { missing } from '../support/scenario.ts';
import { startXksProxy, type XksProxy } from '../support/xks-proxy.ts';

const reason = missing('aws', ['kms', 'help'], 'the AWS CLI');
const REGION = 'eu-central-1';
const OTHER_REGION = 'eu-west-1';
const ACCOUNT = '123456789012';

/** What the AWS CLI of this machine may be too old to know. */
const NEWER_THAN_MANY_CLIS = new Set(['Encapsulate', 'Decapsulate', 'GetKeyLastUsage']);

type Json = Record<string, unknown>;

/** Every operation of the KMS, called with the AWS CLI as a person would, against a daemon as a person has it. */
describe.skipIf(reason !== null)(
  `a tour of the KMS with the AWS CLI${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let daemon: TestDaemon;
    let folder: string;
    let env: NodeJS.ProcessEnv;
    const called = new Set<string>();
    let files = 0;
    let proxy: XksProxy;
    let aws: ResidentAws;

    beforeAll(async () => {
      [daemon, aws] = await Promise.all([startTestDaemon(), startResidentAws()]);
      proxy = await startXksProxy();
      await daemon.create();
      await daemon.call('account.add', { name: 'lab', accountId: ACCOUNT, kind: 'local', region: REGION });
      const { accessKeyId, secret, endpoint } = await daemon.addClient({ name: 'tour', account: 'lab' });
      folder = mkdtempSync(join(tmpdir(), 'kh-kms-'));
      env = {
        PATH: process.env['PATH'],
        HOME: folder,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secret,
        AWS_DEFAULT_REGION: REGION,
        AWS_DEFAULT_OUTPUT: 'json',
        AWS_MAX_ATTEMPTS: '1',
      };
    });
    afterAll(async () => {
      aws?.close();
      await daemon?.stop();
      await proxy?.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    /** Runs one operation: blobs go by file, everything else as JSON. */
    const attempt = async (operation: string, input: Json = {}, region = REGION) => {
      called.add(operation);
      const blobs: string[] = [];
      const plain: Json = {};
      for (const [name, value] of Object.entries(input)) {
        if (!(value instanceof Uint8Array)) {
          plain[name] = value;
          continue;
        }
        const path = join(folder, `blob-${files++}`);
        writeFileSync(path, value);
        blobs.push(`--${kebab(name)}`, `fileb://${path}`);
      }
      const args = ['kms', kebab(operation), '--region', region, '--cli-input-json', JSON.stringify(plain), ...blobs];
      return aws.run(args, env);
    };
    const call = async (operation: string, input: Json = {}, region = REGION): Promise<Json> => {
      const result = await attempt(operation, input, region);
      expect(result.stderr, operation).toBe('');
      return result.stdout.trim() === '' ? {} : JSON.parse(result.stdout);
    };
    /** A machine under load can miss the 250 ms that a proxy has, which the KMS then says. */
    const steady = async (again: () => ReturnType<typeof attempt>): Promise<Json> => {
      for (let tries = 1; ; tries++) {
        const result = await again();
        if (tries < 5 && result.stderr.includes('did not respond in time')) continue;
        expect(result.stderr).toBe('');
        return JSON.parse(result.stdout);
      }
    };
    const refused = async (operation: string, input: Json = {}): Promise<string> => {
      const result = await attempt(operation, input);
      expect(result.code, operation).not.toBe(0);
      return result.stderr.trim();
    };
    const blob = (value: unknown): Buffer => Buffer.from(String(value), 'base64');
    const create = async (input: Json = {}): Promise<string> => {
      const { KeyMetadata } = await call('CreateKey', input);
      return String((KeyMetadata as Json)['Arn']);
    };

    it.concurrent('makes keys, describes, lists, tags and names them', async () => {
      const arn = await create({ Description: 'first', Tags: [{ TagKey: 'team', TagValue: 'blue' }] });
      expect(arn).toMatch(new RegExp(`^arn:aws:kms:${REGION}:${ACCOUNT}:key/[0-9a-f-]{36}$`));
      await call('UpdateKeyDescription', { KeyId: arn, Description: 'renamed' });
      const { KeyMetadata } = await call('DescribeKey', { KeyId: arn });
      expect(KeyMetadata).toMatchObject({
        Arn: arn,
        Description: 'renamed',
        KeyState: 'Enabled',
        KeySpec: 'SYMMETRIC_DEFAULT',
      });
      expect((await call('ListKeys'))['Keys']).toContainEqual({ KeyId: arn.split('/')[1], KeyArn: arn });

      await call('TagResource', { KeyId: arn, Tags: [{ TagKey: 'stage', TagValue: 'test' }] });
      await call('UntagResource', { KeyId: arn, TagKeys: ['team'] });
      expect((await call('ListResourceTags', { KeyId: arn }))['Tags']).toEqual([{ TagKey: 'stage', TagValue: 'test' }]);

      const second = await create();
      await call('CreateAlias', { AliasName: 'alias/tour', TargetKeyId: arn });
      await call('UpdateAlias', { AliasName: 'alias/tour', TargetKeyId: second });
      expect((await call('ListAliases', { KeyId: second }))['Aliases']).toMatchObject([{ AliasName: 'alias/tour' }]);
      await call('DeleteAlias', { AliasName: 'alias/tour' });
      expect((await call('ListAliases', { KeyId: second }))['Aliases']).toEqual([]);
    });

    it.concurrent('encrypts, decrypts and moves to another key, bound to its context', async () => {
      const [one, two] = [await create(), await create()];
      const EncryptionContext = { tenant: 'a' };
      const { CiphertextBlob } = await call('Encrypt', {
        KeyId: one,
        Plaintext: Buffer.from('hello'),
        EncryptionContext,
      });
      const opened = await call('Decrypt', { CiphertextBlob: blob(CiphertextBlob), EncryptionContext });
      expect(blob(opened['Plaintext']).toString()).toBe('hello');
      expect(opened['KeyId']).toBe(one);
      expect(await refused('Decrypt', { CiphertextBlob: blob(CiphertextBlob) })).toMatch(
        /\(InvalidCiphertextException\)/,
      );
      expect(await refused('Decrypt', { CiphertextBlob: blob(CiphertextBlob), EncryptionContext, KeyId: two })).toMatch(
        /\(IncorrectKeyException\)/,
      );
      const moved = await call('ReEncrypt', {
        CiphertextBlob: blob(CiphertextBlob),
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: two,
      });
      expect(moved).toMatchObject({ SourceKeyId: one, KeyId: two });
      expect(
        blob((await call('Decrypt', { CiphertextBlob: blob(moved['CiphertextBlob']) }))['Plaintext']).toString(),
      ).toBe('hello');
    });

    it.concurrent('makes data keys, pairs and random bytes', async () => {
      const arn = await create();
      const key = await call('GenerateDataKey', { KeyId: arn, KeySpec: 'AES_256' });
      expect(blob(key['Plaintext'])).toHaveLength(32);
      const opened = await call('Decrypt', { CiphertextBlob: blob(key['CiphertextBlob']) });
      expect(opened['Plaintext']).toBe(key['Plaintext']);
      const hidden = await call('GenerateDataKeyWithoutPlaintext', { KeyId: arn, NumberOfBytes: 64 });
      expect(hidden).not.toHaveProperty('Plaintext');
      const pair = await call('GenerateDataKeyPair', { KeyId: arn, KeyPairSpec: 'ECC_NIST_P256' });
      expect(createPublicKey({ key: blob(pair['PublicKey']), format: 'der', type: 'spki' }).asymmetricKeyType).toBe(
        'ec',
      );
      expect((await call('Decrypt', { CiphertextBlob: blob(pair['PrivateKeyCiphertextBlob']) }))['Plaintext']).toBe(
        pair['PrivateKeyPlaintext'],
      );
      expect(
        await call('GenerateDataKeyPairWithoutPlaintext', { KeyId: arn, KeyPairSpec: 'ECC_NIST_EDWARDS25519' }),
      ).not.toHaveProperty('PrivateKeyPlaintext');
      expect(blob((await call('GenerateRandom', { NumberOfBytes: 24 }))['Plaintext'])).toHaveLength(24);
    });

    it.concurrent('signs, verifies, makes MACs and agrees on secrets', async () => {
      const signer = await create({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
      const Message = Buffer.from('to be signed');
      const SigningAlgorithm = 'ECDSA_SHA_256';
      const { Signature } = await call('Sign', { KeyId: signer, Message, SigningAlgorithm });
      const { PublicKey } = await call('GetPublicKey', { KeyId: signer });
      const spki = createPublicKey({ key: blob(PublicKey), format: 'der', type: 'spki' });
      expect(verifySignature('sha256', Message, spki, blob(Signature))).toBe(true);
      const claim = { KeyId: signer, Message, SigningAlgorithm, Signature: blob(Signature) };
      expect(await call('Verify', claim)).toMatchObject({ SignatureValid: true });
      expect(await refused('Verify', { ...claim, Message: Buffer.from('another') })).toMatch(
        /\(KMSInvalidSignatureException\)/,
      );

      const macKey = await create({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
      const MacAlgorithm = 'HMAC_SHA_256';
      const { Mac } = await call('GenerateMac', { KeyId: macKey, Message, MacAlgorithm });
      expect(await call('VerifyMac', { KeyId: macKey, Message, MacAlgorithm, Mac: blob(Mac) })).toMatchObject({
        MacValid: true,
      });

      const [one, two] = [
        await create({ KeySpec: 'ECC_NIST_P384', KeyUsage: 'KEY_AGREEMENT' }),
        await create({ KeySpec: 'ECC_NIST_P384', KeyUsage: 'KEY_AGREEMENT' }),
      ];
      const shared = async (mine: string, theirs: string) => {
        const { PublicKey: key } = await call('GetPublicKey', { KeyId: theirs });
        const answer = await call('DeriveSharedSecret', {
          KeyId: mine,
          KeyAgreementAlgorithm: 'ECDH',
          PublicKey: blob(key),
        });
        return answer['SharedSecret'];
      };
      expect(await shared(one, two)).toBe(await shared(two, one));
    });

    it.concurrent('disables, enables, schedules a deletion and takes it back', async () => {
      const arn = await create();
      await call('DisableKey', { KeyId: arn });
      expect(await refused('Encrypt', { KeyId: arn, Plaintext: Buffer.from('x') })).toMatch(
        new RegExp(`\\(DisabledException\\).*${arn} is disabled\\.`),
      );
      await call('EnableKey', { KeyId: arn });
      const scheduled = await call('ScheduleKeyDeletion', { KeyId: arn, PendingWindowInDays: 7 });
      expect(scheduled).toMatchObject({ KeyId: arn, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
      expect(await refused('Encrypt', { KeyId: arn, Plaintext: Buffer.from('x') })).toMatch(
        /\(KMSInvalidStateException\).*is pending deletion\./,
      );
      expect(await call('CancelKeyDeletion', { KeyId: arn })).toEqual({ KeyId: arn });
      expect((await call('DescribeKey', { KeyId: arn }))['KeyMetadata']).toMatchObject({ KeyState: 'Disabled' });
    });

    it.concurrent('rotates, and reads what was encrypted before', async () => {
      const arn = await create();
      const { CiphertextBlob } = await call('Encrypt', { KeyId: arn, Plaintext: Buffer.from('before') });
      await call('EnableKeyRotation', { KeyId: arn, RotationPeriodInDays: 90 });
      expect(await call('GetKeyRotationStatus', { KeyId: arn })).toMatchObject({
        KeyRotationEnabled: true,
        RotationPeriodInDays: 90,
      });
      await call('DisableKeyRotation', { KeyId: arn });
      await call('RotateKeyOnDemand', { KeyId: arn });
      const { Rotations } = await call('ListKeyRotations', { KeyId: arn });
      expect(Rotations).toMatchObject([{ RotationType: 'ON_DEMAND' }]);
      expect(blob((await call('Decrypt', { CiphertextBlob: blob(CiphertextBlob) }))['Plaintext']).toString()).toBe(
        'before',
      );
    });

    it.concurrent('keeps to policies and grants', async () => {
      const arn = await create();
      expect((await call('ListKeyPolicies', { KeyId: arn }))['PolicyNames']).toEqual(['default']);
      const { Policy } = await call('GetKeyPolicy', { KeyId: arn });
      expect(JSON.parse(String(Policy))).toMatchObject({ Statement: [{ Sid: 'Enable IAM User Permissions' }] });
      await call('PutKeyPolicy', { KeyId: arn, PolicyName: 'default', Policy });
      expect(await refused('PutKeyPolicy', { KeyId: arn, PolicyName: 'default', Policy: '{"Statement":1}' })).toMatch(
        /\(MalformedPolicyDocumentException\)/,
      );

      const GranteePrincipal = `arn:aws:iam::${ACCOUNT}:user/keyhold/tour`;
      const granted = {
        KeyId: arn,
        GranteePrincipal,
        RetiringPrincipal: `arn:aws:iam::${ACCOUNT}:root`,
        Operations: ['Decrypt'],
      };
      const first = await call('CreateGrant', granted);
      const second = await call('CreateGrant', { ...granted, Name: 'other' });
      expect((await call('ListGrants', { KeyId: arn }))['Grants']).toHaveLength(2);
      expect(
        (await call('ListRetirableGrants', { RetiringPrincipal: granted.RetiringPrincipal }))['Grants'],
      ).toHaveLength(2);
      await call('RevokeGrant', { KeyId: arn, GrantId: first['GrantId'] });
      await call('RetireGrant', { GrantToken: second['GrantToken'] });
      expect((await call('ListGrants', { KeyId: arn }))['Grants']).toEqual([]);
    });

    it.concurrent('takes imported material, lets it go and takes it again', async () => {
      const arn = await create({ Origin: 'EXTERNAL' });
      expect(await refused('Encrypt', { KeyId: arn, Plaintext: Buffer.from('x') })).toMatch(/is pending import\./);
      const material = randomBytes(32);
      const bring = async () => {
        const { PublicKey, ImportToken } = await call('GetParametersForImport', {
          KeyId: arn,
          WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
          WrappingKeySpec: 'RSA_2048',
        });
        const key = createPublicKey({ key: blob(PublicKey), format: 'der', type: 'spki' });
        await call('ImportKeyMaterial', {
          KeyId: arn,
          ImportToken: blob(ImportToken),
          EncryptedKeyMaterial: publicEncrypt({ key, oaepHash: 'sha256' }, material),
          ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        });
      };
      await bring();
      const { CiphertextBlob } = await call('Encrypt', { KeyId: arn, Plaintext: Buffer.from('mine') });
      await call('DeleteImportedKeyMaterial', { KeyId: arn });
      expect(await refused('Decrypt', { CiphertextBlob: blob(CiphertextBlob) })).toMatch(
        /\(KMSInvalidStateException\)/,
      );
      await bring();
      expect(blob((await call('Decrypt', { CiphertextBlob: blob(CiphertextBlob) }))['Plaintext']).toString()).toBe(
        'mine',
      );
    });

    it.concurrent('copies a multi-Region key, which reads the same ciphertexts there, and moves its primary', async () => {
      const arn = await create({ MultiRegion: true });
      const { CiphertextBlob } = await call('Encrypt', { KeyId: arn, Plaintext: Buffer.from('anywhere') });
      await call('ReplicateKey', { KeyId: arn, ReplicaRegion: OTHER_REGION });
      const there = await eventually(async () => {
        const { KeyMetadata } = await call('DescribeKey', { KeyId: arn.split('/')[1] }, OTHER_REGION);
        return (KeyMetadata as Json)['KeyState'] === 'Enabled';
      });
      expect(there).toBe(true);
      const opened = await call('Decrypt', { CiphertextBlob: blob(CiphertextBlob) }, OTHER_REGION);
      expect(blob(opened['Plaintext']).toString()).toBe('anywhere');
      await call('UpdatePrimaryRegion', { KeyId: arn, PrimaryRegion: OTHER_REGION });
      const { KeyMetadata } = await call('DescribeKey', { KeyId: arn });
      expect(KeyMetadata).toMatchObject({ MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA' } });
    });

    it.concurrent('tells when a key was last used, where the CLI can ask', async () => {
      if (!(await knows('GetKeyLastUsage'))) return;
      const arn = await create();
      await call('Encrypt', { KeyId: arn, Plaintext: Buffer.from('x') });
      expect(JSON.stringify(await call('GetKeyLastUsage', { KeyId: arn }))).toContain('Encrypt');
    });

    it.concurrent('keeps keys with an external key manager, and lets go of them', async () => {
      proxy.addKey('external-1');
      const made = await steady(() =>
        attempt('CreateCustomKeyStore', {
          CustomKeyStoreName: 'escrow',
          CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
          XksProxyConnectivity: 'PUBLIC_ENDPOINT',
          XksProxyUriEndpoint: proxy.endpoint,
          XksProxyUriPath: proxy.path,
          XksProxyAuthenticationCredential: proxy.credential,
        }),
      );
      const { CustomKeyStoreId } = made;
      const state = async () => {
        const { CustomKeyStores } = await call('DescribeCustomKeyStores', { CustomKeyStoreId });
        return (CustomKeyStores as Json[])[0]?.['ConnectionState'];
      };
      const connect = async () => {
        for (let tries = 0; tries < 5; tries++) {
          await call('ConnectCustomKeyStore', { CustomKeyStoreId });
          await eventually(async () => (await state()) !== 'CONNECTING');
          if ((await state()) === 'CONNECTED') return;
          await call('DisconnectCustomKeyStore', { CustomKeyStoreId });
        }
        throw new Error('the external key store does not connect');
      };
      expect(await state()).toBe('DISCONNECTED');
      await connect();
      const { KeyMetadata } = await steady(() =>
        attempt('CreateKey', { Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId, XksKeyId: 'external-1' }),
      );
      const { KeyId, Arn } = KeyMetadata as Json;
      const EncryptionContext = { tenant: 'a' };
      const sealed = await steady(() =>
        attempt('Encrypt', { KeyId, Plaintext: Buffer.from('twice'), EncryptionContext }),
      );
      const CiphertextBlob = blob(sealed['CiphertextBlob']);
      const opened = await steady(() => attempt('Decrypt', { CiphertextBlob, EncryptionContext }));
      expect([blob(opened['Plaintext']).toString(), opened['KeyId']]).toEqual(['twice', Arn]);
      await call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      expect((await call('DescribeKey', { KeyId }))['KeyMetadata']).toMatchObject({
        KeyState: 'Unavailable',
        CustomKeyStoreId,
        XksKeyConfiguration: { Id: 'external-1' },
      });
      expect(await refused('Decrypt', { CiphertextBlob, EncryptionContext })).toMatch(
        /\(KMSInvalidStateException\).*is not connected to its external key store proxy\./,
      );
      await call('UpdateCustomKeyStore', { CustomKeyStoreId, NewCustomKeyStoreName: 'renamed' });
      await connect();
      await steady(() => attempt('Decrypt', { CiphertextBlob, EncryptionContext }));
      await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
      await call('DisconnectCustomKeyStore', { CustomKeyStoreId });
      expect(await refused('DeleteCustomKeyStore', { CustomKeyStoreId })).toMatch(/\(CustomKeyStoreHasCMKsException\)/);
      expect(proxy.unsigned).toEqual([]);
      expect(new Set(proxy.seen.map(({ api }) => api))).toEqual(new Set(['health', 'metadata', 'encrypt', 'decrypt']));
    });

    it('left nothing out', () => {
      const missed = [...kms.operations.keys()].filter((name) => !called.has(name) && !NEWER_THAN_MANY_CLIS.has(name));
      expect(missed).toEqual([]);
    });

    async function knows(operation: string): Promise<boolean> {
      const help = await aws.run(['kms', kebab(operation), '--generate-cli-skeleton'], env);
      return help.code === 0;
    }
  },
);

/** `GetKeyPolicy` → `get-key-policy` */
function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

async function eventually(holds: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) if (await holds()) return true;
  return false;
}
