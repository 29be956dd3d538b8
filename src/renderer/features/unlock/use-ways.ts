import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

/** What opens the locked vault. */
export function useWays() {
  return useQuery({
    queryKey: ['ways'],
    queryFn: async () => (await call('mfa.ways', {})).ways,
    staleTime: 0,
  });
}
