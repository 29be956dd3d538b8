import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

export function useSignIns() {
  return useQuery({ queryKey: ['signIns'], queryFn: async () => (await call('signIn.list', {})).signIns });
}

/** Roles that the last SAML sign-in offered; they are kept here, nobody is asked. */
export function useSamlRoles(name: string) {
  return useQuery({ queryKey: ['signIns', 'saml', name], queryFn: () => call('saml.roles', { name }) });
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
