/** `aws`: as AWS makes them. `compatible`: what S3-compatible stores take, for accounts with an endpoint of their own. */
export type KeyForm = 'aws' | 'compatible';

/** Access key ids as the contract takes them. */
const ACCESS_KEY_ID: Readonly<Record<KeyForm, RegExp>> = {
  aws: /^[A-Z0-9]{16,128}$/,
  compatible: /^[A-Za-z0-9._-]{3,128}$/,
};
const SHORTEST_SECRET: Readonly<Record<KeyForm, number>> = { aws: 16, compatible: 8 };
const LONGEST_SECRET = 128;

/** What is wrong with an access key id, or null. The text never repeats the value. */
export function accessKeyIdFault(id: string, form: KeyForm = 'aws'): string | null {
  if (ACCESS_KEY_ID[form].test(id)) return null;
  if (id === '') return 'the access key id is empty';
  if (id !== id.trim() || /\s/.test(id)) return 'the access key id has a space in it';
  if (form === 'compatible') {
    return 'the access key id is not 3 to 128 letters, digits, dots, underscores and dashes';
  }
  if (/[^A-Z0-9]/.test(id)) return 'the access key id has characters other than capital letters and digits';
  return 'the access key id is not 16 to 128 characters long';
}

/** What is wrong with a secret access key's bytes, or null: printable ASCII characters without spaces. */
export function secretFault(secret: Uint8Array, form: KeyForm = 'aws'): string | null {
  if (secret.length === 0) return 'the secret access key is empty';
  if (!isPrintable(secret)) return 'the secret access key has a space or a character that AWS never uses';
  const least = SHORTEST_SECRET[form];
  if (secret.length < least || secret.length > LONGEST_SECRET) {
    return `the secret access key is not ${least} to ${LONGEST_SECRET} characters long`;
  }
  return null;
}

/** What is wrong with a session token's bytes, or null. */
export function tokenFault(token: Uint8Array): string | null {
  if (token.length === 0) return 'the session token is empty';
  if (!isPrintable(token)) return 'the session token has a space or a character that AWS never uses';
  return token.length > 16_384 ? 'the session token is longer than 16,384 characters' : null;
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}

/** Overwrites bytes. Best effort: the runtime may have copied them. */
export function wipe(...secrets: ReadonlyArray<Uint8Array | undefined>): void {
  for (const secret of secrets) secret?.fill(0);
}

/** A copy with memory of its own. (`slice()` would not do: a Node Buffer's shares memory.) */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
