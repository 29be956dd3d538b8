import { base64Bytes } from '../crypto/base64-bytes.ts';
import { concat, lp, toBase64, utf8 } from '../crypto/bytes.ts';
import { wipe } from '../crypto/wipe.ts';
import { generateRsa, importPkcs8, type NodeKey, publicHalf, taken } from './algorithms/node-keys.ts';

/** IAM takes `ssh-rsa` of 2,048 bits and more, and nothing else (IAM User Guide, "Use IAM with CodeCommit: Git credentials, SSH keys, and AWS access keys"). */
const BITS = 4096;
const TYPE = 'ssh-rsa';
const PEM_LINE = 64;
const BEGIN = '-----BEGIN RSA PRIVATE KEY-----';
const END = '-----END RSA PRIVATE KEY-----';

/** PKCS#8 DER; the caller's to wipe. */
export function newSshKey(): Promise<Uint8Array> {
  return generateRsa(BITS);
}

/** `ssh-rsa AAAA…` (RFC 4253, section 6.6), without a comment. */
export function sshPublicKey(pkcs8: Uint8Array): string {
  const { n, e } = publicHalf(importPkcs8(pkcs8)).export({ format: 'jwk' });
  if (n === undefined || e === undefined) throw new RangeError('not an RSA key');
  return `${TYPE} ${toBase64(concat(lp(utf8(TYPE)), lp(mpint(e)), lp(mpint(n))))}`;
}

/** RFC 4251, section 5: a leading zero keeps the number positive. */
function mpint(base64url: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(base64url, 'base64url'));
  return (bytes[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), bytes) : bytes;
}

/** PKCS#1 as PEM (RFC 8017, appendix A.1.2), which every OpenSSH reads. The caller's to wipe. */
export function sshPrivatePem(pkcs8: Uint8Array): Uint8Array {
  const der = pkcs1(importPkcs8(pkcs8));
  const base64 = base64Bytes(der);
  try {
    const lines = Array.from({ length: Math.ceil(base64.length / PEM_LINE) }, (_, line) => [
      base64.subarray(line * PEM_LINE, (line + 1) * PEM_LINE),
      utf8('\n'),
    ]);
    return concat(utf8(`${BEGIN}\n`), ...lines.flat(), utf8(`${END}\n`));
  } finally {
    wipe(der, base64);
  }
}

function pkcs1(key: NodeKey): Uint8Array {
  return taken(key.export({ format: 'der', type: 'pkcs1' }));
}
