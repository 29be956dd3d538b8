import type { WireError } from '../../../contract/errors.ts';
import type { SecurityKey, SecurityKeyInfo } from '../../../contract/mfa.ts';
import type { MfaPrompt, SlotInfo } from '../../../contract/schemas.ts';
import { formatSeconds, listNames, plural } from '../../lib/format.ts';

type FidoInfo = Extract<SecurityKeyInfo, { kind: 'fido' }>;

/** What a person has to do, in a few words. */
export const ASK_TITLES: Readonly<Record<MfaPrompt['ask'], string>> = {
  insert: 'Plug in your security key',
  replug: 'Take the key out and plug it in again',
  touch: 'Touch your security key',
  select: 'Touch the key you want to use',
  verify: 'Use the key’s fingerprint reader',
};

/** `FIDO2`, or the older kind. */
export function standardOf(info: FidoInfo): string {
  return info.fido2 ? 'FIDO2' : 'U2F';
}

export function pinWords(info: FidoInfo): string {
  switch (info.pin) {
    case 'unsupported':
      return 'No PIN';
    case 'unset':
      return 'No PIN yet';
    case 'blocked':
      return 'PIN blocked';
    case 'set':
      return info.pinRetries === null ? 'PIN set' : `PIN set, ${triesLeft(info.pinRetries)}`;
  }
}

export function triesLeft(tries: number): string {
  return tries === 1 ? '1 try left' : `${tries} tries left`;
}

/** Beside a PIN field: how often it may still be wrong, once that is worth saying. */
export function pinHint(info: SecurityKeyInfo | undefined): string {
  const tries = info?.kind === 'fido' ? info.pinRetries : null;
  return tries === null
    ? 'The key’s own PIN, not your vault’s password.'
    : `The key’s own PIN. ${sentenceOfTries(tries)}`;
}

function sentenceOfTries(tries: number): string {
  return tries === 1
    ? 'One try left: if this one is wrong too, the key blocks its PIN.'
    : `${tries} tries left before the key blocks it.`;
}

/** What is wrong with a PIN that was typed, to be said at its field; null for errors that are not about it. */
export function pinComplaint(error: WireError): string | null {
  const tries = error.details?.['retries'];
  switch (error.code) {
    case 'PinWrong':
      return typeof tries === 'number' ? `This PIN is wrong. ${sentenceOfTries(tries)}` : 'This PIN is wrong.';
    case 'PinRequired':
      return 'Type the PIN of the key.';
    case 'PinPolicy':
      return error.message;
    default:
      return null;
  }
}

/** The key asks for its PIN, and has no reader that would do instead. */
export function wantsPin(info: SecurityKeyInfo | undefined): boolean {
  return info?.kind === 'fido' && info.pin === 'set' && info.builtInVerification !== 'set';
}

const FACTORS: Readonly<Record<SlotInfo['factors'][number], string>> = {
  password: 'a password',
  'recovery-code': 'a recovery code',
  fido2: 'a security key',
  'yubikey-hmac-sha1': 'a key’s challenge-response',
};

/** `A password and a security key`. */
export function factorWords({ factors, yubikey, userVerification }: SlotInfo): string {
  const words = listNames(
    factors.map((factor) => FACTORS[factor]),
    factors.length,
  );
  const which =
    yubikey !== undefined
      ? ` (slot ${yubikey.otpSlot}${yubikey.serial === null ? '' : ` of ${yubikey.serial}`})`
      : userVerification === true
        ? ' with its PIN'
        : '';
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${which}`;
}

/** What a key of the vault is for. */
export function usesOf({ slots, canUnlock }: SecurityKey): string {
  if (slots.length > 0) return `opens the vault as ${listNames(slots.map(({ label }) => `“${label}”`))}`;
  return canUnlock ? 'does not open the vault' : 'for approvals alone';
}

export function credentialsLeft(count: number): string {
  return count === 0 ? 'No room for more credentials' : `Room for ${plural(count, 'credential')}`;
}

export function secondsLeft(prompt: MfaPrompt, now: number): string {
  return formatSeconds((Date.parse(prompt.until) - now) / 1000);
}
