const SUFFIX = '.encrypted';

/** What the other file is called to begin with: as the command line calls it. */
export function suggestedName(direction: 'encrypt' | 'decrypt', name: string): string {
  if (direction === 'encrypt') return `${name}${SUFFIX}`;
  return name.endsWith(SUFFIX) && name.length > SUFFIX.length ? name.slice(0, -SUFFIX.length) : `${name}.decrypted`;
}
