/** Says that an access key is meant, whatever else is called so. */
export const KEY_PREFIX = 'key:';
export const CREDENTIAL_PREFIX = 'credential:';

/** What is to be rotated: its name, and what it says that it is of. What is itself called `key:…` or `credential:…` needs the word before its name. */
export function calledAs(called: string): { kind?: 'accessKey' | 'credential'; name: string } {
  if (called.startsWith(KEY_PREFIX)) return { kind: 'accessKey', name: called.slice(KEY_PREFIX.length) };
  if (!called.startsWith(CREDENTIAL_PREFIX)) return { name: called };
  return { kind: 'credential', name: called.slice(CREDENTIAL_PREFIX.length) };
}
