import type { Draft } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Found } from '../things.ts';
import { instant } from '../views.ts';
import type { CertificateRecord } from './record.ts';

/** The steps of a rotation that change which key signs: each is one transaction, and the record is as before until it is committed. */

/** The new pair in the place of the one before, which stays for its quarantine. `evidence` says why that is safe. */
export function draftSwitch(
  draft: Draft,
  { id, value }: Found<'certificate'>,
  now: number,
  evidence: string,
): CertificateRecord {
  const { next, previous, imported, ...rest } = value;
  if (next === undefined) return value;
  // A second rotation begins after the quarantine of the first; what is left of one goes with it all the same.
  if (previous !== undefined) draft.removeObject(previous.pair.key.id);
  const kept = next.quarantineSeconds > 0;
  if (!kept) draft.removeObject(value.pair.key.id);
  const until = now + next.quarantineSeconds * 1000;
  const switched: CertificateRecord = omitUndefined({
    ...rest,
    pair: next.pair,
    previous: kept ? omitUndefined({ pair: value.pair, imported, until, switchedAt: now }) : undefined,
  });
  draft.put('certificate', id, switched);
  const before = kept ? `the key before is kept until ${instant(until)}` : 'the key before is destroyed';
  draft.record('certificate.switch', value.name, { reason: `${evidence}; ${before}` });
  return switched;
}

/** The key before is destroyed. */
export function draftDestroy(draft: Draft, { id, value }: Found<'certificate'>): CertificateRecord {
  const { previous, ...rest } = value;
  if (previous === undefined) return value;
  draft.removeObject(previous.pair.key.id);
  draft.put('certificate', id, rest);
  draft.record('certificate.destroy-key', value.name, {
    reason: `serial number ${previous.pair.issued?.serial ?? 'none'}`,
  });
  return rest;
}

/** Whatever was begun is taken back. */
export function draftRollback(draft: Draft, { id, value }: Found<'certificate'>): CertificateRecord {
  const { next, previous, imported, ...rest } = value;
  if (next !== undefined) {
    draft.removeObject(next.pair.key.id);
    const kept = omitUndefined({ ...rest, imported, previous });
    draft.put('certificate', id, kept);
    draft.record('certificate.rollback', value.name, { reason: 'the new key was not in use yet' });
    return kept;
  }
  if (previous === undefined) return value;
  draft.removeObject(value.pair.key.id);
  const restored = omitUndefined({ ...rest, imported: previous.imported, pair: previous.pair });
  draft.put('certificate', id, restored);
  draft.record('certificate.rollback', value.name, { reason: 'the key before is in use again' });
  return restored;
}
