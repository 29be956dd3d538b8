import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

export function useSignIns() {
  return useQuery({ queryKey: ['signIns'], queryFn: async () => (await call('signIn.list', {})).signIns });
}

/** Accounts and roles of whoever is signed in: asked of the Identity Center, so not again with every look. */
export function useSsoAccounts(name: string) {
  return useQuery({
    queryKey: ['signIns', 'accounts', name],
    queryFn: () => call('sso.accounts', { name }),
    staleTime: 60_000,
    retry: false,
  });
}
