import { createECDH, createHmac, createPublicKey, verify } from 'node:crypto';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The SigV4a public key of an access key, as AWS describes its derivation (NIST SP 800-108 in counter mode, then a test of the candidate
 * against the order of P-256). With numbers, and so without anything in common with src/.
 */
function publicKeyOf(accessKeyId: string, secretAccessKey: string) {
  for (let attempt = 1; attempt < 255; attempt++) {
    const fixed = `${'\0\0\0\x01'}AWS4-ECDSA-P256-SHA256\0${accessKeyId}${String.fromCharCode(attempt)}${'\0\0\x01\0'}`;
    const mac = createHmac('sha256', `AWS4A${secretAccessKey}`).update(fixed, 'latin1').digest('hex');
    const candidate = BigInt(`0x${mac}`);
    if (candidate > ORDER - 2n) continue;
    const pair = createECDH('prime256v1');
    pair.setPrivateKey((candidate + 1n).toString(16).padStart(64, '0'), 'hex');
    const point = pair.getPublicKey();
    const [x, y] = [point.toString('base64url', 1, 33), point.toString('base64url', 33)];
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  }
  throw new Error('no key within 254 tries');
}

/** Whether a hex DER signature over the string to sign is that of this access key. */
export function isSignedV4a(
  key: { accessKeyId: string; secretAccessKey: string },
  stringToSign: string,
  signature: string,
): boolean {
  const publicKey = publicKeyOf(key.accessKeyId, key.secretAccessKey);
  return verify('sha256', Buffer.from(stringToSign), publicKey, Buffer.from(signature, 'hex'));
}
