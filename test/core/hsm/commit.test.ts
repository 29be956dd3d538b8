import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { packEvents, unpackRows } from '../../../src/core/crypto/packed-audit.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import { KIND_NUMBERS, type RecordKind } from '../../../src/core/hsm/kinds.ts';
import type { HsmOutput, RecordPlain } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, emptyEntry, emptyHead, startTestHsm, type TestVault } from '../../support/hsm.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
let hsm: HsmClient;
let vault: TestVault;

beforeAll(async () => {
  hsm = startTestHsm();
  vault = await createTestVault(hsm);
});

function pagesOf(records: readonly { id: string; kind: string; version: number }[]) {
  const pages = new Map<number, Uint8Array[]>();
  for (const { id, kind, version } of [...records].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const page = Number.parseInt(id.slice(0, 2), 16);
    const kindNumber = KIND_NUMBERS[kind as RecordKind];
    pages.set(page, [...(pages.get(page) ?? []), emptyEntry(id, version, kindNumber)]);
  }
  return [...pages].map(([page, entries]) => ({ page, entries: new Uint8Array(Buffer.concat(entries)) }));
}

function commit(records: RecordPlain[], events: string[] = []): Promise<HsmOutput<'commit'>> {
  return hsm.call('commit', { records, pages: pagesOf(records), audit: packEvents(events), head: emptyHead(vault) });
}

/** The entries of a commit, whose first has this number. */
function rowsOf({ audit }: HsmOutput<'commit'>, first = 1) {
  const rows = unpackRows(audit);
  if (rows === null) throw new Error('the HSM answered no entries');
  return rows.map((row, index) => ({ seq: first + index, ...row }));
}

const kinds = Object.keys(KIND_NUMBERS).filter((kind) => kind !== 'object' && kind !== 'hsmUsers');
const record = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  kind: fc.constantFrom(...kinds),
  version: fc.integer({ min: 1, max: 2 ** 52 }),
  plaintext: fc.uint8Array({ maxLength: 300 }),
});
const sampleId = '00'.repeat(16);
const sample: RecordPlain = { id: sampleId, kind: 'client', version: 3, plaintext: utf8('{"name":"x"}') };

