import type { Credential } from '../../../contract/credentials.ts';
import type { AccessKey } from '../../../contract/schemas.ts';
import { listNames, plural } from '../../lib/format.ts';
import { credentialBirth, whatWords } from '../credentials/credential-words.ts';
import { keyBirth } from '../keys/key-facts.ts';
import { calledOf } from './rotation-words.ts';

/** A key or credential among several that are rotated together. */
export interface ManyThing {
  /** As `rotation.plan` and `rotation.startDue` call it, so that nothing else is meant that has the same name. */
  called: string;
  name: string;
  account: string;
  /** Who uses it, or what it is. */
  note: string;
  /** When AWS made it. */
  birth: string;
  isKey: boolean;
}

/** Those that are still there. */
export function manyThings(
  names: { keys: readonly string[]; credentials: readonly string[] },
  { keys, credentials }: { keys: readonly AccessKey[]; credentials: readonly Credential[] },
): ManyThing[] {
  return [
    ...names.keys.flatMap((name): ManyThing[] => {
      const key = keys.find((one) => one.name === name);
      if (key === undefined) return [];
      const note = key.profiles.length === 0 ? '' : `used by ${listNames(key.profiles)}`;
      return [{ called: calledOf({ key: name }), name, account: key.account, note, birth: keyBirth(key), isKey: true }];
    }),
    ...names.credentials.flatMap((name): ManyThing[] => {
      const found = credentials.find((one) => one.name === name);
      if (found === undefined) return [];
      const common = { name, account: found.account, note: whatWords(found), birth: credentialBirth(found) };
      return [{ called: calledOf({ adapter: 'service', key: name }), ...common, isKey: false }];
    }),
  ];
}

/** How some of them are counted: `2 keys`, or `2 of them` where not all are keys. */
export function someOf(things: readonly Pick<ManyThing, 'isKey'>[]): (count: number) => string {
  return things.every(({ isKey }) => isKey) ? (count) => plural(count, 'key') : (count) => `${count} of them`;
}

/** `3 keys`, `2 keys and 1 credential`. */
export function countWords(things: readonly Pick<ManyThing, 'isKey'>[]): string {
  const keys = things.filter(({ isKey }) => isKey).length;
  const others = things.length - keys;
  if (others === 0) return plural(keys, 'key');
  const rest = plural(others, 'credential');
  return keys === 0 ? rest : `${plural(keys, 'key')} and ${rest}`;
}
