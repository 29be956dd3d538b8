import { Option } from 'commander';

export type YubikeySlot = '1' | '2';

/** `--yubikey-slot 1` or `2`. */
export function yubikeySlotOption(explanation: string): Option {
  return new Option('--yubikey-slot <slot>', explanation).choices(['1', '2'] as const satisfies YubikeySlot[]);
}

export function otpSlotOf(slot: YubikeySlot): 1 | 2 {
  return slot === '1' ? 1 : 2;
}
