import { concat, u32, utf8 } from './bytes.ts';
import { P256_SCALAR_BYTES } from './ecdsa-p256.ts';
import { hmacSha256 } from './hmac.ts';
import { wipe } from './wipe.ts';

const SIGV4_PREFIX = utf8('AWS4');
const SIGV4_TERMINATOR = 'aws4_request';
const SIGV4A_PREFIX = utf8('AWS4A');
const SIGV4A_LABEL = utf8('AWS4-ECDSA-P256-SHA256');
const SIGV4A_TRIES = 254;
/** The order of P-256 minus two: a candidate above it is thrown away. */
const P256_ORDER_MINUS_TWO = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f', 'hex');

/**
 * The SigV4 signing key of one day, region and service: HMAC-SHA-256 chained from `AWS4` || secret over date (`YYYYMMDD`), region,
 * service and `aws4_request`. 32 bytes, owned by the caller.
 */
export function deriveSigV4Key(secret: Uint8Array, date: string, region: string, service: string): Uint8Array {
  const start = concat(SIGV4_PREFIX, secret);
  const dateKey = hmacSha256(start, date);
  const regionKey = hmacSha256(dateKey, region);
  const serviceKey = hmacSha256(regionKey, service);
  try {
    return hmacSha256(serviceKey, SIGV4_TERMINATOR);
  } finally {
    wipe(start, dateKey, regionKey, serviceKey);
  }
}

/**
 * The SigV4a private scalar (P-256, 32 bytes big-endian): NIST SP 800-108 counter mode with HMAC-SHA-256 keyed by `AWS4A` || secret,
 * label `AWS4-ECDSA-P256-SHA256`, context access key id || try number. The first candidate up to n − 2, plus one.
 */
export function deriveSigV4aScalar(secret: Uint8Array, accessKeyId: string): Uint8Array {
  const key = concat(SIGV4A_PREFIX, secret);
  try {
    for (let attempt = 1; attempt <= SIGV4A_TRIES; attempt++) {
      const candidate = hmacSha256(
        key,
        concat(
          u32(1),
          SIGV4A_LABEL,
          Uint8Array.of(0),
          utf8(accessKeyId),
          Uint8Array.of(attempt),
          u32(P256_SCALAR_BYTES * 8),
        ),
      );
      if (isAtMost(candidate, P256_ORDER_MINUS_TWO)) return addOne(candidate);
      wipe(candidate);
    }
    throw new RangeError('no SigV4a key within 254 tries');
  } finally {
    wipe(key);
  }
}

/** a ≤ b for big-endian numbers of equal length, looking at every byte. */
function isAtMost(a: Uint8Array, b: Uint8Array): boolean {
  let borrow = 0;
  for (let index = a.length - 1; index >= 0; index--) {
    borrow = ((b[index] ?? 0) - (a[index] ?? 0) - borrow) >>> 31;
  }
  return borrow === 0;
}

function addOne(number: Uint8Array): Uint8Array {
  let carry = 1;
  for (let index = number.length - 1; index >= 0; index--) {
    const sum = (number[index] ?? 0) + carry;
    number[index] = sum & 0xff;
    carry = sum >> 8;
  }
  return number;
}
