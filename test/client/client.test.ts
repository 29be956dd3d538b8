import { describe, expect, test } from 'vitest';
import { createKeyholdClient } from '../../src/client/client.ts';
import { createReplyKey } from '../../src/client/seal.ts';
import { KeyholdError } from '../../src/contract/errors.ts';

async function fakeDaemon(answers: Array<(params: unknown) => unknown>) {
  const { publicKey } = await createReplyKey();
  let keys = 0;
  const seen: Array<{ method: string; params: unknown }> = [];
  const client = createKeyholdClient(async (method, params) => {
    seen.push({ method, params });
    if (method === 'hsm.sealKey') return { sealKeyId: `k${++keys}`, publicKey };
    const answer = answers.shift();
    if (answer === undefined) throw new Error('unexpected call');
    return answer(params);
  });
  return { client, seen };
}

const stale = () => {
  throw new KeyholdError('StaleSealKey', 'stale');
};
const password = new TextEncoder().encode('pw');

describe('createKeyholdClient', () => {
  test('seals again with a fresh key when the HSM process was replaced', async () => {
    const { client, seen } = await fakeDaemon([stale, () => ({ state: 'unlocked' })]);
    const status = await client.callSealed('vault.unlock', async (seal) => ({
      secret: { factor: 'password', sealed: await seal('password', password) },
    }));
    expect(status.state).toBe('unlocked');
    expect(seen.map((entry) => entry.method)).toEqual(['hsm.sealKey', 'vault.unlock', 'hsm.sealKey', 'vault.unlock']);
    expect(seen[3]?.params).toMatchObject({ secret: { sealed: { sealKeyId: 'k2' } } });
  });

  test('gives up after two retries', async () => {
    const { client, seen } = await fakeDaemon([stale, stale, stale]);
    const call = client.callSealed('vault.changePassword', async (seal) => ({
      current: await seal('password', password),
      next: await seal('password', password),
    }));
    await expect(call).rejects.toMatchObject({ code: 'StaleSealKey' });
    expect(seen).toHaveLength(6);
  });

  test('does not repeat a call that failed for another reason', async () => {
    const { client, seen } = await fakeDaemon([
      () => {
        throw new KeyholdError('WrongSecret', 'no');
      },
    ]);
    const call = client.callSealed('vault.unlock', async (seal) => ({
      secret: { factor: 'password', sealed: await seal('password', password) },
    }));
    await expect(call).rejects.toMatchObject({ code: 'WrongSecret' });
    expect(seen).toHaveLength(2);
  });
});
