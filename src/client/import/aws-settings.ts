import { splitWords } from '../split-words.ts';
import { decode, withoutComment } from './ini.ts';

/** Settings that fetch credentials in some other way, and what to say about them. */
export const FOREIGN: Readonly<Record<string, string>> = {
  credential_source: 'it takes the credentials of the machine it runs on, which Keyhold does not do',
  credential_process: 'it is no command line: a quote or a backslash is left open',
  login_session: 'it signs in through the console; there is no key to import',
};
export const SECRETS: ReadonlySet<string> = new Set([
  'aws_secret_access_key',
  'aws_session_token',
  'aws_security_token',
]);
const KNOWN = new Set(['aws_access_key_id', ...SECRETS, 'region', 'output', 'endpoint_url', 'aws_account_id']);
const KEYHOLD = /\bkeyhold\b.*\bcredential-process\b/;

/** The words of a program that is not Keyhold itself; null for what is no command line. */
export function commandOf(value: Uint8Array): string[] | null {
  const text = decode(withoutComment(value)) ?? '';
  if (KEYHOLD.test(text)) return null;
  const words = splitWords(text);
  return words === null || words.length === 0 ? null : words;
}

/** Why a setting that says nothing of a role does not come along; null for one that does. */
export function whyLeft(name: string, value: Uint8Array): string | null {
  if (name === 'credential_process' && KEYHOLD.test(decode(value) ?? ''))
    return 'Keyhold’s own config install wrote it';
  const foreign = FOREIGN[name];
  if (foreign !== undefined) return foreign;
  if (name === 'services') return 'endpoints per service are not taken over';
  return KNOWN.has(name) ? null : 'Keyhold has no such setting';
}

/** Why a role is not assumed with a key, where one of these settings says how it is; undefined without. */
export function assuming(leftovers: readonly { what: string }[]): string | undefined {
  return leftovers.some(({ what }) => what === 'credential_source') ? FOREIGN['credential_source'] : undefined;
}
