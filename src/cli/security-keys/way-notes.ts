import { isPasswordAlone } from '../../client/ways.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { SlotInfo } from '../../contract/schemas.ts';

/** What a person would not expect who lets a key open the vault together with a password; null where there is nothing to say. */
export function passwordAloneNote(ways: readonly SlotInfo[]): string | null {
  const alone = ways.filter(isPasswordAlone);
  if (alone.length === 0) return null;
  const names = alone.map(({ id, label }) => `${label} (${id})`).join(', ');
  return `The password alone still opens the vault: ${names}. Once you have tried the key, take that away: keyhold vault slot remove ID`;
}

/** A password that belongs to a way in with a key is another one, and stays; null where there is none. */
export function keptPasswordsNote(ways: readonly SlotInfo[]): string | null {
  const kept = ways.filter(({ factors }) => factors.length > 1 && factors.includes('password'));
  if (kept.length === 0) return null;
  const names = kept.map(({ label }) => label).join(', ');
  return `Not that of ways in with a security key: ${names}. To change it, add that way in anew (keyhold vault slot add-key) and remove the old one.`;
}

/** Of a key that had no PIN when it was enrolled: what that means, before it is found out at the next command. */
export function touchAloneNote(name: string): string {
  return `The security key has no PIN, so ${name} asks for a touch alone, and opens the vault only together with a password. For a PIN: keyhold mfa remove ${quotedName(name)}, keyhold mfa pin, and enrol it again.`;
}
