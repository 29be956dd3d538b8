import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { AnchorNote, anchorPath, readAnchor, writeAnchor } from '../../../src/core/vault/anchor.ts';
import { compareRecords } from '../../../src/core/vault/compare-records.ts';
import { compareParts, headParts, PARTS_BYTES } from '../../../src/core/vault/head-parts.ts';
import { KIND_NUMBERS, type RecordKind } from '../../../src/core/vault/kinds.ts';
import { decodePage, ENTRY_BYTES, encodePage, type ManifestEntry, pageOf } from '../../../src/core/vault/manifest.ts';
import { formatOf, MIGRATIONS, type Migration, migrate } from '../../../src/core/vault/migrations.ts';
import { encodePayload, parsePayload } from '../../../src/core/vault/payload.ts';
import { RecordSet } from '../../../src/core/vault/record-set.ts';
import { FORMAT_1_SCHEMA } from '../../../src/core/vault/schema.ts';
import { parseSlotDescriptor, slotInfo } from '../../../src/core/vault/slot-descriptor.ts';
import { failure, removeTestFolders, testFolder } from '../../support/vault.ts';

afterEach(() => removeTestFolders());

const KINDS = Object.keys(KIND_NUMBERS).filter((kind): kind is RecordKind => kind in KIND_NUMBERS);
const hexOf = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));
const entryOn = (page: number): fc.Arbitrary<ManifestEntry> =>
  fc.record({
    id: hexOf(15).map((rest) => page.toString(16).padStart(2, '0') + rest),
    version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    kind: fc.constantFrom(...KINDS),
    tag: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  });
const pageWithEntries = fc.nat(255).chain((page) =>
  fc.record({
    page: fc.constant(page),
    entries: fc.uniqueArray(entryOn(page), { selector: (entry) => entry.id, maxLength: 12 }),
  }),
);

