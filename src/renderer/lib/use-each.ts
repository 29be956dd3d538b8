import { useState } from 'react';
import type { WireError } from '../../contract/errors.ts';
import { asWireError } from '../api/error.ts';
import { notify } from '../ui/toast-store.ts';
import { doEach, failuresAsError } from './do-each.ts';
import { useGone } from './use-gone.ts';

/** What was done, without its full stop, and the way back. */
export interface Told {
  message: string;
  undo?: () => void;
}

export interface EachPlan<T> {
  items: readonly T[];
  nameOf: (item: T) => string;
  told: (done: readonly T[]) => Told;
  wire?: (error: unknown) => WireError;
  /** After every run, whatever became of it. */
  after: () => Promise<void>;
  onClose: () => void;
}

export interface Each<T> {
  /** Those that nothing was done to yet. */
  left: readonly T[];
  /** How many are through, of how many; null while nothing is under way. */
  progress: { through: number; of: number } | null;
  error: WireError | null;
  /** `order`: those that are left, where the one has to come before the other. */
  run: (work: (item: T) => Promise<unknown>, order?: readonly T[]) => Promise<void>;
}

/**
 * The same done to several things, from a dialog. What was refused stays in it, to try again or to leave; what was done is told, with its way back, whatever
 * became of the rest. Closing the dialog ends it after the one that is under way.
 */
export function useEach<T>({ items, nameOf, told, wire = asWireError, after, onClose }: EachPlan<T>): Each<T> {
  const [done, setDone] = useState<ReadonlySet<T>>(new Set());
  const [progress, setProgress] = useState<Each<T>['progress']>(null);
  const [error, setError] = useState<WireError | null>(null);
  const gone = useGone();
  const left = items.filter((item) => !done.has(item));

  const run = async (work: (item: T) => Promise<unknown>, order: readonly T[] = left) => {
    const of = order.length;
    setProgress({ through: 0, of });
    setError(null);
    const outcome = await doEach(order, {
      work,
      wire,
      stopped: () => gone.current,
      through: (through) => setProgress({ through, of }),
    });
    const kept = of - outcome.done.length;
    // Of a dialog that is about to close, the names stay.
    if (kept > 0) setDone((before) => new Set([...before, ...outcome.done]));
    if (outcome.done.length > 0) {
      const { message, undo } = told(outcome.done);
      const rest =
        gone.current && outcome.left.length > 0 ? `; ${outcome.left.length} not, as the dialog was closed` : '';
      notify({
        message: `${message}${rest}.`,
        ...(undo === undefined ? {} : { action: { label: 'Undo', run: undo } }),
      });
    }
    const refused = failuresAsError(outcome.failed, nameOf, of);
    if (refused !== null && gone.current) notify({ message: refused.message, tone: 'error' });
    setError(refused);
    if (kept === 0 && !gone.current) onClose();
    await after();
    setProgress(null);
  };
  return { left, progress, error, run };
}

/** `Removing…`, `Removing 3 of 40…`. */
export function progressWords(verb: string, { through, of }: { through: number; of: number }): string {
  return of === 1 ? `${verb}…` : `${verb} ${Math.min(through + 1, of)} of ${of}…`;
}
