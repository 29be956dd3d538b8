import { KeyholdError } from '../../src/contract/errors.ts';
import type { TestCore } from './core.ts';

/** What `vault check` says; false also where the damage has been come upon already and has locked the vault, before the check or in the middle of it. */
export async function isSound({ client }: Pick<TestCore, 'client'>): Promise<boolean> {
  try {
    return (await client.call('vault.check', {})).ok;
  } catch (error) {
    const { lockReason } = await client.call('status.get', {});
    if (error instanceof KeyholdError && error.code === 'Locked' && lockReason === 'tampered') return false;
    throw error;
  }
}
