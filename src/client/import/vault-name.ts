/** A name the vault takes: no slashes or control characters, at most 64 characters. */
export function safeName(name: string): string {
  const clean = [...name.replaceAll(/[\p{C}/\\]+/gu, '-').trim()].slice(0, 64).join('').trim();
  return clean === '' ? 'imported' : clean;
}

/** As the vault compares names. */
export function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
