import { bits, octets, oid, sequence, truth } from './der.ts';

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';

/** Extension (RFC 5280 section 4.1); `value` is the DER inside. */
export function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return critical ? sequence(oid(id), truth(), octets(value)) : sequence(oid(id), octets(value));
}

export const endEntity = (): Uint8Array => extension(BASIC_CONSTRAINTS, true, sequence());
/** digitalSignature. */
export const signsData = (): Uint8Array => extension(KEY_USAGE, true, bits(Uint8Array.of(0x80), 7));
