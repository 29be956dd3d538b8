import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExportedRecord, FileRecord, HsmInput } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, FLOOR, sealFor, startTestHsm } from '../../support/hsm.ts';

const from = startTestHsm();
const to = startTestHsm();
beforeAll(async () => {
  await createTestVault(from);
  await createTestVault(to);
});

const newId = () => randomBytes(16).toString('hex');
const aad = new Uint8Array(3);
const REFUSED = { code: 'HsmRefused' };
const DAMAGED = { code: 'AccountFileDamaged' };

async function begin(passphrase = 'a passphrase') {
  return from.call('beginAccountExport', {
    fileId: new Uint8Array(randomBytes(16)),
    slotId: '0'.repeat(16),
    passphrase: await sealFor(from, 'passphrase', passphrase),
    kdf: FLOOR,
    createdAt: 1,
  });
}

async function beginImport(start: HsmInput<'beginAccountImport'>['start'], passphrase = 'a passphrase') {
  return to.call('beginAccountImport', { start, passphrase: await sealFor(to, 'passphrase', passphrase) });
}

async function aesKey(hsm = from): Promise<{ id: string; version: number; blob: Uint8Array }> {
  const made = await hsm.call('generateKmsMaterial', {
    id: newId(),
    spec: 'AES_256',
    usage: ['encrypt', 'decrypt'],
    label: 'x',
    createdAt: 1,
    materialContext: aad,
  });
  return { id: made.attributes.id, version: 1, blob: made.blob };
}

const asObject = (key: { id: string; version: number; blob: Uint8Array }): ExportedRecord => ({
  ...key,
  kind: 'object',
});

describe('a key that leaves one HSM in a file', () => {
  test('decrypts in the other what it encrypted in the first, and its blob in the file opens in neither', async () => {
    const key = await aesKey();
    const { ciphertext } = await from.call('kmsEncrypt', { key, aad, plaintext: new Uint8Array(5).fill(9) });
    const { transfer, start } = await begin();
    const { records } = await from.call('exportRecords', { transfer, records: [asObject(key)] });
    const end = await from.call('endAccountExport', { transfer });
    const [inFile] = records;
    for (const hsm of [from, to]) expect(await hsm.call('checkObjects', { records })).toEqual({ failed: [0] });

    const opened = await beginImport(start);
    const imported = await to.call('importRecords', { ...opened, records });
    expect(await to.call('endAccountImport', { ...opened, ...end })).toEqual({});
    const [record] = imported.records;
    if (record === undefined || !('blob' in record)) throw new Error('no object');
    expect(Buffer.from(record.blob).equals(Buffer.from(inFile?.sealed ?? []))).toBe(false);
    const here = { id: key.id, version: 1, blob: record.blob };
    expect(await to.call('kmsDecrypt', { key: here, aad, ciphertext })).toEqual({
      plaintext: new Uint8Array(5).fill(9),
    });
  });

  test('the key that names material goes along, and the vault that it is from knows it again', async () => {
    const { transfer, start } = await begin();
    const naming: ExportedRecord = { id: newId(), createdAt: 1, naming: true };
    const { records } = await from.call('exportRecords', { transfer, records: [naming] });
    const opened = await beginImport(start);
    const { records: imported } = await to.call('importRecords', { ...opened, records });
    const [record] = imported;
    if (record === undefined || !('blob' in record)) throw new Error('no object');
    expect(record.isOwnNaming).toBe(false);
    await from.call('dropTransfer', {});
    const back = await from.call('beginAccountImport', {
      start,
      passphrase: await sealFor(from, 'passphrase', 'a passphrase'),
    });
    expect((await from.call('importRecords', { ...back, records })).records).toMatchObject([{ isOwnNaming: true }]);
  });

  test('the key of the local CA does not leave', async () => {
    const made = await from.call('generateObject', {
      id: newId(),
      attributes: {
        class: 'private-key',
        spec: 'EC_P256',
        usage: ['sign'],
        extractable: false,
        label: 'x',
        createdAt: 1,
        policy: {},
      },
    });
    const { transfer } = await begin();
    const records = [asObject({ id: made.attributes.id, version: 1, blob: made.blob })];
    await expect(from.call('exportRecords', { transfer, records })).rejects.toMatchObject(REFUSED);
  });

  test.each([
    ['secret-access-key', 'secret-key', 'AWS_SECRET_ACCESS_KEY', ['sigv4']],
    ['session-token', 'data', 'GENERIC_SECRET', []],
    ['token-pin', 'secret-key', 'TOKEN_PIN', []],
  ] as const)('a %s does not leave', async (purpose, objectClass, spec, usage) => {
    const made = await from.call('importObject', {
      id: newId(),
      sealed: await sealFor(from, purpose, 'not-for-any-file'),
      purpose,
      attributes: {
        class: objectClass,
        spec,
        usage: [...usage],
        extractable: false,
        label: 'x',
        createdAt: 1,
        policy: {},
      },
    });
    const { transfer } = await begin();
    const records = [asObject({ id: made.attributes.id, version: 1, blob: made.blob })];
    await expect(from.call('exportRecords', { transfer, records })).rejects.toMatchObject(REFUSED);
  });

  test('of seeds, those leave that verify codes, and not those that make them', async () => {
    const otp = { type: 'totp', algorithm: 'SHA1', digits: 6, period: 30, next: 0 } as const;
    const rest = { label: 'x', createdAt: 1, otp };
    const sealed = await sealFor(from, 'otp-seed', '12345678901234567890');
    const makes = await from.call('importOtpSeed', { id: newId(), sealed, ...rest });
    const verifies = await from.call('generateOtpSeed', { id: newId(), ...rest });
    const { transfer } = await begin();
    const leave = ({ attributes, blob }: typeof makes) =>
      from.call('exportRecords', { transfer, records: [asObject({ id: attributes.id, version: 1, blob })] });
    await expect(leave(makes)).rejects.toMatchObject(REFUSED);
    expect((await leave(verifies)).records).toHaveLength(1);
  });

  test('nor do a key of an import and records that are no part of an account', async () => {
    const { transfer } = await begin();
    const made = await from.call('generateImportKey', { id: newId(), spec: 'RSA_2048', label: 'x', createdAt: 1 });
    const object = asObject({ id: made.attributes.id, version: 1, blob: made.blob });
    await expect(from.call('exportRecords', { transfer, records: [object] })).rejects.toMatchObject(REFUSED);
    for (const kind of ['settings', 'authority', 'accessKey', 'hsmToken', 'otpDevice']) {
      const records = [{ id: newId(), kind, version: 1, plaintext: new Uint8Array(2) }];
      await expect(from.call('exportRecords', { transfer, records })).rejects.toMatchObject(REFUSED);
    }
  });
});

