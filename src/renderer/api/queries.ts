import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { MethodName, Params, Result } from '../../contract/methods.ts';
import { call } from './keyhold.ts';

/** The lists the daemon announces changes of; the first part of each query's key. */
type Subject =
  | 'accounts'
  | 'keys'
  | 'profiles'
  | 'sessions'
  | 'clients'
  | 'settings'
  | 'slots'
  | 'totp'
  | 'securityKeys'
  | 'rotations'
  | 'signIns'
  | 'panic'
  | 'certificates'
  | 'credentials'
  | 'tokens';

export function useAccounts() {
  return useQuery({ queryKey: ['accounts'], queryFn: async () => (await call('account.list', {})).accounts });
}

export function useKeys() {
  return useQuery({ queryKey: ['keys'], queryFn: async () => (await call('key.list', {})).keys });
}

export function useProfiles() {
  return useQuery({ queryKey: ['profiles'], queryFn: async () => (await call('profile.list', {})).profiles });
}

export function useClients() {
  return useQuery({ queryKey: ['clients'], queryFn: async () => (await call('client.list', {})).clients });
}

export function useSettings() {
  return useQuery({ queryKey: ['settings'], queryFn: () => call('settings.get', {}) });
}

export function useSlots() {
  return useQuery({ queryKey: ['slots'], queryFn: async () => (await call('slot.list', {})).slots });
}

export async function refresh(queries: QueryClient, ...subjects: Subject[]): Promise<void> {
  await Promise.all(subjects.map((subject) => queries.invalidateQueries({ queryKey: [subject] })));
}

/** A change through the contract, after which the named lists are read again. */
export function useChange<M extends MethodName>(method: M, ...subjects: Subject[]) {
  const queries = useQueryClient();
  return useMutation<Result<M>, Error, Params<M>>({
    mutationFn: (params) => call(method, params),
    onSuccess: () => refresh(queries, ...subjects),
  });
}
