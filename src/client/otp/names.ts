import type { OtpEntry } from './entry.ts';

const LONGEST_NAME = 64;

/** A name for an entry in the vault: of issuer and account, as far as a name may have them, and not `taken`. */
export function nameFor({ issuer, label }: Pick<OtpEntry, 'issuer' | 'label'>, taken: ReadonlySet<string>): string {
  const plain = [issuer, label]
    .filter((part) => part !== '')
    .join(' ')
    .replaceAll(/[\p{C}/\\]+/gu, '-')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const base = cut(plain === '' ? 'Authenticator' : plain, LONGEST_NAME);
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : ` ${number}`;
    const name = `${cut(base, LONGEST_NAME - suffix.length)}${suffix}`;
    if (!taken.has(foldName(name))) return name;
  }
}

/** As the vault compares names. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function cut(text: string, most: number): string {
  return text
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
}
