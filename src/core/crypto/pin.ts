import { KeyholdError } from '../../contract/errors.ts';
import { wipe } from './wipe.ts';

const FEWEST_CODE_POINTS = 4;
const MOST_BYTES = 63;
const BLOCK_BYTES = 64;
const FIRST_NON_ASCII = 0x80;

/**
 * A security key's PIN as CTAP 2.1, section 6.5.1, has it: UTF-8 in normal form C, at least 4 code points, at most 63 bytes, none of which is zero at its
 * end; in a block of 64 bytes filled with zeros. `bytes` is a view of the block, which is the caller's to wipe. `PinPolicy` for anything else.
 */
export function padPin(pin: Uint8Array): { bytes: Uint8Array; block: Uint8Array } {
  const normal = normalForm(pin);
  try {
    if (normal.length > MOST_BYTES) {
      throw new KeyholdError('PinPolicy', 'A PIN has at most 63 bytes: choose a shorter one.');
    }
    if (codePoints(normal) < FEWEST_CODE_POINTS) {
      throw new KeyholdError('PinPolicy', 'A PIN has at least 4 characters: choose a longer one.');
    }
    if (normal.at(-1) === 0) throw new KeyholdError('PinPolicy', 'A PIN cannot end with a zero byte: choose another.');
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(normal);
    return { bytes: block.subarray(0, normal.length), block };
  } finally {
    wipe(normal);
  }
}

/** A copy in normal form C. ASCII is that already, and so never becomes a string, which nobody could wipe. */
function normalForm(pin: Uint8Array): Uint8Array {
  if (pin.every((byte) => byte < FIRST_NON_ASCII)) return pin.slice();
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(pin);
    return new TextEncoder().encode(text.normalize('NFC'));
  } catch {
    throw new KeyholdError('PinPolicy', 'The PIN is not text: type another.');
  }
}

/** Of valid UTF-8: every byte that does not continue a character begins one. */
function codePoints(text: Uint8Array): number {
  return text.reduce((count, byte) => ((byte & 0xc0) === 0x80 ? count : count + 1), 0);
}
