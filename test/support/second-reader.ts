import { createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { hashRaw } from '@node-rs/argon2';
import Database from 'better-sqlite3';
import { z } from 'zod';

/**
 * A second reader of the vault file, written from docs/format.md alone: it shares no code with src/. What it can open and verify is
 * what the page describes.
 */
export interface ReadVault {
  rootKey: Buffer;
  vaultId: Buffer;
  generation: number;
  /** By id. */
  keks: ReadonlyMap<number, OpenedKek>;
  records: { id: string; kind: string; version: number; payload: Buffer }[];
  audit: { seq: number; event: unknown }[];
  /** Events of the locked vault; `own` are those of a daemon that had not had it unlocked. */
  locked: { seq: number; event: unknown; own: boolean }[];
  /** The number that a stopped daemon noted as the last; null when there is no note that verifies. */
  lockedEnd: number | null;
}

const Argon = z.object({
  type: z.literal(['password', 'recovery-code']),
  kdf: z.literal('argon2id'),
  version: z.literal(19),
  memoryKiB: z.int().min(65_536),
  passes: z.int().min(3),
  parallelism: z.literal(1),
  salt: z.base64(),
});
const Fido2 = z.object({ type: z.literal('fido2'), credentialId: z.base64(), salt: z.base64(), uv: z.boolean() });
const Yubikey = z.object({ type: z.literal('yubikey-hmac-sha1'), slot: z.literal([1, 2]), challenge: z.base64() });
const Descriptor = z.object({
  v: z.literal(1),
  factors: z.array(z.discriminatedUnion('type', [Argon, Fido2, Yubikey])),
});

/** What security keys answer to what a slot asks them. */
export interface Devices {
  fido2?(question: { credentialId: Buffer; salt: Buffer; uv: boolean }): Buffer;
  /** To the challenge, padded. */
  yubikey?(slot: 1 | 2, challenge: Buffer): Buffer;
}
const Slot = z.object({ descriptor: z.instanceof(Buffer), wrapped: z.instanceof(Buffer) });
const Kek = z.object({ id: z.int(), purpose: z.string(), created_at: z.int(), wrapped: z.instanceof(Buffer) });
const Row = z.object({ id: z.instanceof(Buffer), kind: z.string(), version: z.int(), sealed: z.instanceof(Buffer) });
const Page = z.object({ page: z.int(), entries: z.instanceof(Buffer), mac: z.instanceof(Buffer) });
const Head = z.object({
  generation: z.int(),
  audit_seq: z.int(),
  audit_hash: z.instanceof(Buffer),
  mac: z.instanceof(Buffer),
});
const Audit = z.object({
  seq: z.int(),
  sealed: z.instanceof(Buffer),
  hash: z.instanceof(Buffer),
  mac: z.instanceof(Buffer),
});

const Pending = z.object({ seq: z.int(), sealed: z.instanceof(Buffer) });

/** @node-rs/argon2's number for Argon2id. */
const ARGON2ID = 2;
const KINDS: Record<string, number> = {
  object: 1,
  hsmUsers: 13,
  account: 2,
  accessKey: 3,
  profile: 4,
  client: 5,
  settings: 6,
  authority: 7,
  securityKey: 15,
  awsSession: 18,
  rotation: 19,
  panic: 23,
};

const u8 = (n: number) => Buffer.from([n]);
const u32 = (n: number) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(n);
  return out;
};
const u64 = (n: number) => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(n));
  return out;
};
const lp = (bytes: Buffer) => Buffer.concat([u32(bytes.length), bytes]);
const text = (value: string) => Buffer.from(value, 'utf8');
const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const hmac = (key: Buffer, ...parts: Buffer[]) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();

function hkdf(ikm: Buffer, salt: Buffer, info: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', ikm, salt, info, 32));
}

