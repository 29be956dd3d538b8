import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { Cell, isRecord, Model, ModelKey, type Product, redeem, type State, succeed } from '../support/kms-model.ts';
import { createKmsWire, type KmsWire } from '../support/kms-wire.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const SECONDS = FULL ? 60 : 8;
const CLIENTS = 16;
const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';
/** Old keys stay in use, but what is verified after a kill must not grow without end. */
const KEYS_OF_ONE = FULL ? 30 : 8;
const PRODUCTS_OF_ONE = 40;

/** What a key in this state answers to whoever wants to use it. */
const REFUSAL: Readonly<Record<State, string | undefined>> = {
  Enabled: undefined,
  Disabled: 'DisabledException',
  PendingDeletion: 'KMSInvalidStateException',
};

/** A seeded generator, so that a failing run can be repeated as far as the kills fall the same. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Worker {
  number: number;
  wire: KmsWire;
  random: () => number;
  model: Model;
  /** The keys that only this worker changes; everybody uses all of them. */
  own: ModelKey[];
  /** Counts what it names. */
  made: { number: number };
}

function pick<T>({ random }: Worker, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

async function createKey(worker: Worker): Promise<void> {
  const spec = pick(worker, ['SYMMETRIC_DEFAULT', 'SYMMETRIC_DEFAULT', 'ECC_NIST_P256', 'HMAC_256'] as const);
  if (spec === undefined) return;
  const usage = { SYMMETRIC_DEFAULT: 'ENCRYPT_DECRYPT', ECC_NIST_P256: 'SIGN_VERIFY', HMAC_256: 'GENERATE_VERIFY_MAC' };
  const { KeyMetadata } = await succeed(worker.wire, 'CreateKey', {
    KeySpec: spec,
    KeyUsage: usage[spec],
    Description: 'fresh',
    Tags: [{ TagKey: 'by', TagValue: String(worker.number) }],
  });
  const key = new ModelKey(isRecord(KeyMetadata) ? String(KeyMetadata['KeyId']) : '', spec, 'fresh');
  key.tag('by').value = String(worker.number);
  worker.own.push(key);
  worker.model.keys.push(key);
}

async function changeAlias(worker: Worker, key: ModelKey): Promise<void> {
  const { wire, number, model } = worker;
  const AliasName = `alias/w${number}-${Math.floor(worker.random() * 6)}`;
  const cell = model.alias(AliasName);
  if (!cell.settled) return;
  if (cell.value === undefined) {
    await cell.change(key.id, () => succeed(wire, 'CreateAlias', { AliasName, TargetKeyId: key.id }));
    return;
  }
  const target = model.keys.find(({ id }) => id === cell.value);
  if (worker.random() < 0.5 && target?.spec === key.spec) {
    await cell.change(key.id, () => succeed(wire, 'UpdateAlias', { AliasName, TargetKeyId: key.id }));
  } else await cell.change(undefined, () => succeed(wire, 'DeleteAlias', { AliasName }));
}

async function changeTag(worker: Worker, key: ModelKey): Promise<void> {
  const TagKey = `tag-${Math.floor(worker.random() * 4)}`;
  const cell = key.tag(TagKey);
  const KeyId = key.id;
  if (cell.value !== undefined && worker.random() < 0.4) {
    await cell.change(undefined, () => succeed(worker.wire, 'UntagResource', { KeyId, TagKeys: [TagKey] }));
    return;
  }
  const TagValue = String(++worker.made.number);
  await cell.change(TagValue, () => succeed(worker.wire, 'TagResource', { KeyId, Tags: [{ TagKey, TagValue }] }));
}

async function changeGrant(worker: Worker, key: ModelKey): Promise<void> {
  const KeyId = key.id;
  const [GrantId, cell] =
    pick(
      worker,
      [...key.grants].filter(([, one]) => one.value && one.settled),
    ) ?? [];
  if (cell !== undefined && worker.random() < 0.5) {
    await cell.change(false, () => succeed(worker.wire, 'RevokeGrant', { KeyId, GrantId }));
    return;
  }
  const made = await succeed(worker.wire, 'CreateGrant', {
    KeyId,
    GranteePrincipal: `arn:aws:iam::${ACCOUNT}:user/keyhold/someone`,
    Operations: ['DescribeKey'],
  });
  key.grants.set(String(made['GrantId']), new Cell(true));
}

async function changeState(worker: Worker, key: ModelKey): Promise<void> {
  const { wire } = worker;
  const KeyId = key.id;
  if (key.state.value === 'PendingDeletion') {
    await key.state.change('Disabled', () => succeed(wire, 'CancelKeyDeletion', { KeyId }));
  } else if (worker.random() < 0.2) {
    await key.state.change('PendingDeletion', () => succeed(wire, 'ScheduleKeyDeletion', { KeyId }));
  } else if (key.state.value === 'Enabled') {
    await key.state.change('Disabled', () => succeed(wire, 'DisableKey', { KeyId }));
  } else await key.state.change('Enabled', () => succeed(wire, 'EnableKey', { KeyId }));
}

async function rotate(worker: Worker, key: ModelKey): Promise<void> {
  if (key.spec !== 'SYMMETRIC_DEFAULT' || key.rotations.value >= 20) return;
  const work = () => succeed(worker.wire, 'RotateKeyOnDemand', { KeyId: key.id });
  await key.rotations.change(key.rotations.value + 1, work);
}

async function describe(worker: Worker, key: ModelKey): Promise<void> {
  const Description = `description ${++worker.made.number}`;
  await key.description.change(Description, () =>
    succeed(worker.wire, 'UpdateKeyDescription', { KeyId: key.id, Description }),
  );
}

/** Uses any key, and holds the outcome against its state where nobody changed that meanwhile. */
async function use(worker: Worker, key: ModelKey): Promise<void> {
  const { epoch, settled, value } = key.state;
  const old = worker.random() < 0.5 ? pick(worker, key.products) : undefined;
  const { status, error } = old === undefined ? await produce(worker, key) : await redeem(worker.wire, key, old);
  if (settled && key.state.epoch === epoch) expect([key.id, value, error]).toEqual([key.id, value, REFUSAL[value]]);
  else expect([undefined, 'DisabledException', 'KMSInvalidStateException']).toContain(error);
  expect(status).toBe(error === undefined ? 200 : 400);
}

async function produce(worker: Worker, key: ModelKey) {
  const { wire } = worker;
  const plaintext = Buffer.from(`${worker.number} ${++worker.made.number}`).toString('base64');
  const keep = (product: Product) => key.products.length < PRODUCTS_OF_ONE && key.products.push(product);
  if (key.spec === 'SYMMETRIC_DEFAULT') {
    const context = { worker: String(worker.number) };
    const input = { KeyId: key.id, EncryptionContext: context };
    const fresh = worker.random() < 0.3;
    const answer = fresh
      ? await wire.call('GenerateDataKey', { ...input, KeySpec: 'AES_256' })
      : await wire.call('Encrypt', { ...input, Plaintext: plaintext });
    const blob = String(answer.body['CiphertextBlob']);
    const inside = fresh ? String(answer.body['Plaintext']) : plaintext;
    if (answer.error === undefined) keep({ kind: 'ciphertext', blob, plaintext: inside, context });
    return answer;
  }
  const input = { KeyId: key.id, Message: plaintext };
  if (key.spec === 'ECC_NIST_P256') {
    const answer = await wire.call('Sign', { ...input, SigningAlgorithm: 'ECDSA_SHA_256' });
    const signature = String(answer.body['Signature']);
    if (answer.error === undefined) keep({ kind: 'signature', message: plaintext, signature });
    return answer;
  }
  const answer = await wire.call('GenerateMac', { ...input, MacAlgorithm: 'HMAC_SHA_256' });
  if (answer.error === undefined) keep({ kind: 'mac', message: plaintext, mac: String(answer.body['Mac']) });
  return answer;
}

/** Things that only work on a key which does not wait for its deletion, or only on an enabled one. */
async function step(worker: Worker): Promise<void> {
  const dice = worker.random();
  if (worker.own.length === 0 || (dice < 0.1 && worker.own.length < KEYS_OF_ONE)) return createKey(worker);
  if (dice < 0.5) return use(worker, pick(worker, worker.model.keys) ?? new ModelKey('', 'HMAC_256', ''));
  const key = pick(worker, worker.own);
  if (key === undefined || dice < 0.65) return key === undefined ? undefined : changeState(worker, key);
  if (key.state.value === 'PendingDeletion') return use(worker, key);
  if (dice < 0.73) return changeAlias(worker, key);
  if (dice < 0.82) return changeTag(worker, key);
  if (dice < 0.9) return describe(worker, key);
  if (key.state.value !== 'Enabled') return use(worker, key);
  return dice < 0.96 ? changeGrant(worker, key) : rotate(worker, key);
}

/** Works until `until` says so or the daemon is gone. */
async function work(worker: Worker, until: () => boolean): Promise<void> {
  while (!until()) {
    try {
      await step(worker);
      worker.model.acknowledged += 1;
    } catch (error) {
      if (isBroken(error)) return;
      throw error;
    }
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ECONNREFUSED');
}

test(`${CLIENTS} clients for ${SECONDS} s, kill -9 twice within: nothing acknowledged is lost`, async () => {
  const home = mkdtempSync(join(tmpdir(), 'kh-kms-kill-'));
  const random = generator(20261124);
  const model = new Model();
  let daemon: TestDaemon | undefined;
  try {
    daemon = await startTestDaemon({ home });
    await daemon.create();
    await daemon.call('account.add', { name: 'lab', accountId: ACCOUNT, kind: 'local', region: REGION });
    const keys: { accessKeyId: string; secretAccessKey: string }[] = [];
    for (let number = 0; number < CLIENTS; number += 1) {
      const { accessKeyId, secret } = await daemon.addClient({ name: `client-${number}`, account: 'lab' });
      keys.push({ accessKeyId, secretAccessKey: secret });
    }
    const workers = keys.map(
      (_key, number): Omit<Worker, 'wire'> => ({
        number,
        model,
        own: [],
        random: generator(1000 + number),
        made: { number: 0 },
      }),
    );
    const wires = (endpoint: string): KmsWire[] =>
      keys.map((key) => createKmsWire({ endpoint, region: REGION, ...key, connections: 8 }));

    for (let part = 0; part < 3; part += 1) {
      let over = false;
      const clients = wires(daemon.endpoint);
      const working = workers.map((worker, index) => {
        const wire = clients[index];
        if (wire === undefined) throw new Error('no client');
        // What a phase changed of the worker is in objects that all phases share.
        return work({ ...worker, wire }, () => over);
      });
      const failed = Promise.all(working);
      const ms = ((SECONDS * 1000) / 3) * (0.9 + random() * 0.2);
      await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, ms))]);
      if (part < 2) await daemon.kill();
      over = true;
      await failed;
      for (const wire of clients) wire.close();
      if (part === 2) await daemon.stop();

      daemon = await startTestDaemon({ home });
      await daemon.unlock();
      const [reader, ...others] = wires(daemon.endpoint);
      if (reader === undefined) throw new Error('no client');
      await model.verify(reader);
      const report = await daemon.call('vault.check', {});
      expect(report).toMatchObject({ ok: true, findings: [] });
      if (part === 2) {
        const redeemed = await model.redeem(reader);
        console.log(
          `${model.acknowledged} calls acknowledged, ${model.keys.length} keys, ${redeemed} ciphertexts, signatures and MACs taken back`,
        );
      }
      for (const wire of [reader, ...others]) wire.close();
    }
    expect(await daemon.call('audit.verify', {})).toMatchObject({ ok: true });
    expect(model.acknowledged).toBeGreaterThan(CLIENTS * 10);
  } finally {
    await daemon?.kill();
    rmSync(home, { recursive: true, force: true });
  }
});
