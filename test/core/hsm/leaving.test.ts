import { beforeAll, expect, test } from 'vitest';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type { ObjectAttributes, ObjectRef } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, replyKey, sealFor, startTestHsm } from '../../support/hsm.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const HOUR = 3_600_000;
const START = 1_700_000_000_000;
const REFUSED = { code: 'HsmRefused' };
let now = START;
let hsm: HsmClient;
let nextId = 0;

beforeAll(async () => {
  hsm = startTestHsm({ clock: { now: () => now, monotonic: () => performance.now() } });
  await createTestVault(hsm);
});

type Attributes = Omit<ObjectAttributes, 'id'>;
const leaving = (more: Partial<Attributes> = {}): Attributes => ({
  ...{ class: 'secret-key', spec: 'AWS_SECRET_ACCESS_KEY', usage: ['leave'], extractable: true },
  ...{ label: 'ASIA', createdAt: START, policy: { notAfter: START + HOUR }, ...more },
});

async function imported(attributes: Attributes): Promise<ObjectRef> {
  const id = (++nextId).toString(16).padStart(32, '0');
  const sealed = await sealFor(hsm, 'secret-access-key', SECRET);
  const { blob } = await hsm.call('importObject', { id, sealed, purpose: 'secret-access-key', attributes });
  return { id, version: 1, blob };
}

test('the secret of a session that was got to leave comes out, sealed to the caller or in the clear', async () => {
  const key = await imported(leaving());
  const reply = await replyKey();
  const sealed = await hsm.call('leaveSecret', { key, replyKey: reply.raw });
  if (!('sealed' in sealed)) throw new Error('it came in the clear');
  expect(new TextDecoder().decode(await reply.pair.open(sealed.sealed, 'session-secret'))).toBe(SECRET);
  const open = await hsm.call('leaveSecret', { key });
  expect('secret' in open && Buffer.from(open.secret).toString()).toBe(SECRET);
});

test('it signs nothing here, and what signs here never leaves', async () => {
  const key = await imported(leaving());
  const scope = { date: '20260101', region: 'eu-central-1', service: 'sts' };
  await expect(hsm.call('sigv4Sign', { key, scope, stringToSign: 'x' })).rejects.toMatchObject(REFUSED);
  await expect(hsm.call('sigv4DeriveClientKey', { key, scope })).rejects.toMatchObject(REFUSED);
  const signs = await imported(leaving({ usage: ['sigv4'], extractable: false }));
  await expect(hsm.call('leaveSecret', { key: signs })).rejects.toMatchObject(REFUSED);
  for (const more of [
    { usage: ['sigv4', 'leave'] },
    { usage: ['sigv4'] },
    { usage: [] },
    { extractable: false },
  ] satisfies Partial<Attributes>[]) {
    await expect(imported(leaving(more)), JSON.stringify(more)).rejects.toMatchObject(REFUSED);
  }
});

test('it has an end, of twelve hours at most, which nobody can put off, and is worth nothing after it', async () => {
  for (const policy of [{}, { notAfter: START + 13 * HOUR }]) {
    await expect(imported(leaving({ policy }))).rejects.toMatchObject(REFUSED);
  }
  const key = await imported(leaving());
  await expect(hsm.call('updateObject', { key, policy: {} })).rejects.toMatchObject(REFUSED);
  await expect(hsm.call('updateObject', { key, policy: { notAfter: START + 13 * HOUR } })).rejects.toMatchObject(
    REFUSED,
  );
  now = START + HOUR;
  await expect(hsm.call('leaveSecret', { key })).rejects.toMatchObject(REFUSED);
  now = START;
});