/** Throws when the tag does not fit. */
function open(key: Buffer, nonce: Buffer, sealed: Buffer, aad: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

const openPrefixed = (key: Buffer, blob: Buffer, aad: Buffer) =>
  open(key, blob.subarray(0, 12), blob.subarray(12), aad);

function requireEqual(a: Buffer, b: Buffer, what: string): void {
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new Error(`${what} does not verify`);
}

async function outputOf(
  factor: z.infer<typeof Descriptor>['factors'][number],
  password: string,
  { fido2, yubikey }: Devices,
): Promise<Buffer> {
  if (factor.type === 'fido2') {
    const salt = Buffer.from(factor.salt, 'base64');
    const answer = fido2?.({ credentialId: Buffer.from(factor.credentialId, 'base64'), salt, uv: factor.uv });
    if (answer?.length !== 32) throw new Error('no such key');
    return answer;
  }
  if (factor.type === 'yubikey-hmac-sha1') {
    const padded = Buffer.alloc(64, 32);
    Buffer.from(factor.challenge, 'base64').copy(padded);
    const answer = yubikey?.(factor.slot, padded);
    if (answer?.length !== 20) throw new Error('no such YubiKey');
    return answer;
  }
  if (factor.type !== 'password') throw new Error('not a password slot');
  return hashRaw(text(password.normalize('NFC')), {
    algorithm: ARGON2ID,
    memoryCost: factor.memoryKiB,
    timeCost: factor.passes,
    parallelism: factor.parallelism,
    outputLen: 32,
    salt: Buffer.from(factor.salt, 'base64'),
  });
}

/** The root key that a slot wraps. Throws when one of its factors is missing or wrong. */
async function openSlot(
  slot: z.infer<typeof Slot>,
  vaultId: Buffer,
  password: string,
  devices: Devices = {},
): Promise<Buffer> {
  const { factors } = Descriptor.parse(JSON.parse(slot.descriptor.toString()));
  const outputs: Buffer[] = [];
  for (const factor of factors) outputs.push(await outputOf(factor, password, devices));
  const key = hkdf(Buffer.concat(outputs), vaultId, Buffer.concat([text('keyhold/v1/slot'), sha256(slot.descriptor)]));
  return openPrefixed(key, slot.wrapped, Buffer.concat([text('keyhold/v1/slot'), vaultId, lp(slot.descriptor)]));
}

interface OpenedKek {
  purpose: string;
  key: Buffer;
}

function openSealed(vaultId: Buffer, keks: ReadonlyMap<number, OpenedKek>, row: z.infer<typeof Row>): Buffer {
  const context = Buffer.concat([vaultId, lp(text(row.kind)), row.id, u64(row.version)]);
  const kek = keks.get(row.sealed.readUInt32BE(1));
  if (row.sealed[0] !== 1 || kek?.purpose !== (['object', 'hsmUsers'].includes(row.kind) ? 'objects' : 'records'))
    throw new Error('wrong key');
  const dek = open(
    kek.key,
    row.sealed.subarray(5, 17),
    row.sealed.subarray(17, 65),
    Buffer.concat([text('keyhold/v1/dek'), context, row.sealed.subarray(0, 5)]),
  );
  const aad = Buffer.concat([text('keyhold/v1/record'), context, row.sealed.subarray(0, 65)]);
  return open(dek, row.sealed.subarray(65, 77), row.sealed.subarray(77), aad);
}

async function openSlots(db: Database.Database, vaultId: Buffer, password: string, devices: Devices): Promise<Buffer> {
  for (const row of z.array(Slot).parse(db.prepare('SELECT * FROM slots ORDER BY id').all())) {
    try {
      return await openSlot(row, vaultId, password, devices);
    } catch {
      // Another slot may take it.
    }
  }
  throw new Error('no slot opens');
}

async function readLocked(
  db: Database.Database,
  vaultId: Buffer,
  head: z.infer<typeof Head>,
  purpose: (name: string) => Buffer,
): Promise<Pick<ReadVault, 'locked' | 'lockedEnd'>> {
  const label = text('keyhold/v1/locked-log');
  const context = (seq: number) => Buffer.concat([label, vaultId, u64(seq)]);
  const after = (key: Buffer, steps: number) => {
    let out = key;
    for (let step = 0; step < steps; step++) out = hmac(out, text('next'));
    return out;
  };
  const first = hmac(purpose('locked-log'), label, vaultId, u64(head.audit_seq), head.audit_hash);
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const pair = await suite.kem.deriveKeyPair(Uint8Array.from(purpose('locked-log-pair')));
  const meta = (key: string) =>
    z.object({ value: z.instanceof(Buffer) }).safeParse(db.prepare('SELECT value FROM meta WHERE key = ?').get(key))
      .data?.value;
  requireEqual(
    Buffer.from(await suite.kem.serializePublicKey(pair.publicKey)),
    meta('log_key') ?? Buffer.alloc(0),
    'log_key',
  );

  const locked: ReadVault['locked'] = [];
  let own: { key: Buffer; seq: number } | undefined;
  for (const { seq, sealed } of z.array(Pending).parse(db.prepare('SELECT * FROM audit_pending ORDER BY seq').all())) {
    const body = sealed.subarray(1);
    if (sealed[0] === 2) {
      const recipient = { recipientKey: pair, enc: Uint8Array.from(body.subarray(0, 32)), info: context(seq) };
      own = { key: Buffer.from(await suite.open(recipient, Uint8Array.from(body.subarray(32)))), seq: seq + 1 };
      continue;
    }
    const from = sealed[0] === 1 ? { key: first, seq: 1 } : own;
    if (from === undefined || (sealed[0] !== 1 && sealed[0] !== 3)) throw new Error(`locked entry ${seq}`);
    const key = hmac(after(from.key, seq - from.seq), text('seal'));
    const event = openPrefixed(key, body, context(seq));
    locked.push({ seq, event: JSON.parse(event.toString()), own: sealed[0] === 3 });
  }
  const end = meta('log_end');
  if (end === undefined) return { locked, lockedEnd: null };
  const seq = Number(end.readBigUInt64BE());
  const mac = hmac(hmac(after(first, seq), text('end')), context(seq), end.subarray(8, 40));
  return { locked, lockedEnd: mac.equals(end.subarray(40)) ? seq : null };
}

/** Opens and verifies a whole vault file (a backup: the live one is held by its daemon). Throws at the first thing that does not verify. */
export async function readVault(path: string, password: string, devices: Devices = {}): Promise<ReadVault> {
  const db = new Database(path, { readonly: true });
  try {
    if (db.pragma('application_id', { simple: true }) !== 0x4b48444c) throw new Error('a foreign file');
    if (db.pragma('user_version', { simple: true }) !== 1) throw new Error('another format');
    const vaultId = z
      .object({ value: z.instanceof(Buffer) })
      .parse(db.prepare("SELECT value FROM meta WHERE key = 'vault_id'").get()).value;
    const rootKey = await openSlots(db, vaultId, password, devices);
    const purpose = (name: string) => hkdf(rootKey, vaultId, text(`keyhold/v1/${name}`));
    const manifestKey = purpose('manifest');

    const keks = z.array(Kek).parse(db.prepare('SELECT * FROM keks ORDER BY id').all());
    const opened = new Map(
      keks.map((kek) => {
        const aad = Buffer.concat([
          text('keyhold/v1/kek'),
          vaultId,
          u32(kek.id),
          lp(text(kek.purpose)),
          u64(kek.created_at),
        ]);
        return [kek.id, { purpose: kek.purpose, key: openPrefixed(purpose('kek-wrap'), kek.wrapped, aad) }];
      }),
    );

    // What root keys before this one have left behind.
    const pastLogs = [...opened.values()]
      .filter((row) => row.purpose === 'log')
      .map(({ key }) => ({ last: Number(key.readBigUInt64BE()), seal: key.subarray(8, 40), mac: key.subarray(40, 72) }))
      .sort((a, b) => a.last - b.last);
    const logKeys = (seq: number) =>
      pastLogs.find(({ last }) => seq <= last) ?? { seal: purpose('audit-seal'), mac: purpose('audit-mac') };

    const rows = z.array(Row).parse(db.prepare('SELECT * FROM records ORDER BY id').all());
    const records = rows.map((row) => {
      const payload = openSealed(vaultId, opened, row);
      return { id: row.id.toString('hex'), kind: row.kind, version: row.version, payload };
    });

    const pages = z.array(Page).parse(db.prepare('SELECT * FROM manifest ORDER BY page').all());
    const macs = Buffer.alloc(256 * 32);
    const listed: Buffer[] = [];
    for (const { page, entries, mac } of pages) {
      requireEqual(hmac(manifestKey, text('keyhold/v1/page'), vaultId, u8(page), entries), mac, `page ${page}`);
      mac.copy(macs, page * 32);
      listed.push(entries);
    }
    // Until it is sealed anew, what is under an older KEK is bound by a hash.
    const newest = (purpose: string) =>
      Math.max(...[...opened].filter(([, kek]) => kek.purpose === purpose).map(([id]) => id));
    const present = rows.map((row) => {
      const outdated = row.sealed.readUInt32BE(1) !== newest(opened.get(row.sealed.readUInt32BE(1))?.purpose ?? '');
      const kind = (KINDS[row.kind] ?? 0) + (outdated ? 128 : 0);
      const field = outdated ? sha256(row.sealed).subarray(0, 16) : row.sealed.subarray(-16);
      return Buffer.concat([row.id, u64(row.version), u8(kind), field]);
    });
    requireEqual(Buffer.concat(listed), Buffer.concat(present), 'the list of records');

    const head = Head.parse(db.prepare('SELECT * FROM head').get());
    const slots = z.array(Slot).parse(db.prepare('SELECT * FROM slots ORDER BY id').all());
    requireEqual(
      hmac(
        manifestKey,
        text('keyhold/v1/head'),
        vaultId,
        u64(head.generation),
        sha256(macs),
        sha256(...slots.map((slot) => Buffer.concat([lp(slot.descriptor), lp(slot.wrapped)]))),
        sha256(
          ...keks.map((kek) =>
            Buffer.concat([u32(kek.id), lp(text(kek.purpose)), u64(kek.created_at), lp(kek.wrapped)]),
          ),
        ),
        u64(head.audit_seq),
        head.audit_hash,
      ),
      head.mac,
      'the head',
    );

    let previous: Buffer = Buffer.alloc(32);
    const audit = z
      .array(Audit)
      .parse(db.prepare('SELECT * FROM audit ORDER BY seq').all())
      .map((row, index) => {
        if (row.seq !== index + 1) throw new Error('a gap in the audit log');
        const label = Buffer.concat([text('keyhold/v1/audit'), vaultId]);
        const event = openPrefixed(logKeys(row.seq).seal, row.sealed, Buffer.concat([label, u64(row.seq)]));
        const hash = sha256(label, previous, u64(row.seq), lp(event));
        requireEqual(hash, row.hash, `audit entry ${row.seq}`);
        requireEqual(hmac(logKeys(row.seq).mac, hash), row.mac, `audit entry ${row.seq}`);
        previous = hash;
        return { seq: row.seq, event: JSON.parse(event.toString()) as unknown };
      });
    if (audit.length !== head.audit_seq) throw new Error('the audit log is cut');
    requireEqual(previous, head.audit_hash, 'the audit log’s end');
    return {
      rootKey,
      vaultId,
      generation: head.generation,
      keks: opened,
      records,
      audit,
      ...(await readLocked(db, vaultId, head, purpose)),
    };
  } finally {
    db.close();
  }
}

export interface ReadAccount {
  fileId: Buffer;
  records: { id: string; kind: string; version: number; payload: Buffer }[];
}

/** Opens and verifies an account file, from docs/format.md ("Account files") alone. Throws at the first thing that does not verify. */
export async function readAccountFile(path: string, passphrase: string): Promise<ReadAccount> {
  const file = readFileSync(path);
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > file.length) throw new Error('the file ends too early');
    at += length;
    return file.subarray(at - length, at);
  };
  const takeU32 = () => take(4).readUInt32BE();
  const takeU64 = () => Number(take(8).readBigUInt64BE());
  const takeLp = () => take(takeU32());

  if (take(16).toString('latin1') !== 'keyhold account\n') throw new Error('a foreign file');
  if (takeU32() !== 1) throw new Error('another format');
  const fileId = take(16);
  const slot = { descriptor: takeLp(), wrapped: takeLp() };
  const rootKey = await openPassphraseSlot(slot, fileId, passphrase);
  const purpose = (name: string) => hkdf(rootKey, fileId, text(`keyhold/v1/${name}`));
  const keks = new Map<number, OpenedKek>();
  for (let left = takeU32(); left > 0; left -= 1) {
    const id = takeU32();
    const name = takeLp();
    const createdAt = takeU64();
    const aad = Buffer.concat([text('keyhold/v1/kek'), fileId, u32(id), lp(name), u64(createdAt)]);
    keks.set(id, { purpose: name.toString(), key: openPrefixed(purpose('kek-wrap'), takeLp(), aad) });
  }

  const records: ReadAccount['records'] = [];
  while (take(1)[0] === 1) {
    const kind = takeLp().toString();
    const id = take(16);
    const version = takeU64();
    const payload = openSealed(fileId, keks, { id, kind, version, sealed: takeLp() });
    records.push({ id: id.toString('hex'), kind, version, payload });
  }
  if (file[at - 1] !== 0) throw new Error('neither an entry nor the end');
  if (takeU64() !== records.length) throw new Error('entries are missing');
  const covered = file.subarray(0, at);
  requireEqual(hmac(purpose('manifest'), text('keyhold/v1/account-file'), covered), take(32), 'the file');
  if (at !== file.length) throw new Error('something follows the end');
  return { fileId, records };
}

