import { useQueryClient } from '@tanstack/react-query';
import type { Seal } from '../../../client/client.ts';
import type { Params } from '../../../contract/methods.ts';
import { callSealed } from '../../api/keyhold.ts';
import { acceptStatus } from '../../api/live.ts';

type Secret = Params<'vault.unlock'>['secret'];

/** Opens the vault with what `secret` seals, and shows it. Rejects with what the daemon says. */
export function useUnlock(): (secret: (seal: Seal) => Promise<Secret>, acceptRollback: boolean) => Promise<void> {
  const queries = useQueryClient();
  return async (secret, acceptRollback) => {
    const status = await callSealed('vault.unlock', async (seal) => ({
      secret: await secret(seal),
      ...(acceptRollback ? { acceptRollback } : {}),
    }));
    acceptStatus(status, queries);
  };
}
