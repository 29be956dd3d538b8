import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

/** Keys with a maximum age, when they are due and what becomes of them then. Read again with the rotations. */
export function useDue() {
  return useQuery({ queryKey: ['rotations', 'due'], queryFn: () => call('rotation.due', {}) });
}
