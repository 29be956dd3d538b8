import { useQuery } from '@tanstack/react-query';
import type { Rotation } from '../../../contract/rotation.ts';
import { call } from '../../api/keyhold.ts';

const QUERY = {
  queryKey: ['rotations'],
  queryFn: async () => (await call('rotation.list', {})).rotations,
};

export function useRotations() {
  return useQuery(QUERY);
}

/** The same list seen another way. `select` should stay the same function for as long as it gives the same. */
export function useRotationsAs<T>(select: (rotations: readonly Rotation[]) => T) {
  return useQuery({ ...QUERY, select });
}
