import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { WireError } from '../../../../contract/errors.ts';
import { asWireError } from '../../../api/error.ts';

/** One thing at a time, with its error; the HSM's users are read again after it. */
export function useWork() {
  const queries = useQueryClient();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const run = async (work: () => Promise<void>): Promise<void> => {
    setWorking(true);
    setError(null);
    try {
      await work();
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      await queries.invalidateQueries({ queryKey: ['hsm'] });
      setWorking(false);
    }
  };
  return { working, error, run };
}