describe('manifest pages', () => {
  test('an entry is 41 bytes as the format says', () => {
    const id = 'a1'.repeat(16);
    const bytes = encodePage([{ id, version: 0x0102, kind: 'profile', tag: new Uint8Array(16).fill(0xee) }]);
    expect(Buffer.from(bytes).toString('hex')).toBe(`${id}000000000000010204${'ee'.repeat(16)}`);
    expect(pageOf(id)).toBe(0xa1);
  });

  test('decode∘encode gives the entries sorted by id', () => {
    fc.assert(
      fc.property(pageWithEntries, ({ page, entries }) => {
        const sorted = [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(decodePage(page, encodePage(entries))).toEqual(sorted);
      }),
      { seed: 1 },
    );
  });

  test('encode∘decode is the identity on whatever decodes, and nothing else than VaultCorrupt is thrown', () => {
    const fuzzed = fc.oneof(
      fc.record({ page: fc.nat(255), bytes: fc.uint8Array({ maxLength: 3 * ENTRY_BYTES }) }),
      fc.tuple(pageWithEntries, fc.nat(), fc.nat(255)).map(([{ page, entries }, at, value]) => {
        const bytes = encodePage(entries);
        if (bytes.length > 0) bytes[at % bytes.length] = value;
        return { page, bytes };
      }),
    );
    fc.assert(
      fc.property(fuzzed, ({ page, bytes }) => {
        let decoded: ManifestEntry[];
        try {
          decoded = decodePage(page, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(KeyholdError);
          expect(error).toMatchObject({ code: 'VaultCorrupt' });
          return;
        }
        expect(Buffer.from(encodePage(decoded)).equals(bytes)).toBe(true);
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

describe('comparing rows with the manifest', () => {
  const entry = (byte: string, version = 1, fill = byte): ManifestEntry => ({
    id: byte.repeat(16),
    version,
    kind: 'account',
    tag: new Uint8Array(Buffer.from(fill.repeat(16), 'hex')),
  });

  test('finds nothing where all is well, and names each difference', () => {
    const entries = [entry('01'), entry('02'), entry('03', 4), entry('05')];
    expect(compareRecords(entries, entries)).toEqual([]);
    const rows = [
      entry('00'),
      entry('02', 1, '05'),
      entry('03', 3, 'aa'),
      entry('04'),
      entry('05', 1, 'bb'),
      entry('09'),
    ];
    expect(compareRecords(rows, entries).map(({ where, what }) => `${where} ${what}`)).toEqual([
      'record account 00000000… unknown',
      'record account 01010101… deleted',
      'record account 02020202… swapped',
      'record account 03030303… rolled back',
      'record account 04040404… unknown',
      'record account 05050505… edited',
      'record account 09090909… unknown',
    ]);
  });

  test('any single change of a set is found', () => {
    const set = fc.uniqueArray(entryOn(7), { selector: (one) => one.id, minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(set, fc.nat(), fc.constantFrom('drop', 'version', 'tag', 'add'), (entries, pick, how) => {
        const sorted = [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
        const index = pick % sorted.length;
        const rows = sorted.flatMap((one, at): ManifestEntry[] => {
          if (at !== index) return [one];
          if (how === 'drop') return [];
          if (how === 'version') return [{ ...one, version: one.version === 1 ? 2 : one.version - 1 }];
          if (how === 'tag') return [{ ...one, tag: one.tag.map((byte) => byte ^ 1) }];
          return [one];
        });
        if (how === 'add') rows.push({ ...entryAfter(sorted), version: 1 });
        expect(compareRecords(rows, sorted)).toHaveLength(1);
      }),
      { seed: 3 },
    );
    function entryAfter(sorted: readonly ManifestEntry[]): ManifestEntry {
      const last = sorted.at(-1);
      if (last === undefined) throw new Error('empty set');
      return { ...last, id: `ff${last.id.slice(2)}` };
    }
  });
});

describe('the head’s parts', () => {
  const state = () => ({
    pageMacs: new Uint8Array(randomBytes(8192)),
    slots: [{ descriptor: new Uint8Array([1]), wrapped: new Uint8Array([2]) }],
    keks: [{ id: 1, purpose: 'records' as const, createdAt: 5, wrapped: new Uint8Array([3]) }],
  });

  test('name the page, the slots or the keys that changed', () => {
    const before = state();
    const parts = headParts(before);
    expect(parts).toHaveLength(PARTS_BYTES);
    expect(compareParts(parts, headParts(before))).toEqual({ pages: [], slots: false, keks: false });
    const pageMacs = Uint8Array.from(before.pageMacs);
    pageMacs.fill(0, 17 * 32, 18 * 32);
    expect(compareParts(parts, headParts({ ...before, pageMacs }))).toEqual({ pages: [17], slots: false, keks: false });
    expect(compareParts(parts, headParts({ ...before, slots: [] }))).toEqual({ pages: [], slots: true, keks: false });
    const keks = before.keks.map((kek) => ({ ...kek, createdAt: 6 }));
    expect(compareParts(parts, headParts({ ...before, keks }))).toEqual({ pages: [], slots: false, keks: true });
  });
});

describe('migrations', () => {
  const NEXT: Migration = {
    format: 2,
    schema: [...FORMAT_1_SCHEMA, 'CREATE TABLE extra (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT'],
    up: (db) => db.exec('CREATE TABLE extra (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT'),
  };
  const fresh = () => {
    const db = new Database(':memory:');
    migrate(db, true);
    return db;
  };

  test('count up from 1 without gaps', () => {
    expect(MIGRATIONS.map((step) => step.format)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  test('a new file gets the newest format at once', () => {
    const db = new Database(':memory:');
    migrate(db, true, [...MIGRATIONS, NEXT]);
    expect(formatOf(db)).toBe(2);
    db.close();
  });

  test('a second step runs on a file of the first format, keeps its rows, and is not run again', () => {
    const db = fresh();
    db.exec("INSERT INTO meta VALUES ('k', x'01')");
    migrate(db, false, [...MIGRATIONS, NEXT]);
    expect(formatOf(db)).toBe(2);
    expect(db.prepare('SELECT count(*) AS n FROM meta').get()).toEqual({ n: 1 });
    migrate(db, false, [...MIGRATIONS, NEXT]);
    expect(formatOf(db)).toBe(2);
    db.close();
  });

  test('a step that fails, or does not make the schema it promises, changes nothing', async () => {
    const broken: Migration[] = [
      { ...NEXT, up: (db) => void db.exec('CREATE TABLE extra (other)') },
      { ...NEXT, up: (db) => void db.exec('CREATE TABLE half (a); SELECT nothing FROM nowhere') },
    ];
    for (const step of broken) {
      const db = fresh();
      expect(() => migrate(db, false, [...MIGRATIONS, step])).toThrow();
      expect(formatOf(db)).toBe(1);
      migrate(db, false);
      db.close();
    }
  });

  test('a newer file is refused', async () => {
    const db = fresh();
    migrate(db, false, [...MIGRATIONS, NEXT]);
    expect((await failure(() => migrate(db, false))).code).toBe('VaultTooNew');
    db.close();
  });
});

describe('anchor', () => {
  const vaultId = 'ab'.repeat(16);

  test('refuses only an older generation of the same vault', async () => {
    const path = join(testFolder(), 'vault.keyhold');
    const check = (generation: number, accepted = false, id = vaultId) =>
      new AnchorNote(path, id).check(generation, accepted);
    check(1);
    writeAnchor(path, { vaultId, generation: 9 });
    expect(readAnchor(path)).toEqual({ vaultId, generation: 9 });
    check(9);
    check(10);
    check(1, false, 'cd'.repeat(16));
    check(8, true);
    const error = await failure(() => check(8));
    expect(error.code).toBe('VaultRolledBack');
    expect(error.message).toContain('generation 8, last seen 9');
  });

  test('keeps what else it says until the generation is another', () => {
    const path = join(testFolder(), 'vault.keyhold');
    writeAnchor(path, { vaultId, generation: 9, restored: true });
    const anchor = new AnchorNote(path, vaultId);
    anchor.check(9, false);
    expect([anchor.note(9), anchor.isDue(10)]).toEqual([null, false]);
    expect(readAnchor(path)).toEqual({ vaultId, generation: 9, restored: true });
    expect([anchor.isDue(17), anchor.note(17)]).toEqual([true, null]);
    expect(readAnchor(path)).toEqual({ vaultId, generation: 17 });
  });

  test('that cannot be read counts as none', () => {
    const path = join(testFolder(), 'vault.keyhold');
    writeFileSync(anchorPath(path), '{"vaultId":"zz"}');
    expect(readAnchor(path)).toBeNull();
    writeFileSync(anchorPath(path), 'not json');
    expect(readAnchor(path)).toBeNull();
  });

  test('is replaced whole or not at all', () => {
    const path = join(testFolder(), 'vault.keyhold');
    writeAnchor(path, { vaultId, generation: 1 });
    const before = readFileSync(anchorPath(path));
    const elsewhere = join(testFolder(), 'folder');
    mkdirSync(join(elsewhere, 'anchor.json'), { recursive: true });
    expect(() => writeAnchor(join(elsewhere, 'vault.keyhold'), { vaultId, generation: 2 })).toThrow();
    expect(readFileSync(anchorPath(path)).equals(before)).toBe(true);
  });
});

describe('payloads', () => {
  test('decode∘encode is JSON’s own round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parsePayload(encodePayload(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 4 },
    );
  });
  test('bytes that are not JSON are null', () => {
    expect(parsePayload(new Uint8Array([0xff, 0x7b]))).toBeNull();
    expect(() => encodePayload(undefined)).toThrow(TypeError);
  });
});

test('a slot descriptor is shown without its salt, and an unknown one not at all', () => {
  const descriptor = Buffer.from(
    '{"v":1,"id":"0123456789abcdef","label":"Password","createdAt":1795475822031,"factors":[{"type":"password","kdf":"argon2id","version":19,"memoryKiB":65536,"passes":3,"parallelism":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA=="}]}',
  );
  expect(slotInfo(descriptor)).toEqual({
    id: '0123456789abcdef',
    label: 'Password',
    factors: ['password'],
    createdAt: '2026-11-23T23:17:02.031Z',
    kdf: { memoryKiB: 65_536, passes: 3, parallelism: 1 },
  });
  expect(parseSlotDescriptor(Buffer.from('{"v":2}'))).toBeNull();
  expect(parseSlotDescriptor(new Uint8Array([0xff]))).toBeNull();
});

describe('the set of records', () => {
  const pages = (entries: readonly ManifestEntry[]) => {
    const numbers = [...new Set(entries.map(({ id }) => pageOf(id)))];
    return numbers.map((page) => ({ page, entries: encodePage(entries.filter(({ id }) => pageOf(id) === page)) }));
  };
  const anyEntries = fc.uniqueArray(
    fc.constantFrom(0, 7, 255).chain((page) => entryOn(page)),
    { selector: (entry) => entry.id, maxLength: 40 },
  );

  test('finds what the pages list, and nothing else', () => {
    fc.assert(
      fc.property(anyEntries, hexOf(16), (entries, other) => {
        const set = new RecordSet(pages(entries));
        expect(set.size).toBe(entries.length);
        for (const entry of entries) expect(set.get(entry.id)).toEqual(entry);
        expect(set.has(other)).toBe(entries.some(({ id }) => id === other));
        for (const kind of KINDS) {
          const ofKind = entries.filter((entry) => entry.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1));
          expect(set.ofKind(kind)).toEqual(ofKind);
          expect(set.count(kind)).toBe(ofKind.length);
        }
      }),
      { seed: 4 },
    );
  });

  test('has no record under another spelling of its id', () => {
    const entry: ManifestEntry = { id: 'ab'.repeat(16), version: 1, kind: 'profile', tag: new Uint8Array(16) };
    const set = new RecordSet(pages([entry]));
    for (const id of ['AB'.repeat(16), `${entry.id}00`, entry.id.slice(2), '', 'no id'])
      expect(set.has(id)).toBe(false);
    // As far from `a` as the digits are from `0`.
    const digits = new RecordSet(pages([{ ...entry, id: '09'.repeat(16) }]));
    expect(digits.has(`09${'W`'.repeat(15)}`)).toBe(false);
  });

  test('is another one once a page was replaced, and does not change with the bytes it was given', () => {
    const entry: ManifestEntry = { id: '07'.repeat(16), version: 1, kind: 'profile', tag: new Uint8Array(16).fill(1) };
    const bytes = encodePage([{ ...entry, version: 2 }]);
    const set = new RecordSet(pages([entry]));
    set.replace(7, bytes);
    bytes.fill(0);
    expect(set.get(entry.id)?.version).toBe(2);
    set.replace(7, new Uint8Array());
    expect(set.has(entry.id)).toBe(false);
  });
});
