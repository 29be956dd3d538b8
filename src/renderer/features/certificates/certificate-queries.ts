import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

export function useCertificates() {
  return useQuery({
    queryKey: ['certificates'],
    queryFn: async () => (await call('certificate.list', {})).certificates,
  });
}
