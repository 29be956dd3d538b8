import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { PASSWORD } from '../support/hsm.ts';
import { isRecord, succeed } from '../support/kms-model.ts';
import { createKmsWire, type KmsWire } from '../support/kms-wire.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const REGION = 'eu-central-1';
const OTHER_REGION = 'eu-west-1';
const CONTEXT = { tenant: 'ä', stage: 'test' };

interface Client {
  accessKeyId: string;
  secretAccessKey: string;
}

/** Something that Decrypt takes, and what it has to answer. */
interface Ciphertext {
  what: string;
  input: Record<string, unknown>;
  plaintext: string;
}

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64');

let daemon: TestDaemon;
let lab: Client;
let other: Client;
const wires: KmsWire[] = [];

function connect(client: Client, region = REGION, at = daemon): KmsWire {
  const wire = createKmsWire({ endpoint: at.endpoint, region, ...client, connections: 8 });
  wires.push(wire);
  return wire;
}

async function newClient(account: string, accountId: string): Promise<Client> {
  await daemon.call('account.add', { name: account, accountId, kind: 'local', region: REGION });
  const { accessKeyId, secret } = await daemon.addClient({ name: account, account });
  return { accessKeyId, secretAccessKey: secret };
}

async function newKey(wire: KmsWire, input: Record<string, unknown> = {}): Promise<string> {
  const { KeyMetadata } = await succeed(wire, 'CreateKey', input);
  return isRecord(KeyMetadata) ? String(KeyMetadata['KeyId']) : '';
}

beforeAll(async () => {
  daemon = await startTestDaemon({ home: mkdtempSync(join(tmpdir(), 'kh-blobs-')) });
  await daemon.create();
  lab = await newClient('lab', '123456789012');
  other = await newClient('other', '210987654321');
});
afterAll(async () => {
  for (const wire of wires) wire.close();
  await daemon.stop();
  rmSync(daemon.home, { recursive: true, force: true });
});

