import { concat, lp, u32, u64, utf8 } from '../crypto/bytes.ts';
import { hmacSha256 } from '../crypto/hmac.ts';
import type { SecretKey } from '../crypto/secret-key.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { HeadState } from './protocol.ts';

/** docs/format.md, "Integrity of the set". */
export const PAGES = 256;
export const MAC_BYTES = 32;
export const PAGE_MACS_BYTES = PAGES * MAC_BYTES;
export const ENTRY_BYTES = 41;
export const ENTRY_VERSION_AT = 16;
export const ENTRY_KIND_AT = 24;
export const ENTRY_TAG_AT = 25;
const PAGE_LABEL = utf8('keyhold/v1/page');
const HEAD_LABEL = utf8('keyhold/v1/head');

export function pageMac(manifestKey: SecretKey, vaultId: Uint8Array, page: number, entries: Uint8Array): Uint8Array {
  return hmacSha256(manifestKey, PAGE_LABEL, vaultId, Uint8Array.of(page), entries);
}

export function headMac(manifestKey: SecretKey, vaultId: Uint8Array, head: HeadState): Uint8Array {
  const slots = head.slots.flatMap((slot) => [lp(slot.descriptor), lp(slot.wrapped)]);
  const keks = head.keks.flatMap((kek) => [u32(kek.id), lp(utf8(kek.purpose)), u64(kek.createdAt), lp(kek.wrapped)]);
  return hmacSha256(
    manifestKey,
    concat(
      HEAD_LABEL,
      vaultId,
      u64(head.generation),
      sha256(head.pageMacs),
      sha256(...slots),
      sha256(...keks),
      u64(head.auditSeq),
      head.auditHash,
    ),
  );
}