async function openPassphraseSlot(slot: z.infer<typeof Slot>, fileId: Buffer, passphrase: string): Promise<Buffer> {
  try {
    return await openSlot(slot, fileId, passphrase);
  } catch {
    throw new Error('the passphrase does not open it');
  }
}

const HsmUser = z.object({
  name: z.string(),
  kdf: z.object({ memoryKiB: z.int(), passes: z.int(), parallelism: z.int() }),
  salt: z.base64(),
  verifier: z.base64(),
  publicKey: z.base64(),
  heldKey: z.base64(),
});

/** The private key (PKCS#8) kept for the first of a vault's HSM users, once the password has been verified. */
export async function openHsmUser(vaultId: Buffer, payload: Buffer, password: string): Promise<Buffer> {
  const { users } = z.object({ users: z.array(HsmUser) }).parse(JSON.parse(payload.toString()));
  const [user] = users;
  if (user === undefined) throw new Error('no user');
  const salt = Buffer.from(user.salt, 'base64');
  const output = await hashRaw(text(password.normalize('NFC')), {
    algorithm: ARGON2ID,
    memoryCost: user.kdf.memoryKiB,
    timeCost: user.kdf.passes,
    parallelism: user.kdf.parallelism,
    outputLen: 32,
    salt,
  });
  const part = (purpose: string) => hkdf(output, salt, text(`keyhold/v1/hsm-user/${purpose}`));
  requireEqual(part('verifier'), Buffer.from(user.verifier, 'base64'), 'the password');
  const aad = Buffer.concat([text('keyhold/v1/hsm-user/key'), vaultId, text(user.name)]);
  return openPrefixed(part('key'), Buffer.from(user.heldKey, 'base64'), aad);
}

