import type { SlotInfo } from '../../../contract/schemas.ts';
import { listNames, plural } from '../../lib/format.ts';

/** What becomes of a way in: it was proved and stays, it is given up, or nobody has said yet. */
export type WayState = 'stays' | 'ends' | 'open';

/** Ways in that were proved, with what the daemon knows that by, and those that are given up. */
export interface Proved {
  tickets: readonly string[];
  kept: ReadonlySet<string>;
  dropped: ReadonlySet<string>;
}

export const NOTHING_PROVED: Proved = { tickets: [], kept: new Set(), dropped: new Set() };

export function isCode({ factors }: Pick<SlotInfo, 'factors'>): boolean {
  return factors.includes('recovery-code');
}

export function wayState({ id }: Pick<SlotInfo, 'id'>, { kept, dropped }: Proved): WayState {
  if (kept.has(id)) return 'stays';
  return dropped.has(id) ? 'ends' : 'open';
}

/** What one proof opened, added. */
export function withProof(proved: Proved, { ticket, slots }: { ticket: string; slots: readonly string[] }): Proved {
  return {
    tickets: [...proved.tickets, ticket],
    kept: new Set([...proved.kept, ...slots]),
    dropped: new Set([...proved.dropped].filter((id) => !slots.includes(id))),
  };
}

/** A way in given up, or taken back to what nobody has said. One that was proved stays. */
export function withDropped(proved: Proved, id: string, drop: boolean): Proved {
  const dropped = new Set(proved.dropped);
  if (drop && !proved.kept.has(id)) dropped.add(id);
  else dropped.delete(id);
  return { ...proved, dropped };
}

/** Recovery codes that a new one takes the place of. One that was typed stays what it is. */
export function codesToReplace(slots: readonly SlotInfo[], proved: Proved): string[] {
  const codes = slots.filter(isCode);
  return codes.some((slot) => proved.kept.has(slot.id)) ? [] : codes.map(({ id }) => id);
}

export function openWays(slots: readonly SlotInfo[], proved: Proved): SlotInfo[] {
  return slots.filter((slot) => wayState(slot, proved) === 'open');
}

/** What is going to happen, a sentence each: nothing of it can be taken back. */
export function planSentences(slots: readonly SlotInfo[], proved: Proved, records: number): string[] {
  const names = (state: WayState) =>
    slots.filter((slot) => wayState(slot, proved) === state).map(({ label }) => `“${label}”`);
  const stay = names('stays');
  const end = names('ends');
  return [
    `The vault gets a new root key, and ${plural(records, 'record')} ${records === 1 ? 'is' : 'are'} sealed anew.`,
    `${listNames(stay, stay.length)} still ${stay.length === 1 ? 'opens' : 'open'} the vault.`,
    ...(end.length === 0
      ? []
      : [`${listNames(end, end.length)} ${end.length === 1 ? 'opens' : 'open'} nothing any more.`]),
    'Backups made until now stay readable, with the passwords and codes of their time.',
  ];
}
