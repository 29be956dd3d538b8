import { createCipheriv, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { wipeEntries } from '../../../src/client/otp/entry.ts';
import { needsPassword, readImport } from '../../../src/client/otp/read-import.ts';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const SEED = new TextEncoder().encode('12345678901234567890');
const utf8 = new TextEncoder();
const json = (value: unknown) => utf8.encode(JSON.stringify(value));
const password = utf8.encode('open sesame');

function gcm(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array | string) {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { ciphertext, tag: cipher.getAuthTag() };
}

const AEGIS_DB = {
  version: 3,
  entries: [
    {
      ...{ type: 'totp', uuid: 'x', name: 'alice', issuer: 'GitHub', note: '', favorite: false, icon: null },
      info: { secret: SECRET, algo: 'SHA256', digits: 8, period: 60 },
    },
    {
      type: 'hotp',
      name: 'bob',
      issuer: 'Old',
      info: { secret: SECRET.slice(0, 16), algo: 'SHA1', digits: 6, counter: 9 },
    },
    { type: 'steam', name: 'gamer', issuer: 'Steam', info: { secret: SECRET, algo: 'SHA1', digits: 5, period: 30 } },
  ],
};

function encryptedAegis(): Uint8Array {
  const master = randomBytes(32);
  const salt = randomBytes(32);
  const n = 2 ** 12;
  const slotKey = scryptSync(password, salt, 32, { N: n, r: 8, p: 1 });
  const [keyNonce, dbNonce] = [randomBytes(12), randomBytes(12)];
  const slot = gcm(slotKey, keyNonce, master);
  const db = gcm(master, dbNonce, JSON.stringify(AEGIS_DB));
  const params = (nonce: Buffer, tag: Buffer) => ({ nonce: nonce.toString('hex'), tag: tag.toString('hex') });
  return json({
    version: 1,
    header: {
      slots: [
        { type: 2, uuid: 'biometric', key: '00', key_params: params(keyNonce, slot.tag) },
        {
          ...{ type: 1, uuid: 'y', key: slot.ciphertext.toString('hex'), key_params: params(keyNonce, slot.tag) },
          ...{ n, r: 8, p: 1, salt: salt.toString('hex'), repaired: true },
        },
      ],
      params: params(dbNonce, db.tag),
    },
    db: db.ciphertext.toString('base64'),
  });
}

const ANDOTP = [
  {
    secret: SECRET,
    issuer: 'GitHub',
    label: 'alice',
    digits: 8,
    type: 'TOTP',
    algorithm: 'SHA256',
    period: 60,
    tags: [],
  },
  { secret: SECRET, issuer: '', label: 'Old:bob', digits: 6, type: 'HOTP', algorithm: 'SHA1', counter: 9 },
  { secret: SECRET, issuer: 'Steam', label: 'gamer', digits: 5, type: 'STEAM', algorithm: 'SHA1', period: 30 },
];

function encryptedAndOtp(): Uint8Array {
  const rounds = Buffer.alloc(4);
  rounds.writeUInt32BE(5000);
  const [salt, nonce] = [randomBytes(12), randomBytes(12)];
  const { ciphertext, tag } = gcm(pbkdf2Sync(password, salt, 5000, 32, 'sha1'), nonce, JSON.stringify(ANDOTP));
  return Buffer.concat([rounds, salt, nonce, ciphertext, tag]);
}

const SERVICES = [
  {
    ...{ name: 'GitHub', secret: SECRET, updatedAt: 1 },
    otp: { account: 'alice', issuer: 'GitHub', digits: 8, period: 60, algorithm: 'SHA256', tokenType: 'TOTP' },
  },
  { name: 'Old', secret: SECRET, otp: { account: 'bob', digits: 6, tokenType: 'HOTP', counter: 9, algorithm: 'SHA1' } },
  { name: 'Steam', secret: SECRET, otp: { account: 'gamer', tokenType: 'STEAM' } },
];

function encryptedTwoFas(): Uint8Array {
  const [salt, nonce] = [randomBytes(256), randomBytes(12)];
  const { ciphertext, tag } = gcm(pbkdf2Sync(password, salt, 10_000, 32, 'sha256'), nonce, JSON.stringify(SERVICES));
  const parts = [Buffer.concat([ciphertext, tag]), salt, nonce].map((part) => part.toString('base64'));
  return json({ schemaVersion: 4, services: [], servicesEncrypted: parts.join(':'), reference: '' });
}

const PLAIN = [
  ['Aegis', json({ version: 1, header: { slots: null, params: null }, db: AEGIS_DB })],
  ['andOTP', json(ANDOTP)],
  ['2FAS', json({ schemaVersion: 4, services: SERVICES })],
] as const;
const ENCRYPTED = [
  ['Aegis', encryptedAegis()],
  ['andOTP', encryptedAndOtp()],
  ['2FAS', encryptedTwoFas()],
] as const;

describe('an export of another authenticator', () => {
  const expectAll = (found: Awaited<ReturnType<typeof readImport>>) => {
    expect(found.entries.map(({ entry }) => entry)).toMatchObject([
      { type: 'totp', issuer: 'GitHub', label: 'alice', algorithm: 'SHA256', digits: 8, period: 60, seed: SEED },
      { type: 'hotp', issuer: 'Old', label: 'bob', algorithm: 'SHA1', digits: 6, counter: 9 },
    ]);
    expect(found.problems).toMatchObject([{ where: 'Steam gamer', message: expect.stringMatching(/^Steam Guard/) }]);
  };

  test.each(PLAIN)('%s, plain', async (source, file) => {
    expect(needsPassword(file)).toBe(false);
    const found = await readImport(file);
    expect(found.source).toBe(source);
    expectAll(found);
    wipeEntries(found.entries);
    expect(found.entries[0]?.entry.seed.every((byte) => byte === 0)).toBe(true);
  });

  test.each(ENCRYPTED)('%s, encrypted', async (source, file) => {
    expect(needsPassword(file)).toBe(true);
    await expect(readImport(file)).rejects.toMatchObject({ code: 'WrongSecret' });
    await expect(readImport(file, utf8.encode('wrong'))).rejects.toMatchObject({ code: 'WrongSecret' });
    const found = await readImport(file, password);
    expect(found.source).toBe(source);
    expectAll(found);
  });

  test.each([...PLAIN, ...ENCRYPTED])('%s, cut off anywhere, is refused', async (_source, file) => {
    for (let length = 0; length < file.length; length += Math.ceil(file.length / 40)) {
      await expect(readImport(file.slice(0, length), password)).rejects.toMatchObject({
        code: expect.stringMatching(/^(InvalidInput|WrongSecret)$/),
      });
    }
  });

  test('that asks for far too much work is refused before it is done', async () => {
    const file = JSON.parse(new TextDecoder().decode(encryptedAegis())) as { header: { slots: { n?: number }[] } };
    for (const slot of file.header.slots) slot.n = 2 ** 30;
    await expect(readImport(json(file), password)).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

describe('lists of addresses', () => {
  test('good lines come in, bad ones are named', async () => {
    const found = await readImport(
      utf8.encode(
        `# mine\notpauth://totp/GitHub:alice?secret=${SECRET}\r\n\notpauth://totp/x?secret=1\nhttps://example.com\n`,
      ),
    );
    expect(found.entries).toHaveLength(1);
    expect(found.problems.map(({ where }) => where)).toEqual(['line 4', 'line 5']);
  });

  test('of Google Authenticator say which codes are missing', async () => {
    const part = (index: number) => {
      const secret = Buffer.concat([Buffer.from(SEED), Buffer.from([index])]);
      const entry = Buffer.concat([
        Buffer.from([0x0a, secret.length]),
        secret,
        Buffer.from([0x12, 5]),
        Buffer.from(`user${index}`),
        Buffer.from([0x1a, 3]),
        Buffer.from('Org'),
        Buffer.from([0x20, 2, 0x28, 2, 0x30, 2]),
      ]);
      const message = Buffer.concat([
        Buffer.from([0x0a, entry.length]),
        entry,
        Buffer.from([0x10, 1, 0x18, 2, 0x20, index, 0x28, 0xff, 0xff, 0xff, 0xff, 0x07]),
      ]);
      return `otpauth-migration://offline?data=${encodeURIComponent(message.toString('base64'))}`;
    };
    const one = await readImport(utf8.encode(part(0)));
    expect(one.source).toBe('Google Authenticator');
    expect(one.entries).toMatchObject([{ entry: { issuer: 'Org', label: 'user0', algorithm: 'SHA256', digits: 8 } }]);
    expect(one.problems).toEqual([
      { where: 'the export', message: '1 of 2 QR codes of this export are here. Scan the others too.' },
    ]);
    const both = await readImport(utf8.encode(`${part(0)}\n${part(1)}`));
    expect(both.entries).toHaveLength(2);
    expect(both.problems).toEqual([]);
  });

  test('anything else is refused in words', async () => {
    for (const other of ['', '{}', '[]', '[1]', 'hello', '{"header":1,"db":2,"version":1}', '\u0000'.repeat(80)]) {
      await expect(readImport(utf8.encode(other)), other).rejects.toMatchObject({ code: 'InvalidInput' });
    }
  });
});
