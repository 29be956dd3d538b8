import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

/** The report of the last panic, or null. */
export function usePanicReport() {
  return useQuery({ queryKey: ['panic'], queryFn: async () => (await call('panic.status', {})).report });
}

/** What a panic over these keys would switch off. It changes nothing. */
export function usePanicPlan(keys: readonly string[]) {
  return useQuery({
    queryKey: ['panic', 'plan', ...keys],
    queryFn: () => call('panic.plan', { keys: [...keys] }),
    enabled: keys.length > 0,
    placeholderData: (before) => before,
  });
}
