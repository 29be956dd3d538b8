import { beforeEach, describe, expect, test } from 'vitest';
import type { HsmInput } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, replyKey, sealFor, startTestHsm } from '../../support/hsm.ts';
import { importPin } from '../../support/token-process.ts';

let hsm: ReturnType<typeof startTestHsm>;
beforeEach(async () => {
  hsm = startTestHsm();
  await createTestVault(hsm);
});

const ID = 'cd'.repeat(16);
const attributes = {
  class: 'secret-key',
  spec: 'TOKEN_PIN',
  usage: [],
  extractable: false,
  label: '',
  createdAt: 1,
  policy: {},
} satisfies HsmInput<'importObject'>['attributes'];

describe('the PIN of a token', () => {
  test('leaves the HSM sealed to one process, and in no other way', async () => {
    const key = await importPin(hsm, 'tester:pässword');
    const { raw, pair } = await replyKey();
    const { pin } = await hsm.call('sealTokenPin', { key, replyKey: raw });
    expect(new TextDecoder().decode(await pair.open(pin, 'token-pin'))).toBe('tester:pässword');
    await expect(pair.open(pin, 'client-secret')).rejects.toMatchObject({ code: 'Unauthorized' });
    const refused = { code: 'HsmRefused' };
    await expect(hsm.call('openToken', { key })).rejects.toMatchObject(refused);
    await expect(
      hsm.call('revealClientSecret', { key, replyKey: raw, purpose: 'client-secret' }),
    ).rejects.toMatchObject(refused);
    await expect(hsm.call('hmac', { key, algorithm: 'SHA-256', message: new Uint8Array(1) })).rejects.toMatchObject(
      refused,
    );
    const sealKey = { key, replyKey: new Uint8Array(32) };
    await expect(hsm.call('sealTokenPin', sealKey)).rejects.toMatchObject({ code: 'InvalidInput' });
  });

  test('is the only thing that is sealed to a token process', async () => {
    const { raw } = await replyKey();
    for (const [purpose, objectClass, spec] of [
      ['session-token', 'data', 'GENERIC_SECRET'],
      ['secret-access-key', 'secret-key', 'AWS_SECRET_ACCESS_KEY'],
      ['key-material', 'secret-key', 'GENERIC_SECRET'],
    ] as const) {
      const usage = spec === 'AWS_SECRET_ACCESS_KEY' ? (['sigv4'] as const) : ([] as const);
      const { blob } = await hsm.call('importObject', {
        id: ID,
        sealed: await sealFor(hsm, purpose, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'),
        purpose,
        attributes: { ...attributes, class: objectClass, spec, usage: [...usage] },
      });
      await expect(
        hsm.call('sealTokenPin', { key: { id: ID, version: 1, blob }, replyKey: raw }),
        purpose,
      ).rejects.toMatchObject({ code: 'HsmRefused' });
      await hsm.call('dropObjects', { ids: [ID] });
    }
  });

  test('is text of 1 to 255 bytes; what was sealed as something else does not become one', async () => {
    for (const pin of ['', 'a\nb', 'x'.repeat(256), Uint8Array.of(0x61, 0xff)]) {
      await expect(
        hsm.call('importObject', {
          id: ID,
          sealed: await sealFor(hsm, 'token-pin', pin),
          purpose: 'token-pin',
          attributes,
        }),
      ).rejects.toMatchObject({ code: 'InvalidInput' });
    }
    const asMaterial = await sealFor(hsm, 'key-material', '1234');
    await expect(
      hsm.call('importObject', { id: ID, sealed: asMaterial, purpose: 'token-pin', attributes }),
    ).rejects.toMatchObject({ code: 'InvalidInput' });
    for (const wrong of [
      { ...attributes, spec: 'GENERIC_SECRET' as const },
      { ...attributes, class: 'data' as const },
    ]) {
      const sealed = await sealFor(hsm, 'token-pin', '1234');
      await expect(
        hsm.call('importObject', { id: ID, sealed, purpose: 'token-pin', attributes: wrong }),
      ).rejects.toMatchObject({ code: 'InvalidInput' });
    }
    for (const wrong of [
      { ...attributes, extractable: true },
      { ...attributes, usage: ['mac' as const] },
    ]) {
      const sealed = await sealFor(hsm, 'token-pin', '1234');
      await expect(
        hsm.call('importObject', { id: ID, sealed, purpose: 'token-pin', attributes: wrong }),
      ).rejects.toMatchObject({ code: 'HsmRefused' });
    }
  });
});
