import { KeyholdError } from '../../../../contract/errors.ts';
import { utf8 } from '../../../crypto/bytes.ts';
import { equal } from '../../../crypto/equal.ts';
import { wipe } from '../../../crypto/wipe.ts';
import type { Random } from '../../../ports.ts';
import { fieldsOf, invalid, oneOf, textOf } from '../../input.ts';
import { readAttributes, readPublicKey } from '../attributes.ts';
import type { Handle } from '../cryptoki.ts';
import { gcmDecrypt, gcmEncrypt } from '../gcm.ts';
import type { TokenKeyAttributes, TokenKeyUsage, TokenOutput } from '../protocol.ts';
import { TOKEN_KEY_SPECS, usagesOf } from '../specs.ts';
import { type LoggedIn, loggedInToken, type TokenProcessState } from '../state.ts';
import { makingOf, type NewKey } from '../templates.ts';
import { keyIdOf } from '../token-input.ts';

const USAGES: readonly TokenKeyUsage[] = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC'];
const LONGEST_LABEL = 128;
const TRIAL_BYTES = 32;

export async function generateKey(state: TokenProcessState, input: unknown): Promise<TokenOutput<'generateKey'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'spec', 'usage', 'label']);
  const key: NewKey = {
    keyId: keyIdOf(fields['keyId']),
    spec: oneOf(fields['spec'], 'spec', TOKEN_KEY_SPECS),
    usage: oneOf(fields['usage'], 'usage', USAGES),
    label: textOf(fields['label'], 'label', 0, LONGEST_LABEL),
    lasting: true,
  };
  if (!usagesOf(key.spec).includes(key.usage)) throw invalid('usage', `one that ${key.spec} can have`);
  const token = loggedInToken(state);
  return token.sessions.use(async (session) => {
    token.keys.forget(key.keyId);
    if (token.keys.find(session, key.keyId) !== null) {
      throw new KeyholdError('AlreadyExists', `The token has a key with the id ${key.keyId} already.`);
    }
    const made = await make(token, session, key);
    try {
      const attributes = readAttributes(token, session, made.own);
      requireGuarded(attributes);
      if (key.spec === 'AES_256') await tryKey(token, session, made.own, state.random);
      const publicKey = made.publicHalf && readPublicKey(token, session, made.publicHalf, key.spec);
      if (made.publicHalf !== undefined && publicKey === null) {
        throw new KeyholdError('HsmRefused', 'The token made a key pair without saying what its public key is.');
      }
      return { attributes, ...(publicKey === undefined || publicKey === null ? {} : { publicKey }) };
    } catch (error) {
      destroyQuietly(token, session, made);
      throw error;
    }
  });
}

interface Made {
  own: Handle;
  publicHalf: Handle | undefined;
}

/** Makes a key on one of the module's threads: seconds for RSA_4096, during which others are answered. */
export async function make({ cryptoki, module }: LoggedIn, session: Handle, key: NewKey): Promise<Made> {
  const making = makingOf(cryptoki, key);
  if ('secret' in making) {
    return { own: await module.C_GenerateKeyAsync(session, making.mechanism, making.secret), publicHalf: undefined };
  }
  const pair = await module.C_GenerateKeyPairAsync(session, making.mechanism, making.publicKey, making.privateKey);
  return { own: pair.privateKey, publicHalf: pair.publicKey };
}

/** A token is free to ignore what it was asked for. */
function requireGuarded(key: TokenKeyAttributes): void {
  if (key.sensitive && key.alwaysSensitive && !key.extractable && key.neverExtractable && key.local) return;
  throw new KeyholdError(
    'HsmRefused',
    'The token made a key that could be read or taken out of it, so the key was destroyed. This token is of no use here.',
  );
}

/** What a new AES key encrypts it must decrypt, and only unchanged: better seen now than when the only copy of something depends on it. */
export async function tryKey(token: LoggedIn, session: Handle, key: Handle, random: Random): Promise<void> {
  const plaintext = random.bytes(TRIAL_BYTES);
  const aad = utf8('keyhold/token/trial');
  try {
    const ciphertext = await gcmEncrypt(token, session, key, random, { aad, plaintext });
    const back = await gcmDecrypt(token, session, key, { aad, ciphertext });
    const same = equal(back, plaintext);
    wipe(back);
    if (same) return;
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code !== 'InvalidCiphertext') throw error;
  } finally {
    wipe(plaintext);
  }
  throw new KeyholdError('HsmRefused', 'The token does not decrypt with AES-GCM what it has just encrypted.');
}

function destroyQuietly({ module }: LoggedIn, session: Handle, { own, publicHalf }: Made): void {
  for (const object of publicHalf === undefined ? [own] : [own, publicHalf]) {
    try {
      module.C_DestroyObject(session, object);
    } catch {
      // What went wrong before is what the caller is told.
    }
  }
}
