import type { Draft } from '../draft.ts';
import type { RotationRecord } from './record.ts';

/** Ends a rotation: what it needed on its way goes, what it did stays. */
export function closeJournal(
  { mfa, creating: _settled, halt: _over, lookAt: _seen, ...record }: RotationRecord,
  draft: Draft,
  outcome: NonNullable<RotationRecord['outcome']>,
  at: number,
): RotationRecord {
  for (const object of mfa === undefined ? [] : [mfa.secret, mfa.token]) draft.removeObject(object.id);
  return { ...record, outcome, endedAt: at };
}
