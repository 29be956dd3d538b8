import { KeyholdError } from '../../../../contract/errors.ts';
import { wipe } from '../../../crypto/wipe.ts';
import { bytesOf, fieldsOf, oneOf } from '../../input.ts';
import type { MacAlgorithm } from '../../protocol.ts';
import { isCkr } from '../ckr.ts';
import { type Cryptoki, type Mechanism, ownCopy } from '../cryptoki.ts';
import { type FoundKey, withKey } from '../key-handles.ts';
import type { TokenOutput } from '../protocol.ts';
import { SPECS } from '../specs.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { keyIdOf, LONGEST_MESSAGE } from '../token-input.ts';

const ALGORITHMS: readonly MacAlgorithm[] = ['HMAC_SHA_224', 'HMAC_SHA_256', 'HMAC_SHA_384', 'HMAC_SHA_512'];
const MAC_BYTES: Record<MacAlgorithm, number> = {
  HMAC_SHA_224: 28,
  HMAC_SHA_256: 32,
  HMAC_SHA_384: 48,
  HMAC_SHA_512: 64,
};
const LONGEST_MAC = 64;

export function mac(state: TokenProcessState, input: unknown): Promise<TokenOutput<'mac'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'algorithm', 'message']);
  const keyId = keyIdOf(fields['keyId']);
  const algorithm = oneOf(fields['algorithm'], 'algorithm', ALGORITHMS);
  const message = bytesOf(fields['message'], 'message', 1, LONGEST_MESSAGE);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    const copy = ownCopy(message);
    try {
      token.module.C_SignInit(session, mechanism(token.cryptoki, key, algorithm), key.own);
      const made = await token.module.C_SignAsync(session, copy, Buffer.alloc(MAC_BYTES[algorithm]));
      if (made.length !== MAC_BYTES[algorithm]) {
        throw new KeyholdError('HsmRefused', 'The token gave a MAC of a wrong length.');
      }
      return { mac: new Uint8Array(made) };
    } finally {
      wipe(copy);
    }
  });
}

export function verifyMac(state: TokenProcessState, input: unknown): Promise<TokenOutput<'verifyMac'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'algorithm', 'message', 'mac']);
  const keyId = keyIdOf(fields['keyId']);
  const algorithm = oneOf(fields['algorithm'], 'algorithm', ALGORITHMS);
  const message = bytesOf(fields['message'], 'message', 1, LONGEST_MESSAGE);
  const given = bytesOf(fields['mac'], 'mac', 1, LONGEST_MAC);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    const wanted = mechanism(token.cryptoki, key, algorithm);
    if (given.length !== MAC_BYTES[algorithm]) return { valid: false };
    const [copy, givenCopy] = [ownCopy(message), ownCopy(given)];
    try {
      token.module.C_VerifyInit(session, wanted, key.own);
      return { valid: await token.module.C_VerifyAsync(session, copy, givenCopy) };
    } catch (error) {
      if (isCkr(error, 'CKR_SIGNATURE_INVALID', 'CKR_SIGNATURE_LEN_RANGE')) return { valid: false };
      throw error;
    } finally {
      wipe(copy, givenCopy);
    }
  });
}

function mechanism(c: Cryptoki, key: FoundKey, algorithm: MacAlgorithm): Mechanism {
  const rule = SPECS[key.spec];
  if (rule.kind !== 'hmac' || rule.algorithm !== algorithm) {
    throw new KeyholdError('HsmRefused', `A key of spec ${key.spec} cannot be used for ${algorithm}.`);
  }
  const mechanisms = {
    HMAC_SHA_224: c.CKM_SHA224_HMAC,
    HMAC_SHA_256: c.CKM_SHA256_HMAC,
    HMAC_SHA_384: c.CKM_SHA384_HMAC,
    HMAC_SHA_512: c.CKM_SHA512_HMAC,
  };
  return { mechanism: mechanisms[algorithm] };
}
