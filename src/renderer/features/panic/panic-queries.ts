import { useQuery } from '@tanstack/react-query';
import type { Params } from '../../../contract/methods.ts';
import { call } from '../../api/keyhold.ts';

/** The report of the last panic, or null. */
export function usePanicReport() {
  return useQuery({ queryKey: ['panic'], queryFn: async () => (await call('panic.status', {})).report });
}

/** What a panic over these keys would switch off. It changes nothing. */
export function usePanicPlan(keys: NonNullable<Params<'panic.plan'>['keys']>) {
  return useQuery({
    queryKey: ['panic', 'plan', keys],
    queryFn: () => call('panic.plan', { keys }),
    // None at all is no plan: a panic names its keys, or takes all.
    enabled: keys.length > 0,
    placeholderData: (before) => before,
  });
}