const Touch = z.strictObject({
  withinSeconds: z.int(),
  keys: z.union([z.literal('any'), z.array(z.string().regex(/^[0-9a-f]{32}$/))]),
});

/** What approvals of the HSM's users want touched, and the key that each of a waiting token was given with, by officer. */
const HsmRules = z.object({
  v: z.literal([1, 2]),
  touch: z.strictObject({ key: Touch.optional(), user: Touch.optional() }).optional(),
  tokens: z.array(z.object({ approvals: z.array(z.object({ user: z.string(), touch: z.string().optional() })) })),
});

export function readHsmRules(payload: Buffer): z.infer<typeof HsmRules> {
  return HsmRules.parse(JSON.parse(payload.toString()));
}

/** How much of a vault file opens with the root key and KEKs of another time. */
export function openSealedWith(
  path: string,
  { rootKey, vaultId }: Pick<ReadVault, 'rootKey' | 'vaultId'>,
): { keks: number; records: number; audit: number; head: boolean } {
  const db = new Database(path, { readonly: true });
  const tried = <T>(run: () => T): T | null => {
    try {
      return run();
    } catch {
      return null;
    }
  };
  try {
    const purpose = (name: string) => hkdf(rootKey, vaultId, text(`keyhold/v1/${name}`));
    const keks = new Map<number, OpenedKek>();
    for (const kek of z.array(Kek).parse(db.prepare('SELECT * FROM keks').all())) {
      const label = Buffer.concat([text('keyhold/v1/kek'), vaultId]);
      const aad = Buffer.concat([label, u32(kek.id), lp(text(kek.purpose)), u64(kek.created_at)]);
      const key = tried(() => openPrefixed(purpose('kek-wrap'), kek.wrapped, aad));
      if (key !== null) keks.set(kek.id, { purpose: kek.purpose, key });
    }
    const rows = z.array(Row).parse(db.prepare('SELECT * FROM records').all());
    const audit = z.array(Audit).parse(db.prepare('SELECT * FROM audit').all());
    const label = Buffer.concat([text('keyhold/v1/audit'), vaultId]);
    const pages = z.array(Page).parse(db.prepare('SELECT * FROM manifest').all());
    const macOf = ({ page, entries }: z.infer<typeof Page>) =>
      hmac(purpose('manifest'), text('keyhold/v1/page'), vaultId, u8(page), entries);
    return {
      keks: keks.size,
      records: rows.filter((row) => tried(() => openSealed(vaultId, keks, row)) !== null).length,
      audit: audit.filter(
        ({ seq, sealed }) =>
          tried(() => openPrefixed(purpose('audit-seal'), sealed, Buffer.concat([label, u64(seq)]))) !== null,
      ).length,
      head: pages.some((page) => macOf(page).equals(page.mac)),
    };
  } finally {
    db.close();
  }
}