/** One of each kind that there is. */
async function makeCiphertexts(wire: KmsWire, KeyId: string): Promise<Ciphertext[]> {
  const EncryptionContext = CONTEXT;
  const plaintext = base64('keep me');
  const encrypted = await succeed(wire, 'Encrypt', { KeyId, Plaintext: plaintext, EncryptionContext });
  const dataKey = await succeed(wire, 'GenerateDataKey', { KeyId, KeySpec: 'AES_256', EncryptionContext });
  const pair = await succeed(wire, 'GenerateDataKeyPair', { KeyId, KeyPairSpec: 'ECC_NIST_P256', EncryptionContext });
  const moved = await succeed(wire, 'ReEncrypt', {
    CiphertextBlob: encrypted['CiphertextBlob'],
    SourceEncryptionContext: EncryptionContext,
    DestinationKeyId: KeyId,
  });
  const rsa = await newKey(wire, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';
  const sealed = await succeed(wire, 'Encrypt', { KeyId: rsa, Plaintext: plaintext, EncryptionAlgorithm });
  const bound = (CiphertextBlob: unknown) => ({ CiphertextBlob, EncryptionContext });
  return [
    { what: 'Encrypt', input: bound(encrypted['CiphertextBlob']), plaintext },
    { what: 'GenerateDataKey', input: bound(dataKey['CiphertextBlob']), plaintext: String(dataKey['Plaintext']) },
    {
      what: 'GenerateDataKeyPair',
      input: bound(pair['PrivateKeyCiphertextBlob']),
      plaintext: String(pair['PrivateKeyPlaintext']),
    },
    { what: 'ReEncrypt', input: { CiphertextBlob: moved['CiphertextBlob'] }, plaintext },
    {
      what: 'Encrypt with RSA',
      input: { CiphertextBlob: sealed['CiphertextBlob'], KeyId: rsa, EncryptionAlgorithm },
      plaintext,
    },
  ];
}

async function expectAll(wire: KmsWire, ciphertexts: readonly Ciphertext[], when: string): Promise<void> {
  for (const { what, input, plaintext } of ciphertexts) {
    const { error, body } = await wire.call('Decrypt', input);
    expect([when, what, error, body['Plaintext']]).toEqual([when, what, undefined, plaintext]);
  }
}

describe('a ciphertext', () => {
  it('decrypts after rotations, a restart, and in a restored backup', async () => {
    let wire = connect(lab);
    const KeyId = await newKey(wire, { MultiRegion: true });
    const all = await makeCiphertexts(wire, KeyId);
    await expectAll(wire, all, 'at once');

    for (let count = 0; count < 3; count += 1) {
      await succeed(wire, 'RotateKeyOnDemand', { KeyId });
      await expectAll(wire, all, `after rotation ${count + 1}`);
      all.push(...(await makeCiphertexts(wire, KeyId)));
    }
    await succeed(wire, 'ReplicateKey', { KeyId, ReplicaRegion: OTHER_REGION });
    const replica = connect(lab, OTHER_REGION);
    await expect
      .poll(async () => (await replica.call('Decrypt', all[0]?.input ?? {})).error, { timeout: 20_000 })
      .toBe(undefined);
    const symmetric = all.filter(({ input }) => !('KeyId' in input));
    await expectAll(replica, symmetric, 'in the other Region');

    await daemon.call('vault.lock', {});
    expect(await wire.call('Decrypt', all[0]?.input ?? {})).not.toMatchObject({ status: 200 });
    await daemon.unlock();
    await expectAll(wire, all, 'after locking');

    const { home } = daemon;
    await daemon.stop();
    daemon = await startTestDaemon({ home });
    await daemon.unlock();
    wire = connect(lab);
    await expectAll(wire, all, 'after a restart');
    await daemon.kill();
    daemon = await startTestDaemon({ home });
    await daemon.unlock();
    wire = connect(lab);
    await expectAll(wire, all, 'after a kill');

    const path = join(home, 'backup.keyhold');
    expect(await daemon.call('vault.backup', { path })).toMatchObject({ report: { ok: true } });
    // What happens after the backup must not matter to it.
    await succeed(wire, 'RotateKeyOnDemand', { KeyId });
    const later = await makeCiphertexts(wire, KeyId);
    const restored = await startTestDaemon();
    try {
      await restored.client.callSealed('vault.restore', async (seal) => ({
        path,
        secret: { factor: 'password', sealed: await seal('password', new TextEncoder().encode(PASSWORD)) },
      }));
      await restored.unlock();
      const there = connect(lab, REGION, restored);
      await expectAll(there, all, 'in the restored backup');
      expect(await there.call('Decrypt', later[0]?.input ?? {})).toMatchObject({ error: 'InvalidCiphertextException' });
    } finally {
      await restored.stop();
    }
    await expectAll(wire, [...all, ...later], 'at the end');
  });

  it('decrypts in a vault rebuilt from a mirror, and in a mirror rebuilt from the vault', async () => {
    const home = mkdtempSync(join(tmpdir(), 'kh-lost-'));
    const stick = mkdtempSync(join(tmpdir(), 'kh-stick-'));
    let own = await startTestDaemon({ home });
    try {
      await own.create();
      await own.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: REGION });
      const { accessKeyId, secret } = await own.addClient({ name: 'lab', account: 'lab' });
      const client = { accessKeyId, secretAccessKey: secret };
      const inStep = () =>
        vi.waitFor(
          async () => {
            const { copies } = await own.call('hsm.status', {});
            expect(copies.map(({ state }) => state)).toEqual(['in-step', 'in-step']);
          },
          { timeout: 30_000, interval: 50 },
        );
      const restart = async (lost: string) => {
        await own.stop();
        for (const suffix of ['', '-wal', '-shm']) rmSync(lost + suffix, { force: true });
        own = await startTestDaemon({ home });
        await own.unlock();
        return connect(client, REGION, own);
      };
      const wire = connect(client, REGION, own);
      const KeyId = await newKey(wire);
      const before = await makeCiphertexts(wire, KeyId);
      const { path: mirror } = await own.call('hsm.mirrorAdd', { path: stick });
      await succeed(wire, 'RotateKeyOnDemand', { KeyId });
      const all = [...before, ...(await makeCiphertexts(wire, KeyId))];

      const rebuilt = await restart(join(home, 'vault.keyhold'));
      expect((await own.call('hsm.status', {})).rebuilt?.from).toBe(mirror);
      await expectAll(rebuilt, all, 'after the vault was lost');
      all.push(...(await makeCiphertexts(rebuilt, KeyId)));

      await expectAll(await restart(mirror), all, 'after the mirror was lost');
      await inStep();
      await expectAll(await restart(join(home, 'vault.keyhold')), all, 'in the vault rebuilt from the mirror rebuilt');
    } finally {
      await own.stop();
      for (const folder of [home, stick]) rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is of no use in another account, Region, vault or context, nor with another key', async () => {
    const wire = connect(lab);
    const KeyId = await newKey(wire);
    const [first] = await makeCiphertexts(wire, KeyId);
    const input = first?.input ?? {};
    const refused = async (who: KmsWire, more: Record<string, unknown>) => {
      const { status, error, body } = await who.call('Decrypt', { ...input, ...more });
      expect(body).not.toHaveProperty('Plaintext');
      expect(status).toBe(400);
      return error;
    };
    const stranger = connect(other);
    expect(await refused(stranger, {})).toBe('AccessDeniedException');
    expect(await refused(stranger, { KeyId: await newKey(stranger) })).toBe('IncorrectKeyException');
    expect(await refused(connect(lab, OTHER_REGION), {})).toBe('AccessDeniedException');
    expect(await refused(wire, { KeyId: await newKey(wire) })).toBe('IncorrectKeyException');
    for (const EncryptionContext of [
      undefined,
      {},
      { tenant: 'ä' },
      { ...CONTEXT, more: 'x' },
      { ...CONTEXT, tenant: 'a' },
      { ...CONTEXT, stage: 'Test' },
      { Tenant: 'ä', stage: 'test' },
      { tenant: 'test', stage: 'ä' },
      // The same letters, written with a combining mark.
      { ...CONTEXT, tenant: 'a\u0308' },
      { tenant: 'ästagetest' },
    ]) {
      expect([EncryptionContext, await refused(wire, { EncryptionContext })]).toEqual([
        EncryptionContext,
        'InvalidCiphertextException',
      ]);
    }
    // The order of the pairs means nothing.
    const turned = { stage: 'test', tenant: 'ä' };
    expect(await wire.call('Decrypt', { ...input, EncryptionContext: turned })).toMatchObject({ status: 200 });

    const foreign = await startTestDaemon();
    try {
      await foreign.create();
      await foreign.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: REGION });
      const { accessKeyId, secret } = await foreign.addClient({ name: 'lab', account: 'lab' });
      const there = connect({ accessKeyId, secretAccessKey: secret }, REGION, foreign);
      expect(await refused(there, {})).toBe('InvalidCiphertextException');
    } finally {
      await foreign.stop();
    }
  });

  it(`edited in any byte is refused, ${FULL ? 'whatever the edit' : 'a sample of edits'}`, async () => {
    const wire = connect(lab);
    const KeyId = await newKey(wire);
    const another = await newKey(wire);
    const [plain, , , , rsa] = await makeCiphertexts(wire, KeyId);
    const [spliced] = await makeCiphertexts(wire, another);
    if (plain === undefined || rsa === undefined || spliced === undefined) throw new Error('no ciphertexts');
    const blobOf = ({ input }: Ciphertext) => Buffer.from(String(input['CiphertextBlob']), 'base64');
    const untouched = [plain, rsa, spliced].map(blobOf);
    const edits: { what: string; input: Record<string, unknown> }[] = [];
    const add = (from: Ciphertext, what: string, bytes: Uint8Array) => {
      if (bytes.length > 0 && !untouched.some((one) => one.equals(bytes)))
        edits.push({ what, input: { ...from.input, CiphertextBlob: base64(bytes) } });
    };
    for (const from of [plain, { ...plain, input: { ...plain.input, KeyId } }, rsa]) {
      const blob = blobOf(from);
      // Without FULL every byte of the symmetric blob is edited in one bit, and every eighth of the RSA one.
      const every = FULL || from !== rsa ? 1 : 8;
      for (let at = 0; at < blob.length; at += every) {
        for (let bit = 0; bit < 8; bit += 1) {
          if (!FULL && bit !== at % 8) continue;
          const edited = Buffer.from(blob);
          edited[at] = (edited[at] ?? 0) ^ (1 << bit);
          add(from, `byte ${at}, bit ${bit}`, edited);
        }
      }
      for (let length = 1; length < blob.length; length += FULL ? 1 : 7) {
        add(from, `the first ${length} bytes`, blob.subarray(0, length));
        add(from, `without the first ${length} bytes`, blob.subarray(length));
      }
      add(from, 'with a byte more', Buffer.concat([blob, Buffer.of(0)]));
      add(from, 'twice', Buffer.concat([blob, blob]));
    }
    const [a, b] = [blobOf(plain), blobOf(spliced)];
    for (let cut = 1; cut < a.length; cut += FULL ? 1 : 5) {
      add(
        plain,
        `${cut} bytes of it and the rest of another key's`,
        Buffer.concat([a.subarray(0, cut), b.subarray(cut)]),
      );
      add(plain, `${cut} bytes of another key's and the rest`, Buffer.concat([b.subarray(0, cut), a.subarray(cut)]));
    }
    const wrong: string[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let edit = edits[next++]; edit !== undefined; edit = edits[next++]) {
        const { status, error, body } = await wire.call('Decrypt', edit.input);
        if (status !== 400 || error !== 'InvalidCiphertextException' || 'Plaintext' in body) {
          wrong.push(`${edit.what}: ${status} ${error}`);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(wrong).toEqual([]);
    await expectAll(wire, [plain, rsa, spliced], 'afterwards');
    console.log(`${edits.length} edited ciphertexts refused`);
  });
});
