import { base32 } from './base32.ts';

const LENGTH = 17;

/** A user's unique id as AWS spells it: `AIDA` and 17 letters and digits, here those of its record's id (32 hex digits). */
export function userIdOf(record: string): string {
  return `AIDA${base32(Buffer.from(record, 'hex')).slice(0, LENGTH)}`;
}
