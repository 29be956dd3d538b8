import { wipe } from '../../../crypto/wipe.ts';
import { bytesOf, fieldsOf, invalid, oneOf } from '../../input.ts';
import type { RsaEncryptionAlgorithm } from '../../protocol.ts';
import { type Cryptoki, type Mechanism, ownCopy } from '../cryptoki.ts';
import { refusedAsInvalid } from '../gcm.ts';
import { type FoundKey, publicHalfOf, requireSpec, withKey } from '../key-handles.ts';
import type { TokenOutput } from '../protocol.ts';
import { SPECS } from '../specs.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { keyIdOf, LONGEST_CIPHERTEXT, LONGEST_MESSAGE } from '../token-input.ts';

const ALGORITHMS: readonly RsaEncryptionAlgorithm[] = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];
const HASH_BYTES: Record<RsaEncryptionAlgorithm, number> = { RSAES_OAEP_SHA_1: 20, RSAES_OAEP_SHA_256: 32 };
const CKZ_DATA_SPECIFIED = 1;

export function asymEncrypt(state: TokenProcessState, input: unknown): Promise<TokenOutput<'asymEncrypt'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'algorithm', 'plaintext']);
  const keyId = keyIdOf(fields['keyId']);
  const algorithm = oneOf(fields['algorithm'], 'algorithm', ALGORITHMS);
  const plaintext = bytesOf(fields['plaintext'], 'plaintext', 1, LONGEST_MESSAGE);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    const length = modulusBytes(key);
    const longest = length - 2 * HASH_BYTES[algorithm] - 2;
    if (plaintext.length > longest) throw invalid('plaintext', `at most ${longest} bytes`);
    const copy = ownCopy(plaintext);
    try {
      token.module.C_EncryptInit(session, oaep(token.cryptoki, algorithm), publicHalfOf(key));
      return { ciphertext: new Uint8Array(await token.module.C_EncryptAsync(session, copy, Buffer.alloc(length))) };
    } finally {
      wipe(copy);
    }
  });
}

export function asymDecrypt(state: TokenProcessState, input: unknown): Promise<TokenOutput<'asymDecrypt'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'algorithm', 'ciphertext']);
  const keyId = keyIdOf(fields['keyId']);
  const algorithm = oneOf(fields['algorithm'], 'algorithm', ALGORITHMS);
  const ciphertext = bytesOf(fields['ciphertext'], 'ciphertext', 1, LONGEST_CIPHERTEXT);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    const copy = ownCopy(ciphertext);
    const output = Buffer.alloc(modulusBytes(key));
    try {
      token.module.C_DecryptInit(session, oaep(token.cryptoki, algorithm), key.own);
      const plaintext = await refusedAsInvalid(() => token.module.C_DecryptAsync(session, copy, output));
      return { plaintext: new Uint8Array(plaintext) };
    } finally {
      wipe(output, copy);
    }
  });
}

function modulusBytes(key: FoundKey): number {
  requireSpec(key, ['RSA_2048', 'RSA_3072', 'RSA_4096'], 'RSA encryption');
  const rule = SPECS[key.spec];
  return rule.kind === 'rsa' ? rule.bits / 8 : 0;
}

function oaep(c: Cryptoki, algorithm: RsaEncryptionAlgorithm): Mechanism {
  const sha1 = algorithm === 'RSAES_OAEP_SHA_1';
  const parameter = {
    type: c.CK_PARAMS_RSA_OAEP,
    hashAlg: sha1 ? c.CKM_SHA_1 : c.CKM_SHA256,
    mgf: sha1 ? c.CKG_MGF1_SHA1 : c.CKG_MGF1_SHA256,
    source: CKZ_DATA_SPECIFIED,
  };
  return { mechanism: c.CKM_RSA_PKCS_OAEP, parameter };
}
