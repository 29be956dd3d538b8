import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

export function useHsmStatus() {
  return useQuery({ queryKey: ['hsm'], queryFn: () => call('hsm.status', {}), staleTime: 0 });
}

export function useTokens() {
  return useQuery({ queryKey: ['tokens'], queryFn: async () => (await call('token.list', {})).tokens, staleTime: 0 });
}
