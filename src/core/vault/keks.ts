import type { KekRow } from '../hsm/protocol.ts';

type Keks = readonly KekRow[];

function newest(keks: Keks, wanted: KekRow['purpose']): number {
  return Math.max(0, ...keks.filter(({ purpose }) => purpose === wanted).map(({ id }) => id));
}

/** What new versions are sealed under: the KEKs for records and for objects. */
export function currentKeks(keks: Keks): [number, number] {
  return [newest(keks, 'records'), newest(keks, 'objects')];
}

/** Whether the keys have been changed and some records may still be under those before. */
export function isUnfinished(keks: Keks): boolean {
  const current = currentKeks(keks);
  return keks.some(({ id, purpose }) => (purpose === 'records' || purpose === 'objects') && !current.includes(id));
}

/** What is not outdated is under one of these; null while there are no others. */
export function currentWhileUnfinished(keks: Keks): readonly number[] | null {
  return isUnfinished(keks) ? currentKeks(keks) : null;
}
