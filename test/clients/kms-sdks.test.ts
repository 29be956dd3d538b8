import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { KMS, type KMSClientConfig, paginateListAliases } from '@aws-sdk/client-kms';
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKey, refusal, text, utf8 } from '../support/kms-lab.ts';
import { missing, type Scenario, startScenario } from '../support/scenario.ts';
import { startXksProxy } from '../support/xks-proxy.ts';
import { stepsOf } from './steps.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';
const BOTO3_TOUR = fileURLToPath(new URL('./kms-tour.py', import.meta.url));

let scenario: Scenario;
let folder: string;
let config: KMSClientConfig;
const made: KMS[] = [];

/** A client with everything as AWS's documentation says, but for the endpoint. */
function connect(more: KMSClientConfig = {}): KMS {
  const client = new KMS({ ...config, ...more });
  made.push(client);
  return client;
}

beforeAll(async () => {
  scenario = await startScenario();
  const { call, addClient } = scenario.daemon;
  await call('account.add', { name: 'lab', accountId: ACCOUNT, kind: 'local', region: REGION });
  const { accessKeyId, secret, endpoint } = await addClient({ name: 'sdk', account: 'lab' });
  config = { endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey: secret } };
  folder = mkdtempSync(join(tmpdir(), 'kh-kms-sdk-'));
});
afterAll(async () => {
  for (const client of made) client.destroy();
  await scenario?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const noBoto3 = missing('python3', ['-c', 'import boto3'], 'boto3');
describe.skipIf(noBoto3 !== null)(`boto3${noBoto3 === null ? '' : ` (skipped: ${noBoto3})`}`, () => {
  it('takes its tour through keyhold exec', async () => {
    const proxy = await startXksProxy();
    proxy.addKey('external-1');
    const { endpoint, path, credential } = proxy;
    const argument = JSON.stringify({ endpoint, path, credential, key: 'external-1' });
    const result = await scenario.keyhold(['exec', 'lab', '--', 'python3', BOTO3_TOUR, argument]);
    await proxy.close();
    expect(proxy.unsigned).toEqual([]);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    expect(stepsOf(result.stdout)).toEqual({
      created: ['Enabled', 'SYMMETRIC_DEFAULT', 'CUSTOMER', true],
      'round-trip': ['grüße', true],
      'other-context': ['InvalidCiphertextException', ''],
      'data-key': true,
      largest: 4096,
      random: 1024,
      signature: true,
      'bad-signature': ['KMSInvalidSignatureException', ''],
      mac: true,
      grants: [true],
      retired: [],
      'after-rotation': 'grüße',
      disabled: true,
      deletion: ['PendingDeletion', true],
      pages: [['alias/page-0', 'alias/page-1'], ['alias/page-2', 'alias/page-3'], ['alias/page-4']],
      unknown: ['NotFoundException', `Alias arn:aws:kms:${REGION}:${ACCOUNT}:alias/nobody is not found.`],
      'too-large': 'ValidationException',
      connected: 'CONNECTED',
      external: ['external-1', true],
      twice: 'twice',
      disconnected: 'KMSInvalidStateException',
      kept: 'CustomKeyStoreHasCMKsException',
      sm2: ['SM2DSA', true, 'from China'],
      'sm2-elsewhere': 'UnsupportedOperationException',
    });
  });
});

/** What today's client speaks by default, and what it will. */
const PROTOCOLS: readonly { name: string; client: () => KMS }[] = [
  { name: 'JSON', client: () => connect() },
  {
    name: 'CBOR',
    client() {
      const { protocolSettings } = connect().config;
      return connect({
        protocol: AwsSmithyRpcV2CborProtocol,
        protocolSettings: { ...protocolSettings, serviceTarget: 'TrentService' },
      });
    },
  },
];

describe.each(PROTOCOLS)('AWS SDK for JavaScript v3 in $name', ({ name, client }) => {
  it('makes, uses, lists and is refused', async () => {
    const kms = client();
    const EncryptionContext = { tenant: 'ä', stage: 'test' };
    const { id, arn } = await newKey(kms, { Description: name, Tags: [{ TagKey: 'team', TagValue: 'blau' }] });
    const { KeyMetadata } = await kms.describeKey({ KeyId: id });
    expect(KeyMetadata).toMatchObject({ Arn: arn, Description: name, Enabled: true, MultiRegion: false });
    expect(Math.abs(Date.now() - (KeyMetadata?.CreationDate?.getTime() ?? 0))).toBeLessThan(3_600_000);

    const AliasName = `alias/sdk-${name}`;
    await kms.createAlias({ AliasName, TargetKeyId: id });
    const { CiphertextBlob } = await kms.encrypt({ KeyId: AliasName, Plaintext: utf8('grüße'), EncryptionContext });
    const opened = await kms.decrypt({ CiphertextBlob, EncryptionContext });
    expect([text(opened.Plaintext), opened.KeyId]).toEqual(['grüße', arn]);
    const dataKey = await kms.generateDataKey({ KeyId: id, KeySpec: 'AES_256' });
    expect((await kms.decrypt({ CiphertextBlob: dataKey.CiphertextBlob })).Plaintext).toEqual(dataKey.Plaintext);

    const signer = await newKey(kms, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
    const claim = { KeyId: signer.id, Message: utf8('message'), SigningAlgorithm: 'ED25519_SHA_512' } as const;
    const { Signature } = await kms.sign(claim);
    expect(await kms.verify({ ...claim, Signature })).toMatchObject({ SignatureValid: true });

    for (const number of [1, 2, 3]) {
      await kms.createAlias({ AliasName: `alias/pages-${name}-${number}`, TargetKeyId: signer.id });
    }
    const names: (string | undefined)[][] = [];
    for await (const page of paginateListAliases({ client: kms, pageSize: 2 }, { KeyId: signer.id })) {
      names.push((page.Aliases ?? []).map((alias) => alias.AliasName));
    }
    expect(names.map((page) => page.length)).toEqual([2, 1]);

    expect(await refusal(kms.decrypt({ CiphertextBlob }))).toMatchObject({ name: 'InvalidCiphertextException' });
    await kms.disableKey({ KeyId: id });
    expect(await refusal(kms.encrypt({ KeyId: id, Plaintext: utf8('x') }))).toEqual({
      name: 'DisabledException',
      message: `${arn} is disabled.`,
      status: 400,
    });
    expect(await refusal(kms.createAlias({ AliasName, TargetKeyId: signer.id }))).toMatchObject({
      name: 'AlreadyExistsException',
    });
  });
});

it('AWS SDK for JavaScript v3 has SM2 in a China Region, and nowhere else', async () => {
  const china = connect({ region: 'cn-north-1' });
  const usage = { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' } as const;
  const { id, arn } = await newKey(china, usage);
  expect(arn).toBe(`arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/${id}`);
  const claim = { KeyId: id, Message: utf8('message'), SigningAlgorithm: 'SM2DSA' } as const;
  const { Signature } = await china.sign(claim);
  expect(await china.verify({ ...claim, Signature })).toMatchObject({ SignatureValid: true });
  expect(await refusal(connect().createKey(usage))).toMatchObject({ name: 'UnsupportedOperationException' });
});

describe('the AWS Encryption SDK', () => {
  const sdk = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const PLAIN = randomBytes(300_001);
  const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  // The SDK's types are of an older client, which has the same methods.
  const clientProvider = (region: string): never => connect({ region }) as never;

  it('encrypts under two keys, and either one opens it', async () => {
    const kms = connect();
    const [one, two] = [await newKey(kms), await newKey(kms)];
    const keyring = new KmsKeyringNode({ clientProvider, generatorKeyId: one.arn, keyIds: [two.arn] });
    const { result } = await sdk.encrypt(keyring, PLAIN, { encryptionContext: { tenant: 'a' } });
    for (const { arn } of [one, two]) {
      const { plaintext, messageHeader } = await sdk.decrypt(
        new KmsKeyringNode({ clientProvider, keyIds: [arn] }),
        result,
      );
      expect(sha(plaintext)).toBe(sha(PLAIN));
      expect(messageHeader.encryptionContext).toMatchObject({ tenant: 'a' });
    }
    const discovery = { accountIDs: [ACCOUNT], partition: 'aws' };
    const finding = new KmsKeyringNode({ clientProvider, discovery: true, discoveryFilter: discovery });
    expect(sha((await sdk.decrypt(finding, result)).plaintext)).toBe(sha(PLAIN));

    await kms.disableKey({ KeyId: one.id });
    await kms.disableKey({ KeyId: two.id });
    await expect(sdk.decrypt(finding, result)).rejects.toThrow(/is disabled/);
  });

  it('reads what keyhold encrypt writes, and the reverse', async () => {
    const kms = connect();
    const { arn, id } = await newKey(kms);
    await kms.createAlias({ AliasName: 'alias/backup', TargetKeyId: id });
    const at = (name: string): string => join(folder, name);
    const keyhold = (...args: string[]) => scenario.keyhold([...args, '--profile', 'lab']);
    writeFileSync(at('plain'), PLAIN);

    const there = await keyhold('encrypt', at('plain'), '--key', 'alias/backup', '--context', 'tenant=ä');
    expect(there).toMatchObject({ code: 0, stderr: '' });
    const keyring = new KmsKeyringNode({ clientProvider, keyIds: [arn] });
    const read = await sdk.decrypt(keyring, readFileSync(at('plain.encrypted')));
    expect(sha(read.plaintext)).toBe(sha(PLAIN));
    expect(read.messageHeader).toMatchObject({ version: 2, suiteId: 0x0578, encryptionContext: { tenant: 'ä' } });

    const back = await keyhold('decrypt', at('plain.encrypted'), '--context', 'tenant=ä', '-o', at('back'));
    expect(back).toMatchObject({ code: 0 });
    expect(sha(readFileSync(at('back')))).toBe(sha(PLAIN));
    const other = await keyhold('decrypt', at('plain.encrypted'), '--context', 'tenant=b', '-o', at('other'));
    expect(other.stderr).toMatch(/not encrypted with the context tenant=b/);

    const generating = new KmsKeyringNode({ clientProvider, generatorKeyId: arn });
    writeFileSync(at('theirs'), (await sdk.encrypt(generating, PLAIN, { encryptionContext: { tenant: 'c' } })).result);
    expect(await keyhold('decrypt', at('theirs'), '--context', 'tenant=c', '-o', at('ours'))).toMatchObject({
      code: 0,
    });
    expect(sha(readFileSync(at('ours')))).toBe(sha(PLAIN));
  });
});
