import { useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import type { MfaPrompt } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { promptStore } from '../../api/live.ts';
import { useStore } from '../../lib/store.ts';
import { claimPrompts } from './claimed-prompts.ts';

type Purpose = MfaPrompt['purpose'];

export interface KeyWork {
  working: boolean;
  error: WireError | null;
  /** What the person has to do for it now. */
  prompt: MfaPrompt | null;
  /** True when it was done; what was called off is no error. */
  run(work: () => Promise<void>): Promise<boolean>;
  /** Reaches the device: its light goes out. */
  cancel(): void;
  forgetError(): void;
}

/** One thing at a time that needs a security key. Its prompts are shown where it was begun, and leaving that place calls it off. */
export function useKeyWork(...purposes: readonly Purpose[]): KeyWork {
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const before = useRef<ReadonlySet<string>>(new Set());
  const calledOff = useRef(false);
  const prompts = useStore(promptStore);
  const prompt = working
    ? (prompts.find((one) => purposes.includes(one.purpose) && !before.current.has(one.id)) ?? null)
    : null;
  const promptId = prompt?.id ?? null;
  const shown = useRef(promptId);
  shown.current = promptId;

  useEffect(() => {
    // Called off in the moment before the key was asked.
    if (promptId !== null && calledOff.current) void callOff(promptId);
  }, [promptId]);
  useEffect(
    () => () => {
      if (shown.current !== null) void callOff(shown.current);
    },
    [],
  );

  return {
    working,
    error,
    prompt,
    forgetError: () => setError(null),
    async run(work) {
      before.current = new Set(promptStore.get().map(({ id }) => id));
      calledOff.current = false;
      const release = claimPrompts(purposes);
      setError(null);
      setWorking(true);
      try {
        await work();
        return true;
      } catch (caught) {
        const wire = asWireError(caught);
        if (wire.code !== 'Cancelled') setError(wire);
        return false;
      } finally {
        release();
        setWorking(false);
      }
    },
    cancel() {
      calledOff.current = true;
      if (shown.current !== null) void callOff(shown.current);
    },
  };
}

async function callOff(prompt: string): Promise<void> {
  // Over already, or the daemon is gone: either way nothing waits any more.
  await call('mfa.cancel', { prompt }).catch(() => undefined);
}
