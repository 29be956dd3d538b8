import { type RefObject, useRef, useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import type { SecretPromptHandle } from './secret-prompt.tsx';

type Work<T> = (sealSecret: Parameters<Parameters<SecretPromptHandle['use']>[0]>[0]) => Promise<T>;

/** What goes with a `SecretPrompt`: a way in is proved again, a wrong one is said at its field, and anything else below it. */
export function useProof(): {
  prompt: RefObject<SecretPromptHandle | null>;
  working: boolean;
  error: WireError | null;
  /** Null where nothing was typed or it failed, which the page says. */
  ask: <T>(work: Work<T>) => Promise<T | null>;
} {
  const prompt = useRef<SecretPromptHandle>(null);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const ask = async <T>(work: Work<T>): Promise<T | null> => {
    setWorking(true);
    setError(null);
    try {
      return (await prompt.current?.use(work)) ?? null;
    } catch (caught) {
      const wire = asWireError(caught);
      if (wire.code === 'WrongSecret') prompt.current?.refuse();
      else setError(wire);
      return null;
    } finally {
      setWorking(false);
    }
  };
  return { prompt, working, error, ask };
}