describe('records', () => {
  test('come back as they were, whatever their kind, version and payload', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(record, { selector: ({ id }) => id, maxLength: 12 }), async (records) => {
        const sealed = await commit(records);
        expect(await hsm.call('openRecords', { records: sealed.records })).toEqual({
          plaintexts: records.map(({ plaintext }) => plaintext),
          failed: [],
        });
        expect(await hsm.call('verifyPages', { pages: sealed.pages })).toEqual({ broken: [] });
        for (const { id, sealed: bytes } of sealed.records) {
          const page = sealed.pages.find((candidate) => candidate.page === Number.parseInt(id.slice(0, 2), 16));
          expect(Buffer.from(page?.entries ?? []).indexOf(Buffer.from(bytes.subarray(-16)))).toBeGreaterThan(0);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('sealed twice share no byte of key or payload', async () => {
    const [first] = (await commit([sample])).records;
    const [second] = (await commit([sample])).records;
    expect(first?.sealed.subarray(5, 17)).not.toEqual(second?.sealed.subarray(5, 17));
    expect(first?.sealed.subarray(17)).not.toEqual(second?.sealed.subarray(17));
  });

  test('any flipped bit, any cut and any other name is a failed record, never another payload', async () => {
    const [sealed] = (await commit([sample])).records;
    if (sealed === undefined) throw new Error('nothing sealed');
    const bad = [];
    for (let bit = 0; bit < sealed.sealed.length * 8; bit++) {
      const bytes = new Uint8Array(sealed.sealed);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      bad.push({ ...sealed, sealed: bytes });
    }
    for (let length = 0; length < sealed.sealed.length; length++) {
      bad.push({ ...sealed, sealed: sealed.sealed.subarray(0, length) });
    }
    bad.push({ ...sealed, id: '01'.repeat(16) }, { ...sealed, version: 4 }, { ...sealed, kind: 'account' });
    const answered = await hsm.call('openRecords', { records: [...bad, sealed] });
    expect(answered.failed).toEqual(bad.map((_, index) => index));
    expect(answered.plaintexts.at(-1)).toEqual(sample.plaintext);
    expect(answered.plaintexts.slice(0, -1).every((plaintext) => plaintext === null)).toBe(true);
  });

  test('objects are neither sealed nor opened as records', async () => {
    const object = { ...sample, kind: 'object' };
    await expect(commit([object])).rejects.toMatchObject({ code: 'InvalidInput' });
    const sealed = new Uint8Array(200);
    await expect(
      hsm.call('openRecords', { records: [{ id: sampleId, kind: 'object', version: 1, sealed }] }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(
      hsm.call('checkObjects', { records: [{ id: sampleId, kind: 'client', version: 1, sealed }] }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('an object blob given a record’s kind does not open, nor a record given as an object', async () => {
    const { blob } = await hsm.call('generateObject', {
      id: sampleId,
      attributes: {
        class: 'secret-key',
        spec: 'AES_256',
        usage: ['wrap'],
        extractable: false,
        label: '',
        createdAt: 0,
        policy: {},
      },
    });
    for (const kind of kinds) {
      const answered = await hsm.call('openRecords', { records: [{ id: sampleId, kind, version: 1, sealed: blob }] });
      expect(answered).toEqual({ plaintexts: [null], failed: [0] });
    }
    const [sealed] = (await commit([{ ...sample, version: 1 }])).records;
    if (sealed === undefined) throw new Error('nothing sealed');
    const objects = [
      { ...sealed, kind: 'object' },
      { id: sampleId, kind: 'object', version: 1, sealed: blob },
    ];
    expect(await hsm.call('checkObjects', { records: objects })).toEqual({ failed: [0] });
    await expect(
      hsm.call('objectInfo', { key: { id: sampleId, version: 1, blob: sealed.sealed } }),
    ).rejects.toMatchObject({ code: 'VaultTampered' });
  });

  test('are sealed under the newest KEK of their purpose', async () => {
    const [sealed] = (await commit([sample])).records;
    expect(Buffer.from(sealed?.sealed ?? []).readUInt32BE(1)).toBe(1);
    expect(sealed?.sealed[0]).toBe(1);
  });
});

describe('pages', () => {
  const refused = { code: 'InvalidInput' };
  const head = () => emptyHead(vault);

  test.each<[string, (page: { page: number; entries: Uint8Array }) => { page: number; entries: Uint8Array }[]]>([
    ['no entry', () => []],
    ['an entry of another version', () => pagesOf([{ ...sample, version: 4 }])],
    ['an entry of another kind', () => pagesOf([{ ...sample, kind: 'account' }])],
    ['a filled tag', ({ page, entries }) => [{ page, entries: new Uint8Array(entries).fill(7, 25) }]],
    ['a cut entry', ({ page, entries }) => [{ page, entries: entries.subarray(1) }]],
    ['another page', ({ entries }) => [{ page: 1, entries }]],
    ['the page twice', (page) => [page, page]],
    ['the entry twice', ({ page, entries }) => [{ page, entries: new Uint8Array(Buffer.concat([entries, entries])) }]],
  ])('%s for a sealed record is refused', async (_, change) => {
    const [page] = pagesOf([sample]);
    if (page === undefined) throw new Error('no page');
    await expect(
      hsm.call('commit', { records: [sample], pages: change(page), audit: new Uint8Array(), head: head() }),
    ).rejects.toMatchObject(refused);
  });

  test('entries without a tag and without a record are refused, and so is a wrong order', async () => {
    await expect(
      hsm.call('commit', { records: [], pages: pagesOf([sample]), audit: new Uint8Array(), head: head() }),
    ).rejects.toMatchObject(refused);
    const high = new Uint8Array(emptyEntry(`00${'ff'.repeat(15)}`, 1, 2)).fill(9, 25);
    const low = new Uint8Array(emptyEntry(sampleId, 1, 2)).fill(9, 25);
    const page = (entries: Uint8Array[]) => [{ page: 0, entries: new Uint8Array(Buffer.concat(entries)) }];
    const call = (entries: Uint8Array[]) =>
      hsm.call('commit', { records: [], pages: page(entries), audit: new Uint8Array(), head: head() });
    await expect(call([high, low])).rejects.toMatchObject(refused);
    await expect(call([low, high])).resolves.toBeDefined();
  });

  test('one record sealed twice in a transaction is refused', async () => {
    await expect(
      hsm.call('commit', {
        records: [sample, sample],
        pages: pagesOf([sample]),
        audit: new Uint8Array(),
        head: head(),
      }),
    ).rejects.toMatchObject(refused);
  });

  test('the MAC covers page number, order and every byte', async () => {
    const { pages } = await commit([sample, { ...sample, id: `00${'22'.repeat(15)}` }]);
    const [page] = pages;
    if (page === undefined) throw new Error('no page');
    const wrong = [
      { ...page, page: 1 },
      { ...page, entries: page.entries.subarray(41) },
    ];
    for (let at = 0; at < page.entries.length; at++) {
      const entries = new Uint8Array(page.entries);
      entries[at] = (entries[at] ?? 0) ^ 0x80;
      wrong.push({ ...page, entries });
    }
    for (const bad of wrong) expect(await hsm.call('verifyPages', { pages: [bad] })).toEqual({ broken: [bad.page] });
    const cut = { ...page, mac: page.mac.subarray(1) };
    expect(await hsm.call('verifyPages', { pages: [cut] })).toEqual({ broken: [0] });
  });

  test('an emptied page has the MAC of an absent one', async () => {
    const before = { ...head(), pageMacs: new Uint8Array(8192).fill(5, 0, 32) };
    const emptied = await hsm.call('commit', {
      records: [],
      pages: [{ page: 0, entries: new Uint8Array() }],
      audit: new Uint8Array(),
      head: before,
    });
    expect(emptied.pages).toEqual([{ page: 0, entries: new Uint8Array(), mac: new Uint8Array(32) }]);
    expect(await hsm.call('verifyHead', { head: head(), headMac: emptied.headMac })).toEqual({ ok: true });
  });
});

describe('audit', () => {
  const texts = ['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}'];
  const events = texts.map(utf8);
  const start = new Uint8Array(32);

  test('continues the chain of the head, and the head covers the new end', async () => {
    const first = await commit([], texts.slice(0, 2));
    const [one, last] = rowsOf(first);
    expect(rowsOf(first)).toEqual([one, last]);
    if (last === undefined) throw new Error('no audit');
    const after = { ...emptyHead(vault), auditSeq: 2, auditHash: last.hash };
    expect(await hsm.call('verifyHead', { head: after, headMac: first.headMac })).toEqual({ ok: true });
    expect(await hsm.call('verifyHead', { head: emptyHead(vault), headMac: first.headMac })).toEqual({ ok: false });
    const second = await hsm.call('commit', { records: [], pages: [], audit: packEvents(texts.slice(2)), head: after });
    const rows = [...rowsOf(first), ...rowsOf(second, 3)];
    expect(await hsm.call('openAudit', { rows, previousHash: start })).toEqual({ events, broken: null });
    expect(await hsm.call('openAudit', { rows: rows.slice(1), previousHash: null })).toEqual({
      events: events.slice(1),
      broken: null,
    });
  });

  test('names the first broken row and why', async () => {
    const rows = rowsOf(await commit([], texts));
    const flip = (bytes: Uint8Array, at: number) => {
      const copy = new Uint8Array(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy;
    };
    const change = (index: number, make: (row: (typeof rows)[number]) => Partial<(typeof rows)[number]>) =>
      rows.map((row, at) => (at === index ? { ...row, ...make(row) } : row));
    const open = async (changed: typeof rows, previousHash: Uint8Array | null = start) => {
      const answered = await hsm.call('openAudit', { rows: changed, previousHash });
      expect(answered.events).toEqual(events.slice(0, answered.broken?.index ?? events.length));
      return answered.broken;
    };
    expect(await open(change(2, (row) => ({ hash: flip(row.hash, 0) })))).toEqual({ index: 2, reason: 'mac' });
    expect(await open(change(2, (row) => ({ mac: flip(row.mac, 31) })))).toEqual({ index: 2, reason: 'mac' });
    expect(await open(change(2, () => ({ mac: new Uint8Array() })))).toEqual({ index: 2, reason: 'mac' });
    expect(await open(change(1, (row) => ({ sealed: flip(row.sealed, 14) })))).toEqual({ index: 1, reason: 'sealed' });
    expect(await open(change(1, () => ({ sealed: new Uint8Array() })))).toEqual({ index: 1, reason: 'sealed' });
    expect(await open(change(3, () => ({ seq: 9 })))).toEqual({ index: 3, reason: 'chain' });
    expect(await open(rows, flip(start, 0))).toEqual({ index: 0, reason: 'chain' });
    const cut = await hsm.call('openAudit', { rows: [...rows.slice(0, 1), ...rows.slice(2)], previousHash: start });
    expect(cut).toEqual({ events: events.slice(0, 1), broken: { index: 1, reason: 'chain' } });
    // A row of another history, renumbered nowhere: its own MACs hold, the chain does not.
    const other = rowsOf(await commit([], ['{"n":0}', ...texts.slice(1)]));
    const spliced = [...rows.slice(0, 1), ...other.slice(1)];
    expect(await hsm.call('openAudit', { rows: spliced, previousHash: start })).toMatchObject({
      broken: { index: 1, reason: 'chain' },
    });
  });

  test('refuses events that are cut, empty or none', async () => {
    const packed = packEvents(texts);
    const wrong: unknown[] = [packed.subarray(0, -1), packed.subarray(0, 3), new Uint8Array(4), texts.map(utf8), null];
    for (const audit of wrong) {
      const input = Object.assign({ records: [], pages: [], audit: packed, head: emptyHead(vault) }, { audit });
      await expect(hsm.call('commit', input)).rejects.toMatchObject({ code: 'InvalidInput' });
    }
  });
});
