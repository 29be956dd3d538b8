import { expect, test } from 'vitest';
import type { ObjectAttributes } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, replyKey, startTestHsm } from '../../support/hsm.ts';

const CLIENT_KEY: Omit<ObjectAttributes, 'id'> = {
  class: 'secret-key',
  spec: 'CLIENT_SECRET_KEY',
  usage: ['sigv4'],
  extractable: false,
  label: 'tool',
  createdAt: 1,
  policy: {},
};

test('a client secret that is not extractable is revealed once, as it is made, to one caller', async () => {
  const hsm = startTestHsm();
  await createTestVault(hsm);
  const reply = await replyKey();
  const made = await hsm.call('generateObject', { id: 'a'.repeat(32), attributes: CLIENT_KEY, revealTo: reply.raw });
  if (made.revealed === undefined) throw new Error('nothing was revealed');
  const secret = new TextDecoder().decode(await reply.pair.open(made.revealed, 'client-secret'));
  expect(secret).toMatch(/^[A-Za-z0-9+/]{40}$/);
  const other = await replyKey();
  await expect(other.pair.open(made.revealed, 'client-secret')).rejects.toMatchObject({ code: 'Unauthorized' });
  await expect(
    hsm.call('revealClientSecret', {
      key: { id: 'a'.repeat(32), version: 1, blob: made.blob },
      replyKey: reply.raw,
      purpose: 'client-secret',
    }),
  ).rejects.toMatchObject({ code: 'HsmRefused' });
});

test.each(['GENERIC_SECRET', 'AES_256', 'EC_P256'] as const)('%s is never revealed', async (spec) => {
  const hsm = startTestHsm();
  await createTestVault(hsm);
  const reply = await replyKey();
  const attributes: Omit<ObjectAttributes, 'id'> = {
    ...CLIENT_KEY,
    spec,
    class: spec === 'EC_P256' ? 'private-key' : 'secret-key',
    usage: spec === 'EC_P256' ? ['sign'] : spec === 'AES_256' ? ['wrap'] : [],
    extractable: false,
  };
  const input = { id: 'b'.repeat(32), attributes };
  await expect(hsm.call('generateObject', { ...input, revealTo: reply.raw })).rejects.toMatchObject({
    code: 'HsmRefused',
  });
  expect((await hsm.call('generateObject', input)).revealed).toBeUndefined();
});
