import { KmsError } from './kms-error.ts';

/** AWS's default resource quotas (KMS Developer Guide, "Quotas"), for each account and Region or for each key. */
export const QUOTAS = {
  keys: 100_000,
  aliasesPerKey: 50,
  grantsPerKey: 50_000,
  onDemandRotations: 25,
  customKeyStores: 10,
} as const;

/** Throws LimitExceededException when `count` things of this kind are as many as there may be. */
export function requireRoom(quota: keyof typeof QUOTAS, count: number, what: string): void {
  if (count < QUOTAS[quota]) return;
  throw new KmsError('LimitExceededException', `You have reached the limit of ${QUOTAS[quota]} ${what}.`);
}