describe('taking a file in', () => {
  let start: HsmInput<'beginAccountImport'>['start'];
  let records: FileRecord[];
  let end: { entries: number; mac: Uint8Array };
  beforeAll(async () => {
    const begun = await begin();
    start = begun.start;
    const keys = [asObject(await aesKey()), asObject(await aesKey())];
    records = (await from.call('exportRecords', { transfer: begun.transfer, records: keys })).records;
    end = await from.call('endAccountExport', { transfer: begun.transfer });
  });

  test('another passphrase does not open it, nor does the same one an edited start', async () => {
    await expect(beginImport(start, 'another')).rejects.toMatchObject({ code: 'WrongSecret' });
    await expect(beginImport({ ...start, fileId: new Uint8Array(16) })).rejects.toMatchObject({ code: 'WrongSecret' });
    const [first, second] = start.keks;
    if (first === undefined || second === undefined) throw new Error('no KEKs');
    const swapped = { ...start, keks: [{ ...first, wrapped: second.wrapped }, second] };
    await expect(beginImport(swapped)).rejects.toMatchObject(DAMAGED);
  });

  test('a record under another name does not open', async () => {
    const [record] = records;
    if (record === undefined) throw new Error('no record');
    for (const edit of [{ id: newId() }, { version: 2 }, { kind: 'account' }]) {
      const opened = await beginImport(start);
      const edited = [{ ...record, ...edit }];
      await expect(to.call('importRecords', { ...opened, records: edited })).rejects.toMatchObject(DAMAGED);
    }
  });

  test('less, more, another order or another number than was written is no whole file', async () => {
    const [one, two] = records;
    if (one === undefined || two === undefined) throw new Error('no records');
    for (const passed of [[one], [two, one], [one, two, two], []]) {
      const opened = await beginImport(start);
      await to.call('importRecords', { ...opened, records: passed });
      await expect(to.call('endAccountImport', { ...opened, ...end })).rejects.toMatchObject(DAMAGED);
    }
    const opened = await beginImport(start);
    await to.call('importRecords', { ...opened, records });
    await expect(to.call('endAccountImport', { ...opened, ...end, entries: 3 })).rejects.toMatchObject(DAMAGED);
  });

  test('a transfer ends with its end, with the next one, and when it is given up', async () => {
    const over = { code: 'InvalidInput' };
    const first = await beginImport(start);
    const second = await beginImport(start);
    await expect(to.call('importRecords', { ...first, records })).rejects.toMatchObject(over);
    await expect(to.call('exportRecords', { ...second, records: [] })).rejects.toMatchObject(over);
    await to.call('dropTransfer', {});
    await expect(to.call('importRecords', { ...second, records })).rejects.toMatchObject(over);
  });
});
