import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeAccountEnd, encodeAccountEntry, encodeAccountHeader } from '../../../src/core/crypto/account-file.ts';
import { sweepKms } from '../../../src/core/kms/sweep.ts';
import { exportAccount, importAccount, importMaterial, PASSPHRASE } from '../../support/account-file.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { FLOOR, sealFor } from '../../support/hsm.ts';
import { LAB_ID, type Lab, newKey, REGION, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';
import { readAccountFile } from '../../support/second-reader.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const SAMPLE = 60;
/** Each try costs an Argon2id. */
const EVERY_BYTE_MS = FULL ? 3_600_000 : 60_000;
const DAY = 86_400_000;
const POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}}';

let folder: string;
let file: string;
let lab: Lab;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kh-account-'));
  file = join(folder, 'lab.keyhold-account');
  lab = await startLab();
});
afterAll(async () => {
  await lab.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** A vault that has never had the account. */
async function otherVault(): Promise<TestCore> {
  const core = startTestCore({ clock: lab.clock });
  await core.create();
  return core;
}

describe('an account that goes to another vault', () => {
  let home: Lab;
  const made: Record<string, { id: string; arn: string }> = {};
  const ciphertexts: { key: string; blob: Uint8Array; at: string }[] = [];
  let external: { id: string; material: Buffer; materialId: string };
  let expiring: { id: string; material: Uint8Array; materialId: string };
  let signature: Uint8Array;
  let grantToken: string;
  let before: unknown;

  const encrypt = async (key: string, at: string): Promise<void> => {
    const { CiphertextBlob = new Uint8Array() } = await lab.root.encrypt({
      KeyId: key,
      Plaintext: utf8(`for ${at}`),
      EncryptionContext: { at },
    });
    ciphertexts.push({ key, blob: CiphertextBlob, at });
  };
  const summaries = async (core: TestCore) =>
    (await core.client.call('kms.keys', {})).keys
      .filter(({ account }) => account === 'lab')
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));

  beforeAll(async () => {
    const { root } = lab;
    made['plain'] = await newKey(root, { Description: 'plain', Tags: [{ TagKey: 'team', TagValue: 'blue' }] });
    await encrypt(made['plain'].id, 'before rotation');
    await root.rotateKeyOnDemand({ KeyId: made['plain'].id });
    await encrypt(made['plain'].id, 'after rotation');
    await root.createAlias({ AliasName: 'alias/backup', TargetKeyId: made['plain'].id });
    await root.enableKeyRotation({ KeyId: made['plain'].id, RotationPeriodInDays: 100 });
    made['sign'] = await newKey(root, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const signed = await root.sign({
      KeyId: made['sign'].id,
      Message: utf8('x'),
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    signature = signed.Signature ?? new Uint8Array();
    made['mac'] = await newKey(root, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    made['global'] = await newKey(root, { MultiRegion: true });
    await encrypt(made['global'].id, 'the primary Region');
    await root.replicateKey({ KeyId: made['global'].id, ReplicaRegion: 'us-west-2' });
    made['off'] = await newKey(root);
    await root.disableKey({ KeyId: made['off'].id });
    made['dying'] = await newKey(root);
    await root.scheduleKeyDeletion({ KeyId: made['dying'].id, PendingWindowInDays: 7 });
    const grantee = `arn:aws:iam::${LAB_ID}:user/keyhold/ci`;
    const grant = await root.createGrant({
      KeyId: made['plain'].id,
      GranteePrincipal: grantee,
      Operations: ['Decrypt'],
    });
    grantToken = grant.GrantToken ?? '';

    const one = await newKey(root, { Origin: 'EXTERNAL' });
    const material = randomBytes(32);
    external = { id: one.id, material, materialId: await importMaterial(root, one.id, material) };
    await encrypt(one.id, 'imported material');
    const two = await newKey(root, { Origin: 'EXTERNAL' });
    const short = randomBytes(32);
    const validTo = new Date(lab.clock.now() + 10 * DAY);
    expiring = { id: two.id, material: short, materialId: await importMaterial(root, two.id, short, validTo) };

    const { session } = lab.core.running.core;
    await session().write(
      'daemon',
      async (draft) => {
        const secret = { id: session().newId() };
        const attributes = {
          class: 'secret-key',
          spec: 'CLIENT_SECRET_KEY',
          usage: ['sigv4'],
          extractable: false,
        } as const;
        const made = await session().hsm.call('generateObject', {
          id: secret.id,
          attributes: { ...attributes, usage: [...attributes.usage], label: 'proxy', createdAt: 1, policy: {} },
        });
        draft.putObject(secret.id, 1, made.blob);
        draft.put('kmsKeyStore', session().newId(), {
          account: session().things.byName('account', 'lab').id,
          region: REGION,
          storeId: 'cks-1234567890abcdef0',
          name: 'outside',
          createdAt: 1,
          connected: true,
          backing: {
            type: 'EXTERNAL_KEY_STORE',
            connectivity: 'PUBLIC_ENDPOINT',
            uriEndpoint: 'https://proxy.example',
            uriPath: '/kms/xks/v1',
            accessKeyId: 'PROXYKEY',
            secret,
          },
        });
        return () => undefined;
      },
      ['account', 'kmsKeyStore'],
    );
    await lab.user('ci', [{ Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }]);
    await lab.core.issue({ profile: 'lab', purpose: 'exec' });
    // A replica is being made for a while.
    lab.clock.advance(60_000);
    expect(await exportAccount(lab.core.client, file)).toMatchObject({ path: file, profiles: 1, keyStores: 1 });
    before = await summaries(lab.core);

    home = await startLab();
    await home.core.client.call('account.remove', { name: 'lab', cascade: true });
    home.clock.advance(60_000);
    await importAccount(home.core.client, file);
  });
  afterAll(() => home.dispose());

  test('is one private file, and the log names who went with it', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name !== 'lab.keyhold-account')).toEqual([]);
    expect(readFileSync(file).includes(external.material)).toBe(false);
    const { entries } = await lab.core.client.call('audit.list', { kind: 'change', text: 'account.export' });
    expect(entries[0]?.event).toMatchObject({ target: file, account: 'lab', decision: 'allowed' });
    const there = await home.core.client.call('audit.list', { kind: 'change', limit: 50 });
    const told = there.entries.map(({ event }) => `${event.action} ${event.target}`);
    expect(told).toEqual(expect.arrayContaining(['account.import lab', 'profile.add lab', 'client.add ci']));
  });

  test('has its keys with ids, ARNs, states, dates, aliases and tags as they were', async () => {
    expect(await summaries(home.core)).toEqual(before);
    expect(await home.core.client.call('vault.check', {})).toMatchObject({ ok: true, findings: [] });
  });

  test('decrypts what was encrypted before, in every Region and under every old key material', async () => {
    const root = await home.rootIn(REGION);
    const west = await home.rootIn('us-west-2');
    for (const { blob, at } of ciphertexts) {
      const context = { EncryptionContext: { at } };
      expect(text((await root.decrypt({ CiphertextBlob: blob, ...context })).Plaintext)).toBe(`for ${at}`);
    }
    const [primary] = ciphertexts.filter(({ at }) => at === 'the primary Region');
    const decrypted = await west.decrypt({
      CiphertextBlob: primary?.blob,
      EncryptionContext: { at: 'the primary Region' },
    });
    expect(text(decrypted.Plaintext)).toBe('for the primary Region');
    const verified = await root.verify({
      KeyId: made['sign']?.id,
      Message: utf8('x'),
      Signature: signature,
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    expect(verified.SignatureValid).toBe(true);
  });

  test('its key stores come along disconnected and without their credential', async () => {
    const storesOf = async ({ core }: Lab) =>
      (await core.running.core.session().need('kmsKeyStore')).all('kmsKeyStore');
    const [[there], [here]] = [await storesOf(lab), await storesOf(home)];
    expect(there?.value.connected).toBe(true);
    expect(here?.value).toMatchObject({ name: 'outside', connected: false });
    const secretOf = (store: typeof here) =>
      store?.value.backing.type === 'EXTERNAL_KEY_STORE' ? store.value.backing.secret.id : '';
    expect(secretOf(here)).not.toBe(secretOf(there));
    expect((await readAccountFile(file, PASSPHRASE)).records.map(({ id }) => id)).not.toContain(secretOf(there));
    expect(home.core.running.core.session().vault.ids('object')).toContain(secretOf(here));
  });

  test('its clients, policies and grants hold as before, and keys for one run stay behind', async () => {
    const { clients } = await home.core.client.call('client.list', {});
    const own = clients.filter(({ account }) => account === 'lab').map(({ name }) => name);
    expect(own).toEqual(expect.arrayContaining(['ci', 'root lab 0']));
    expect(clients.filter(({ purpose }) => purpose !== 'tool')).toEqual([]);
    const root = await home.rootIn(REGION);
    const { Grants = [] } = await root.listGrants({ KeyId: made['plain']?.id });
    expect(Grants).toMatchObject([{ Operations: ['Decrypt'] }]);
    await root.retireGrant({ GrantToken: grantToken });
    expect((await root.listGrants({ KeyId: made['plain']?.id })).Grants).toEqual([]);
  });

  test('goes on: rotation, new keys, and the same imported material is known again', async () => {
    const root = await home.rootIn(REGION);
    await root.rotateKeyOnDemand({ KeyId: made['plain']?.id });
    await newKey(root);
    await root.deleteImportedKeyMaterial({ KeyId: external.id });
    expect(await importMaterial(root, external.id, external.material)).toBe(external.materialId);
    await root.deleteImportedKeyMaterial({ KeyId: external.id });
    expect((await refusal(importMaterial(root, external.id, randomBytes(32)))).name).toBe(
      'IncorrectKeyMaterialException',
    );
    await importMaterial(root, external.id, external.material);
  });

  test('what was due by the clock still is: deletion, and the end of imported material', async () => {
    const root = await home.rootIn(REGION);
    home.clock.advance(8 * DAY);
    await sweepKms(home.core.running.core.session(), home.core.running.core.ports);
    expect((await refusal(root.describeKey({ KeyId: made['dying']?.id }))).name).toBe('NotFoundException');
    home.clock.advance(3 * DAY);
    await sweepKms(home.core.running.core.session(), home.core.running.core.ports);
    const { KeyMetadata } = await root.describeKey({ KeyId: expiring.id });
    expect(KeyMetadata?.KeyState).toBe('PendingImport');
  });

  test('can be exported on, and removed without a trace', async () => {
    const next = join(folder, 'next.keyhold-account');
    await exportAccount(home.core.client, next);
    const third = await otherVault();
    const { account } = await importAccount(third.client, next, { name: 'moved' });
    expect(account).toMatchObject({ name: 'moved', accountId: LAB_ID });
    expect((await third.client.call('profile.list', {})).profiles).toMatchObject([{ name: 'moved', account: 'moved' }]);
    const objects = third.running.core.session().vault.ids('object').length;
    expect(objects).toBeGreaterThan(10);
    await third.client.call('account.remove', { name: 'moved', cascade: true });
    expect(third.running.core.session().vault.ids('object')).toEqual([]);
    await third.dispose();
    rmSync(next);
  });

  test('is what a second reader of the file finds in it', async () => {
    const read = await readAccountFile(file, PASSPHRASE);
    const kinds = Map.groupBy(read.records, ({ kind }) => kind);
    expect(kinds.get('account')).toHaveLength(1);
    expect(kinds.get('kmsKey')?.length).toBe((await summaries(lab.core)).length);
    expect(kinds.get('kmsAlias')).toHaveLength(1);
    expect(kinds.get('client')?.map(({ payload }) => JSON.parse(payload.toString()).purpose)).not.toContain('exec');
    const materials = (kinds.get('object') ?? []).map(({ payload }) => payload);
    expect(materials.some((payload) => payload.subarray(-32).equals(external.material))).toBe(true);
    await expect(readAccountFile(file, 'another passphrase')).rejects.toThrow('the passphrase does not open it');
  });
});

describe('taking an account in', () => {
  let small: Lab;
  let path: string;
  let bytes: Buffer;
  let target: TestCore;
  beforeAll(async () => {
    small = await startLab();
    await newKey(small.root);
    await small.user('ci', [JSON.parse(POLICY).Statement]);
    path = join(folder, 'small.keyhold-account');
    await exportAccount(small.core.client, path);
    bytes = readFileSync(path);
    target = await otherVault();
  });
  afterAll(async () => {
    await small.dispose();
    await target.dispose();
  });
  const empty = async (): Promise<void> => {
    expect((await target.client.call('account.list', {})).accounts).toEqual([]);
    expect(target.running.core.session().vault.ids('object')).toEqual([]);
  };
  /** What the import of these bytes is refused with. */
  const refused = async (content: Uint8Array): Promise<unknown> => {
    const edited = join(folder, 'edited');
    writeFileSync(edited, content);
    const outcome = await importAccount(target.client, edited).then(
      () => 'imported',
      (error: { code: string }) => error.code,
    );
    await empty();
    return outcome;
  };

  test('a wrong passphrase is refused without a hint, and the right one still fits', async () => {
    await expect(importAccount(target.client, path, { passphrase: 'wrong' })).rejects.toMatchObject({
      code: 'WrongSecret',
    });
    await empty();
    const { entries } = await target.client.call('audit.list', { decision: 'denied' });
    expect(entries[0]?.event).toMatchObject({ action: 'account.import', target: path, reason: 'wrong passphrase' });
  });

  test('a foreign, an empty and a missing file are refused by name', async () => {
    expect(await refused(readFileSync(join(target.home, 'vault.keyhold')))).toBe('AccountFileForeign');
    expect(await refused(new Uint8Array())).toBe('AccountFileForeign');
    await expect(importAccount(target.client, join(folder, 'nothing'))).rejects.toMatchObject({ code: 'NotFound' });
    await expect(importAccount(target.client, folder)).rejects.toMatchObject({ code: 'AccountFileForeign' });
    await expect(importAccount(target.client, 'lab.keyhold-account')).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('a newer format is refused by name', async () => {
    const newer = Buffer.from(bytes);
    newer.writeUInt32BE(2, 16);
    expect(await refused(newer)).toBe('AccountFileTooNew');
  });

  test('Argon2id parameters below the floor are refused before anything is derived', async () => {
    const cheap = Buffer.from(bytes.toString('latin1').replace('"passes":3', '"passes":1'), 'latin1');
    expect(cheap.equals(bytes)).toBe(false);
    expect(await refused(cheap)).toBe('AccountFileDamaged');
  });

  test('every cut is refused, and so is what follows the end', { timeout: EVERY_BYTE_MS }, async () => {
    const cut = join(folder, 'cut');
    const lengths = FULL
      ? Array.from({ length: bytes.length }, (_, at) => at)
      : fc.sample(fc.nat(bytes.length - 1), 25);
    const { header, entries } = splitFile(bytes);
    const afterFirst = header.length + (entries[0]?.length ?? 0);
    for (const length of [16, 20, header.length, afterFirst, bytes.length - 1, ...lengths]) {
      writeFileSync(cut, bytes);
      truncateSync(cut, length);
      const code = length === 0 ? 'AccountFileForeign' : 'AccountFileDamaged';
      await expect(importAccount(target.client, cut)).rejects.toMatchObject({ code });
    }
    expect(await refused(Buffer.concat([bytes, Buffer.from([0])]))).toBe('AccountFileDamaged');
    expect(await refused(Buffer.concat([bytes, bytes]))).toBe('AccountFileDamaged');
  });

  test(`${FULL ? 'every' : `${SAMPLE} of every`} byte flipped: a named error, and nothing is written`, {
    timeout: EVERY_BYTE_MS,
  }, async () => {
    const named = ['AccountFileDamaged', 'AccountFileForeign', 'AccountFileTooNew', 'WrongSecret'];
    const all = Array.from({ length: bytes.length }, (_, at) => at);
    const places = FULL ? all : fc.sample(fc.nat(bytes.length - 1), SAMPLE);
    for (const at of places) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[at] ?? 0) ^ (1 << (at % 8)), at);
      expect([at, named.includes(String(await refused(flipped)))]).toEqual([at, true]);
    }
  });

  test('entries that change places, repeat, go or come from another file are refused', async () => {
    const parts = splitFile(bytes);
    const [first = Buffer.alloc(0), second = Buffer.alloc(0), ...rest] = parts.entries;
    const whole = (entries: Buffer[]) => Buffer.concat([parts.header, ...entries, parts.end]);
    expect(whole(parts.entries).equals(bytes)).toBe(true);
    expect(await refused(whole([second, first, ...rest]))).toBe('AccountFileDamaged');
    expect(await refused(whole([first, ...rest]))).toBe('AccountFileDamaged');
    expect(await refused(whole([first, first, second, ...rest]))).toBe('AccountFileDamaged');
    const again = join(folder, 'again');
    await exportAccount(small.core.client, again);
    const other = splitFile(readFileSync(again));
    expect(await refused(whole([first, ...other.entries.slice(1)]))).toBe('AccountFileDamaged');
    expect(await refused(Buffer.concat([parts.header, ...other.entries, other.end]))).toBe('AccountFileDamaged');
  });

  test('names and ids that are taken are refused with what to do, and --name helps', async () => {
    const vault = await otherVault();
    const taken = { code: 'AlreadyExists' };
    await vault.client.call('account.add', { name: 'twin', accountId: LAB_ID, kind: 'local' });
    await expect(importAccount(vault.client, path)).rejects.toMatchObject({
      ...taken,
      message: expect.stringMatching(/twin has the id 123456789012 already.*account remove twin --cascade/),
    });
    await vault.client.call('account.remove', { name: 'twin', cascade: true });
    await vault.client.call('account.add', { name: 'Lab', accountId: '1'.repeat(12), kind: 'local' });
    await expect(importAccount(vault.client, path)).rejects.toMatchObject({
      ...taken,
      message: expect.stringContaining('--name'),
    });
    await vault.addClient({ name: 'CI', account: 'Lab' });
    await expect(importAccount(vault.client, path, { name: 'lab2' })).rejects.toMatchObject({
      ...taken,
      message: expect.stringContaining('client ci'),
    });
    await vault.client.call('client.remove', { name: 'CI' });
    await importAccount(vault.client, path, { name: 'lab2' });
    await expect(importAccount(vault.client, path, { name: 'lab3' })).rejects.toMatchObject(taken);
    await vault.dispose();
  });

  test('a file by somebody who knows the passphrase reaches no records but its own', async () => {
    const { things } = small.core.running.core.session();
    const account = things.byName('account', 'lab');
    const other = things.byName('account', 'other');
    const [profile] = things.all('profile');
    const [key] = things.all('kmsKey');
    const [client] = things.all('client');
    const grant = { region: REGION, key: key?.id, grantId: '0'.repeat(64), createdAt: 1, issuer: LAB_ID };
    const alias = { region: REGION, name: 'alias/x', createdAt: 1, updatedAt: 1 };
    const ofIam = { name: 'x', path: '/', tags: [], createdAt: 1 };
    const { naming: _, ...bare } = { naming: undefined, ...account.value };
    const own = { id: account.id, kind: 'account', value: bare };
    const id = (number: number) => number.toString(16).padStart(32, '0');
    const forged: Record<string, { id: string; kind: string; value: object }[]> = {
      'no account': [],
      'two accounts': [own, { id: id(1), kind: 'account', value: other.value }],
      'a remote account': [{ ...own, value: { ...bare, kind: 'remote' } }],
      'a profile of another account': [
        own,
        { id: id(1), kind: 'profile', value: { ...profile?.value, account: other.id } },
      ],
      'a gate that names an object of the vault': [
        own,
        {
          id: id(1),
          kind: 'profile',
          value: {
            ...profile?.value,
            account: account.id,
            gate: { withinSeconds: 0, keys: 'any', object: client?.value.secret },
          },
        },
      ],
      'a client of a profile that is not there': [own, { id: id(1), kind: 'client', value: { ...client?.value } }],
      'a grant on the key of another account': [
        own,
        {
          id: id(1),
          kind: 'kmsGrant',
          value: { ...grant, account: other.id, grantee: 'x', operations: ['Decrypt'] },
        },
      ],
      'an alias of a key that is not there': [
        own,
        { id: id(1), kind: 'kmsAlias', value: { ...alias, account: account.id, key: id(2) } },
      ],
      'a key without its material': [own, { id: id(1), kind: 'kmsKey', value: { ...key?.value } }],
      'a user of another account': [own, { id: id(1), kind: 'iamUser', value: { ...ofIam, account: other.id } }],
      'an MFA device without its seed': [
        own,
        { id: id(1), kind: 'iamMfaDevice', value: { ...ofIam, account: account.id, seed: { id: id(2) } } },
      ],
    };
    for (const [what, records] of Object.entries(forged)) {
      expect([what, await refused(await forgeFile(small.core, records))]).toEqual([what, 'AccountFileDamaged']);
    }
    const unknown = [{ ...own, value: { ...bare, kind: 'lunar' } }];
    expect(await refused(await forgeFile(small.core, unknown))).toBe('AccountFileTooNew');
  });

  test('comes home into the vault that it was exported from, with nothing more in it than before', async () => {
    const { core } = small;
    const objects = core.running.core.session().vault.ids('object').toSorted();
    await core.client.call('account.remove', { name: 'lab', cascade: true });
    await importAccount(core.client, path);
    expect(core.running.core.session().vault.ids('object').toSorted()).toEqual(objects);
  });
});

describe('exporting', () => {
  test('asks for a secret of the vault, and a wrong one leaves no file and an entry in the log', async () => {
    const path = join(folder, 'refused');
    await expect(exportAccount(lab.core.client, path, { password: 'wrong' })).rejects.toMatchObject({
      code: 'WrongSecret',
    });
    expect(existsSync(path)).toBe(false);
    const { entries } = await lab.core.client.call('audit.list', { decision: 'denied', limit: 1 });
    expect(entries[0]?.event).toMatchObject({ action: 'vault.authorize', reason: 'wrong secret' });
  });

  test('replaces a file only when told to, never the vault, and no folder', async () => {
    const path = join(folder, 'there');
    writeFileSync(path, 'mine');
    await expect(exportAccount(lab.core.client, path)).rejects.toMatchObject({ code: 'AlreadyExists' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await exportAccount(lab.core.client, path, { overwrite: true });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const refused = { code: 'InvalidInput' };
    const vault = join(lab.core.home, 'vault.keyhold');
    await expect(exportAccount(lab.core.client, vault, { overwrite: true })).rejects.toMatchObject(refused);
    await expect(exportAccount(lab.core.client, folder, { overwrite: true })).rejects.toMatchObject(refused);
    await expect(exportAccount(lab.core.client, join(folder, 'no', 'x'))).rejects.toMatchObject(refused);
  });

  test('is for local accounts', async () => {
    await lab.core.populate();
    const path = join(folder, 'remote');
    await expect(exportAccount(lab.core.client, path, { name: 'prod' })).rejects.toMatchObject({ code: 'Unsupported' });
    await expect(exportAccount(lab.core.client, path, { name: 'nobody' })).rejects.toMatchObject({ code: 'NotFound' });
  });
});

/** A file with a right MAC around these records. */
async function forgeFile(core: TestCore, records: { id: string; kind: string; value: object }[]): Promise<Buffer> {
  const { hsm } = core.running.core.session();
  const { transfer, start } = await hsm.call('beginAccountExport', {
    fileId: new Uint8Array(randomBytes(16)),
    slotId: '0'.repeat(16),
    passphrase: await sealFor(hsm, 'passphrase', PASSPHRASE),
    kdf: FLOOR,
    createdAt: 1,
  });
  const plain = records.map(({ id, kind, value }) => ({
    id,
    kind,
    version: 1,
    plaintext: utf8(JSON.stringify(value)),
  }));
  const sealed = await hsm.call('exportRecords', { transfer, records: plain });
  const { entries, mac } = await hsm.call('endAccountExport', { transfer });
  return Buffer.concat([
    encodeAccountHeader(start),
    ...sealed.records.map(encodeAccountEntry),
    encodeAccountEnd(entries),
    mac,
  ]);
}

/** The parts of a file, found by its lengths alone. */
function splitFile(file: Buffer): { header: Buffer; entries: Buffer[]; end: Buffer } {
  let at = 36;
  const skip = (): void => {
    at += 4 + file.readUInt32BE(at);
  };
  skip();
  skip();
  const keks = file.readUInt32BE(at);
  at += 4;
  for (let index = 0; index < keks; index += 1) {
    at += 4;
    skip();
    at += 8;
    skip();
  }
  const header = file.subarray(0, at);
  const entries: Buffer[] = [];
  while (file[at] === 1) {
    const from = at;
    at += 1;
    skip();
    at += 24;
    skip();
    entries.push(file.subarray(from, at));
  }
  return { header, entries, end: file.subarray(at) };
}
