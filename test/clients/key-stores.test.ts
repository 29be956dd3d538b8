import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { type ResidentAws, startResidentAws } from '../support/resident-aws.ts';
import { missing } from '../support/scenario.ts';
import { hasPkcs11Tool, PIN, SoftHsm, whyNoSoftHsm } from '../support/softhsm.ts';

const reason = missing('aws', ['kms', 'help'], 'the AWS CLI') ?? whyNoSoftHsm();
const REGION = 'eu-central-1';

type Json = Record<string, unknown>;

/** A custom key store on SoftHSM2 as a person uses it: the AWS CLI against the daemon, and OpenSC's tool to look into the token. */
describe.skipIf(reason !== null)(
  `a key store on SoftHSM2 with the AWS CLI${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let daemon: TestDaemon;
    let resident: ResidentAws;
    let soft: SoftHsm;
    let folder: string;
    let env: NodeJS.ProcessEnv;
    let cluster: string;
    let store: string;
    let files = 0;

    beforeAll(async () => {
      soft = new SoftHsm();
      soft.init('vault-room');
      [daemon, resident] = await Promise.all([startTestDaemon(), startResidentAws()]);
      await daemon.create();
      await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: REGION });
      const token = await daemon.client.callSealed('token.add', async (seal) => ({
        name: 'room',
        module: soft.library,
        environment: soft.environment,
        label: 'vault-room',
        pin: await seal('token-pin', new TextEncoder().encode(PIN)),
      }));
      cluster = token.clusterId;
      const { accessKeyId, secret, endpoint } = await daemon.addClient({ name: 'stores', account: 'lab' });
      folder = mkdtempSync(join(tmpdir(), 'kh-stores-'));
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
      resident?.close();
      await daemon?.stop();
      soft?.dispose();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    const attempt = (...args: string[]) => resident.run(['kms', ...args], env);
    const aws = async (...args: string[]): Promise<Json> => {
      const result = await attempt(...args);
      expect(result.stderr, args.join(' ')).toBe('');
      return result.stdout.trim() === '' ? {} : JSON.parse(result.stdout);
    };
    const refused = async (...args: string[]): Promise<string> => {
      const result = await attempt(...args);
      expect(result.code, args.join(' ')).not.toBe(0);
      return result.stderr.trim();
    };
    const file = (bytes: Uint8Array): string => {
      const path = join(folder, `blob-${files++}`);
      writeFileSync(path, bytes);
      return `fileb://${path}`;
    };
    const blob = (value: unknown): Buffer => Buffer.from(String(value), 'base64');
    const connectionState = async (): Promise<unknown> => {
      const { CustomKeyStores } = await aws('describe-custom-key-stores', '--custom-key-store-id', store);
      return (CustomKeyStores as Json[])[0]?.['ConnectionState'];
    };
    const connect = async (): Promise<void> => {
      await aws('connect-custom-key-store', '--custom-key-store-id', store);
      while ((await connectionState()) === 'CONNECTING');
      expect(await connectionState()).toBe('CONNECTED');
    };
    const create = async (...args: string[]): Promise<string> => {
      const inStore = ['--origin', 'AWS_CLOUDHSM', '--custom-key-store-id', store];
      const { KeyMetadata } = await aws('create-key', ...inStore, ...args);
      return String((KeyMetadata as Json)['KeyId']);
    };

    it('create, encrypt, decrypt, sign, disconnect, reconnect; the objects are sensitive and not extractable', async () => {
      const named = ['--custom-key-store-name', 'room', '--cloud-hsm-cluster-id', cluster];
      store = String((await aws('create-custom-key-store', ...named))['CustomKeyStoreId']);
      expect(store).toMatch(/^cks-[0-9a-f]{17}$/);
      expect(await refused('create-key', '--origin', 'AWS_CLOUDHSM', '--custom-key-store-id', store)).toMatch(
        /\(CustomKeyStoreInvalidStateException\)/,
      );
      await connect();

      const key = await create();
      const signer = await create('--key-spec', 'ECC_NIST_P256', '--key-usage', 'SIGN_VERIFY');
      expect((await aws('describe-key', '--key-id', key))['KeyMetadata']).toMatchObject({
        Origin: 'AWS_CLOUDHSM',
        CustomKeyStoreId: store,
        CloudHsmClusterId: cluster,
        KeyState: 'Enabled',
      });

      const context = ['--encryption-context', 'tenant=a'];
      const plaintext = file(Buffer.from('in the token'));
      const sealed = await aws('encrypt', '--key-id', key, '--plaintext', plaintext, ...context);
      const ciphertext = file(blob(sealed['CiphertextBlob']));
      const decrypt = ['decrypt', '--ciphertext-blob', ciphertext];
      expect(blob((await aws(...decrypt, ...context))['Plaintext']).toString()).toBe('in the token');
      expect(await refused(...decrypt)).toMatch(/\(InvalidCiphertextException\)/);

      const message = Buffer.from('to be signed');
      const sign = ['sign', '--key-id', signer, '--message', file(message), '--signing-algorithm', 'ECDSA_SHA_256'];
      const signature = blob((await aws(...sign))['Signature']);
      const spki = blob((await aws('get-public-key', '--key-id', signer))['PublicKey']);
      const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
      expect(verifySignature('sha256', message, publicKey, signature)).toBe(true);

      if (hasPkcs11Tool) {
        const listed = soft.tool('--token-label', 'vault-room', '--login', '--pin', PIN, '--list-objects');
        const objects = listed.split(/^(?=\w.* Object;)/m).filter((one) => one.includes('keyhold kms'));
        const guarded = objects.filter((one) => !one.startsWith('Public Key'));
        expect(guarded.map((one) => one.split(';')[0]).sort()).toEqual(['Private Key Object', 'Secret Key Object']);
        for (const one of guarded)
          expect(one).toMatch(/Access: +sensitive, always sensitive, never extractable, local/);
      }

      await aws('disconnect-custom-key-store', '--custom-key-store-id', store);
      expect((await aws('describe-key', '--key-id', key))['KeyMetadata']).toMatchObject({ KeyState: 'Unavailable' });
      expect(await refused(...decrypt, ...context)).toMatch(/\(KMSInvalidStateException\).*is unavailable\./);
      expect(await refused(...sign)).toMatch(/\(KMSInvalidStateException\).*is unavailable\./);
      await connect();
      expect(blob((await aws(...decrypt, ...context))['Plaintext']).toString()).toBe('in the token');
      expect(blob((await aws(...sign))['Signature']).length).toBeGreaterThan(60);
    });
  },
);
