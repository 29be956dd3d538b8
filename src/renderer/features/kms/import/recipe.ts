export const WRAPPING_SPECS = ['RSA_4096', 'RSA_3072', 'RSA_2048'] as const;
export type WrappingSpec = (typeof WRAPPING_SPECS)[number];

export const WRAPPING_ALGORITHMS = [
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_256',
  'RSAES_OAEP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_1',
] as const;
export type WrappingAlgorithm = (typeof WRAPPING_ALGORITHMS)[number];

/** The names that the recipe and the downloads use. */
export const FILES = {
  publicKey: 'WrappingPublicKey.bin',
  token: 'ImportToken.bin',
  encrypted: 'EncryptedKeyMaterial.bin',
} as const;

/** How material for a spec can be wrapped, the usual way first: RSA alone cannot hold an RSA private key. */
export function wrappingAlgorithms(spec: string): readonly WrappingAlgorithm[] {
  return spec.startsWith('RSA_')
    ? WRAPPING_ALGORITHMS.filter((algorithm) => algorithm.startsWith('RSA_AES_'))
    : WRAPPING_ALGORITHMS;
}

/** RSA 2048 cannot hold a P-521 private key by itself. */
export function wrappingSpecs(spec: string, algorithm: WrappingAlgorithm): readonly WrappingSpec[] {
  const direct = algorithm.startsWith('RSAES_');
  return spec === 'ECC_NIST_P521' && direct ? WRAPPING_SPECS.filter((one) => one !== 'RSA_2048') : WRAPPING_SPECS;
}

const CURVES: Readonly<Record<string, string>> = {
  ECC_NIST_P256: 'P-256',
  ECC_NIST_P384: 'P-384',
  ECC_NIST_P521: 'P-521',
  ECC_SECG_P256K1: 'secp256k1',
  SM2: 'SM2',
};

/** The command that makes material of a spec: random bytes, or a private key in PKCS #8 DER. */
function makeMaterial(spec: string): string {
  const out = '-out KeyMaterial.bin';
  if (spec === 'SYMMETRIC_DEFAULT') return `openssl rand ${out} 32`;
  if (spec.startsWith('HMAC_')) return `openssl rand ${out} ${Number(spec.slice('HMAC_'.length)) / 8}`;
  const algorithm = spec.startsWith('RSA_')
    ? `RSA -pkeyopt rsa_keygen_bits:${spec.slice('RSA_'.length)}`
    : spec === 'ECC_NIST_EDWARDS25519'
      ? 'ED25519'
      : `EC -pkeyopt ec_paramgen_curve:${CURVES[spec] ?? ''}`;
  // In DER, genpkey itself writes older formats than PKCS #8.
  return `openssl genpkey -algorithm ${algorithm} \\\n  | openssl pkcs8 -topk8 -nocrypt -outform DER ${out}`;
}

function wrapWithRsa(source: string, target: string, hash: string): string {
  return [
    `openssl pkeyutl -encrypt -in ${source} -out ${target} \\`,
    `  -pubin -inkey ${FILES.publicKey} -keyform DER \\`,
    `  -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}`,
  ].join('\n');
}

/** A shell script that makes key material and wraps it for the import, with OpenSSL 1.1 or newer. */
export function importRecipe(spec: string, algorithm: WrappingAlgorithm): string {
  const hash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256';
  const make = ['# The material. Keep this file safe: it is your only copy.', makeMaterial(spec)];
  if (algorithm.startsWith('RSAES_')) {
    return [
      ...make,
      '',
      '# Encrypt it, so that only the HSM can read it.',
      wrapWithRsa('KeyMaterial.bin', FILES.encrypted, hash),
      '',
    ].join('\n');
  }
  return [
    ...make,
    '',
    '# Encrypt it with a fresh AES key, and that with the HSM’s public key.',
    'openssl rand -out AesKey.bin 32',
    'openssl enc -id-aes256-wrap-pad -iv A65959A6 -K "$(od -An -v -tx1 AesKey.bin | tr -d \' \\n\')" \\',
    '  -in KeyMaterial.bin -out WrappedMaterial.bin',
    wrapWithRsa('AesKey.bin', 'WrappedAesKey.bin', hash),
    `cat WrappedAesKey.bin WrappedMaterial.bin > ${FILES.encrypted}`,
    'rm AesKey.bin WrappedAesKey.bin WrappedMaterial.bin',
    '',
  ].join('\n');
}
