import { createHash } from 'node:crypto';
import { KeyholdError } from '../../../../contract/errors.ts';
import { concat } from '../../../crypto/bytes.ts';
import { wipe } from '../../../crypto/wipe.ts';
import { DIGEST_INFO } from '../../algorithms/digest-info.ts';
import { type DigestName, digestBytes, digestOf, requireMessageFits } from '../../algorithms/signing-rules.ts';
import { bytesOf, fieldsOf, oneOf } from '../../input.ts';
import { isCkr } from '../ckr.ts';
import { type Cryptoki, type Mechanism, ownCopy } from '../cryptoki.ts';
import { ecdsaFromDer, ecdsaToDer } from '../ecdsa-signature.ts';
import { type FoundKey, publicHalfOf, withKey } from '../key-handles.ts';
import type { TokenInput, TokenOutput, TokenSigningAlgorithm } from '../protocol.ts';
import { SPECS } from '../specs.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { keyIdOf, LONGEST_CIPHERTEXT, LONGEST_MESSAGE } from '../token-input.ts';

const ALGORITHMS: readonly TokenSigningAlgorithm[] = [
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
];
const MESSAGE_TYPES = ['RAW', 'DIGEST'] as const;
const NOT_VERIFIED = ['CKR_SIGNATURE_INVALID', 'CKR_SIGNATURE_LEN_RANGE'];

type ToSign = Pick<TokenInput<'sign'>, 'algorithm' | 'messageType' | 'message'>;

function toSignOf(fields: Readonly<Record<string, unknown>>): ToSign {
  const toSign: ToSign = {
    algorithm: oneOf(fields['algorithm'], 'algorithm', ALGORITHMS),
    messageType: oneOf(fields['messageType'], 'messageType', MESSAGE_TYPES),
    message: bytesOf(fields['message'], 'message', 0, LONGEST_MESSAGE),
  };
  requireMessageFits(toSign);
  return toSign;
}

export function sign(state: TokenProcessState, input: unknown): Promise<TokenOutput<'sign'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'algorithm', 'messageType', 'message']);
  const keyId = keyIdOf(fields['keyId']);
  const toSign = toSignOf(fields);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    const { mechanism, data, signatureBytes } = prepared(token.cryptoki, key, toSign);
    try {
      token.module.C_SignInit(session, mechanism, key.own);
      const signature = await token.module.C_SignAsync(session, data, Buffer.alloc(signatureBytes));
      if (signature.length !== signatureBytes) {
        throw new KeyholdError('HsmRefused', 'The token gave a signature of a wrong length.');
      }
      return { signature: isEcdsa(toSign.algorithm) ? ecdsaToDer(signature) : new Uint8Array(signature) };
    } finally {
      wipe(data);
    }
  });
}

export function verify(state: TokenProcessState, input: unknown): Promise<TokenOutput<'verify'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'algorithm', 'messageType', 'message', 'signature']);
  const keyId = keyIdOf(fields['keyId']);
  const toSign = toSignOf(fields);
  const given = bytesOf(fields['signature'], 'signature', 1, LONGEST_CIPHERTEXT);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    const { mechanism, data, signatureBytes } = prepared(token.cryptoki, key, toSign);
    const signature = isEcdsa(toSign.algorithm) ? ecdsaFromDer(given, signatureBytes / 2) : given;
    if (signature === null || signature.length !== signatureBytes) return { valid: false };
    const copy = ownCopy(signature);
    try {
      token.module.C_VerifyInit(session, mechanism, publicHalfOf(key));
      const valid = await token.module.C_VerifyAsync(session, data, copy);
      return { valid };
    } catch (error) {
      if (isCkr(error, ...NOT_VERIFIED)) return { valid: false };
      throw error;
    } finally {
      wipe(data, copy);
    }
  });
}

function isEcdsa(algorithm: TokenSigningAlgorithm): boolean {
  return algorithm.startsWith('ECDSA_');
}

/** The mechanisms that take a digest, for both types of message: fewer tokens lack one of them. */
function prepared(
  c: Cryptoki,
  key: FoundKey,
  { algorithm, messageType, message }: ToSign,
): { mechanism: Mechanism; data: Buffer; signatureBytes: number } {
  const rule = SPECS[key.spec];
  const fits = rule.kind === 'ec' ? rule.algorithm === algorithm : rule.kind === 'rsa' && !isEcdsa(algorithm);
  if (!fits) throw new KeyholdError('HsmRefused', `A key of spec ${key.spec} cannot be used for ${algorithm}.`);
  const hash = digestOf(algorithm);
  const digest = messageType === 'RAW' ? createHash(hash).update(message).digest() : message;
  if (rule.kind === 'ec')
    return { mechanism: { mechanism: c.CKM_ECDSA }, data: ownCopy(digest), signatureBytes: 2 * rule.bytes };
  const signatureBytes = rule.kind === 'rsa' ? rule.bits / 8 : 0;
  if (algorithm.startsWith('RSASSA_PSS')) {
    return { mechanism: pss(c, hash, digestBytes(algorithm)), data: ownCopy(digest), signatureBytes };
  }
  const data = ownCopy(concat(DIGEST_INFO[hash], digest));
  return { mechanism: { mechanism: c.CKM_RSA_PKCS }, data, signatureBytes };
}

function pss(c: Cryptoki, hash: DigestName, saltLen: number): Mechanism {
  const [hashAlg, mgf] = {
    sha256: [c.CKM_SHA256, c.CKG_MGF1_SHA256] as const,
    sha384: [c.CKM_SHA384, c.CKG_MGF1_SHA384] as const,
    sha512: [c.CKM_SHA512, c.CKG_MGF1_SHA512] as const,
  }[hash];
  const parameter = { type: c.CK_PARAMS_RSA_PSS, hashAlg, mgf, saltLen };
  return { mechanism: c.CKM_RSA_PKCS_PSS, parameter };
}
