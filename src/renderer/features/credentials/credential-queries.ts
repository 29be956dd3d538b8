import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

/** What IAM users have besides access keys. */
export function useCredentials() {
  return useQuery({
    queryKey: ['credentials'],
    queryFn: async () => (await call('credential.list', {})).credentials,
  });
}
