import { toHex } from '../../crypto/bytes.ts';
import { KIND_NUMBERS } from '../kinds.ts';
import { ENTRY_BYTES, ENTRY_KIND_AT, ENTRY_TAG_AT, ENTRY_VERSION_AT } from '../manifest.ts';
import type { OtpCode } from '../protocol-otp.ts';

/** A step that was taken. Its code leaves after the commit that has the object's new version, and then once. */
interface Claim {
  id: string;
  version: number;
  /** Of the sealed object, hex: what a manifest entry repeats. */
  tag: string;
  code: OtpCode;
  committed: boolean;
}

export interface OtpClaims {
  /** By object: the first step that this process has not given out. Whatever version of the object it is shown, it goes no step back. */
  next: Map<string, number>;
  /** In the order in which they were made. */
  claims: Claim[];
}

/** So many taken codes wait for their commit at most; who takes more has given up the first. */
const MOST_CLAIMS = 256;

export function newOtpClaims(): OtpClaims {
  return { next: new Map(), claims: [] };
}

export function addClaim(otp: OtpClaims, claim: Omit<Claim, 'committed' | 'tag'>, tag: Uint8Array): void {
  otp.next.set(claim.id, claim.code.step + 1);
  otp.claims.push({ ...claim, tag: toHex(tag), committed: false });
  if (otp.claims.length > MOST_CLAIMS) otp.claims.shift();
}

/** Takes a claim whose commit has been seen. */
export function takeClaim(otp: OtpClaims, id: string, version: number): OtpCode | null {
  const at = otp.claims.findIndex((one) => one.committed && one.id === id && one.version === version);
  if (at === -1) return null;
  return otp.claims.splice(at, 1)[0]?.code ?? null;
}

/** A commit has these entries from now on. */
export function noteCommitted(otp: OtpClaims, pages: readonly { entries: Uint8Array }[]): void {
  if (otp.claims.every(({ committed }) => committed)) return;
  for (const { entries } of pages) {
    for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
      const entry = entries.subarray(at, at + ENTRY_BYTES);
      if (entry[ENTRY_KIND_AT] !== KIND_NUMBERS.object) continue;
      const id = toHex(entry.subarray(0, ID_BYTES));
      for (const claim of otp.claims)
        if (!claim.committed && claim.id === id) claim.committed = isEntryOf(entry, claim);
    }
  }
}

const ID_BYTES = 16;

function isEntryOf(entry: Uint8Array, claim: Claim): boolean {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  return (
    view.getBigUint64(ENTRY_VERSION_AT) === BigInt(claim.version) && toHex(entry.subarray(ENTRY_TAG_AT)) === claim.tag
  );
}
