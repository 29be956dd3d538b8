import type { IamCredential } from '../credentials/record.ts';
import type { Found, Things } from '../things.ts';
import { credentialDueAt } from './due-at.ts';

export interface AgedCredential {
  id: string;
  value: IamCredential;
  due: number;
  underWay: boolean;
}

/** Credentials that have a maximum age. */
export function agedCredentials(things: Things): AgedCredential[] {
  const underWay = new Set(
    things.all('rotation').flatMap(({ value }) => (value.outcome === undefined ? (value.credential?.id ?? []) : [])),
  );
  return things.all('credential').flatMap(({ id, value }) => {
    const due = credentialDueAt(things, value);
    return due === undefined || value.type === 'smtp' ? [] : [{ id, value, due, underWay: underWay.has(id) }];
  });
}

/** Those that are older than they may be, and are not being rotated. */
export function dueCredentials(things: Things, now: number): Found<'credential'>[] {
  return agedCredentials(things).filter(({ due, underWay }) => due <= now && !underWay);
}
