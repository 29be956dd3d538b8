import { toBase32 } from '../../../contract/base32.ts';

const LENGTH = 17;

/** A user's unique id as AWS spells it: `AIDA` and 17 letters and digits, here those of its record's id (32 hex digits). */
export function userIdOf(record: string): string {
  return `AIDA${Buffer.from(toBase32(Buffer.from(record, 'hex'))).toString('ascii', 0, LENGTH)}`;
}
