import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

/** Between two looks while records are sealed anew, should the daemon's word about it be lost. */
const LOOK_MS = 2000;

/** How far the records are under the vault’s present keys. */
export function useKeyRotation() {
  return useQuery({
    queryKey: ['keyRotation'],
    queryFn: () => call('vault.keyRotation', {}),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? LOOK_MS : false),
  });
}
