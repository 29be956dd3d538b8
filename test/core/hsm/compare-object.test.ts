import { beforeEach, describe, expect, test } from 'vitest';
import type { SealPurpose } from '../../../src/contract/schemas.ts';
import type { HsmInput, ObjectRef } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, sealFor, startTestHsm } from '../../support/hsm.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
let hsm: ReturnType<typeof startTestHsm>;
let next = 1;
beforeEach(async () => {
  hsm = startTestHsm();
  await createTestVault(hsm);
});

async function imported(secret: string, purpose: HsmInput<'importObject'>['purpose']): Promise<ObjectRef> {
  const id = (next++).toString(16).padStart(32, '0');
  const kinds = {
    'secret-access-key': { class: 'secret-key', spec: 'AWS_SECRET_ACCESS_KEY', usage: ['sigv4'] },
    'session-token': { class: 'data', spec: 'GENERIC_SECRET', usage: [] },
    'key-material': { class: 'secret-key', spec: 'GENERIC_SECRET', usage: ['mac'] },
    'token-pin': { class: 'secret-key', spec: 'TOKEN_PIN', usage: [] },
    'oidc-client-secret': { class: 'data', spec: 'GENERIC_SECRET', usage: [] },
    'service-password': { class: 'secret-key', spec: 'SERVICE_PASSWORD', usage: [] },
  } as const;
  const { usage, ...kind } = kinds[purpose];
  const { blob } = await hsm.call('importObject', {
    id,
    sealed: await sealFor(hsm, purpose, secret),
    purpose,
    attributes: { ...kind, usage: [...usage], extractable: false, label: '', createdAt: 1, policy: {} },
  });
  return { id, version: 1, blob };
}

const compare = async (key: ObjectRef, given: string, purpose: SealPurpose, as = purpose) =>
  hsm.call('compareObject', {
    key,
    sealed: await sealFor(hsm, as, given),
    purpose: purpose as HsmInput<'compareObject'>['purpose'],
  });

describe('compareObject', () => {
  test('says whether a secret is the one in the vault, and nothing more', async () => {
    const key = await imported(SECRET, 'secret-access-key');
    expect(await compare(key, SECRET, 'secret-access-key')).toEqual({ same: true });
    for (const other of [`${SECRET.slice(0, -1)}z`, SECRET.slice(1), `${SECRET}x`, '']) {
      expect(await compare(key, other, 'secret-access-key')).toEqual({ same: false });
    }
  });

  test('takes session tokens as well', async () => {
    const token = await imported('IQoJb3JpZ2luX2VjE', 'session-token');
    expect(await compare(token, 'IQoJb3JpZ2luX2VjE', 'session-token')).toEqual({ same: true });
    expect(await compare(token, 'IQoJb3JpZ2luX2VjF', 'session-token')).toEqual({ same: false });
  });

  test('is for these two kinds only, and for what was sealed for this', async () => {
    const key = await imported(SECRET, 'secret-access-key');
    const generic = await imported(SECRET, 'key-material');
    await expect(compare(generic, SECRET, 'secret-access-key')).rejects.toMatchObject({ code: 'HsmRefused' });
    await expect(compare(key, SECRET, 'session-token')).rejects.toMatchObject({ code: 'HsmRefused' });
    await expect(compare(key, SECRET, 'key-material')).rejects.toMatchObject({ code: 'InvalidInput' });
    await expect(compare(key, SECRET, 'secret-access-key', 'password')).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});
