import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { defaultKeyPolicy } from '../src/core/kms/key-policy.ts';
import { generateMaterial } from '../src/core/kms/make-material.ts';
import type { KmsKey } from '../src/core/kms/records.ts';
import { openVault } from '../src/core/vault/store.ts';
import { unlockVault } from '../src/core/vault/unlock-vault.ts';
import { sealFor, startTestHsm } from '../test/support/hsm.ts';
import { PASSWORD } from './daemon.ts';

const AT_ONCE = 500;

/**
 * Puts `count` symmetric KMS keys into the only account of a vault that nobody has open, 500 in a transaction: CreateKey makes each durable
 * by itself, which takes minutes for ten thousand. Answers their ids.
 */
export async function fillWithKeys(home: string, region: string, count: number): Promise<string[]> {
  const hsm = startTestHsm();
  const vault = openVault(join(home, 'vault.keyhold'));
  try {
    const sealed = await sealFor(hsm, 'password', PASSWORD);
    await unlockVault(vault, hsm, { secret: { factor: 'password', sealed } });
    const [account] = await vault.read('account');
    if (account === undefined) throw new Error('There is no account to put keys into.');
    const accountId = accountIdOf(account.data);
    const newId = (): string => randomBytes(16).toString('hex');
    const ids: string[] = [];
    while (ids.length < count) {
      const keys = await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, count - ids.length) }, async (_, at) => {
          const now = Date.now();
          const [keyId, spec, usage] = [randomUUID(), 'SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'] as const;
          const material = await generateMaterial({ hsm, newId }, { keyId, spec, usage }, accountId, now, {});
          const key: KmsKey = {
            ...{ account: account.id, region, keyId, spec, usage, origin: 'AWS_KMS', manager: 'CUSTOMER' },
            ...{ description: `key ${ids.length + at}`, enabled: true, policy: defaultKeyPolicy(accountId, region) },
            ...{ tags: [], createdAt: now, onDemandRotations: 0 },
            materials: [{ id: material.id, object: material.object, state: 'CURRENT' }],
          };
          return { key, material };
        }),
      );
      await vault.transact({
        put: keys.map(({ key }) => ({ kind: 'kmsKey', data: key })),
        putObjects: keys.map(({ material }) => ({ id: material.object.id, version: 1, blob: material.blob })),
      });
      ids.push(...keys.map(({ key }) => key.keyId));
    }
    return ids;
  } finally {
    await vault.close();
    await hsm.kill();
  }
}

function accountIdOf(data: unknown): string {
  if (typeof data !== 'object' || data === null || !('accountId' in data)) throw new Error('This is no account.');
  return String(data.accountId);
}
