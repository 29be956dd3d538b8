import { wipe } from '../../../crypto/wipe.ts';
import { booleanOf, bytesOf, fieldsOf, integerOf } from '../../input.ts';
import { gcmDecrypt, gcmEncrypt, IV_BYTES, TAG_BYTES } from '../gcm.ts';
import { requireSpec, withKey } from '../key-handles.ts';
import type { TokenOutput } from '../protocol.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { keyIdOf, LONGEST_AAD, LONGEST_CIPHERTEXT, LONGEST_MESSAGE, MOST_RANDOM } from '../token-input.ts';

export function encrypt(state: TokenProcessState, input: unknown): Promise<TokenOutput<'encrypt'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'aad', 'plaintext']);
  const keyId = keyIdOf(fields['keyId']);
  const aad = bytesOf(fields['aad'], 'aad', 0, LONGEST_AAD);
  const plaintext = bytesOf(fields['plaintext'], 'plaintext', 1, LONGEST_MESSAGE);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    requireSpec(key, ['AES_256'], 'encryption');
    return { ciphertext: await gcmEncrypt(token, session, key.own, state.random, { aad, plaintext }) };
  });
}

export function decrypt(state: TokenProcessState, input: unknown): Promise<TokenOutput<'decrypt'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'aad', 'ciphertext']);
  const keyId = keyIdOf(fields['keyId']);
  const aad = bytesOf(fields['aad'], 'aad', 0, LONGEST_AAD);
  const ciphertext = bytesOf(fields['ciphertext'], 'ciphertext', IV_BYTES + 1 + TAG_BYTES, LONGEST_CIPHERTEXT);
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    requireSpec(key, ['AES_256'], 'decryption');
    return { plaintext: await gcmDecrypt(token, session, key.own, { aad, ciphertext }) };
  });
}

export function generateDataKey(state: TokenProcessState, input: unknown): Promise<TokenOutput<'generateDataKey'>> {
  const fields = fieldsOf(input, 'input', ['keyId', 'aad', 'length', 'reveal']);
  const keyId = keyIdOf(fields['keyId']);
  const aad = bytesOf(fields['aad'], 'aad', 0, LONGEST_AAD);
  const length = integerOf(fields['length'], 'length', 1, MOST_RANDOM);
  const reveal = booleanOf(fields['reveal'], 'reveal');
  const token = loggedInToken(state);
  return withKey(token, keyId, async (session, key) => {
    requireSpec(key, ['AES_256'], 'encryption');
    const plaintext = token.module.C_GenerateRandom(session, Buffer.alloc(length));
    try {
      const ciphertext = await gcmEncrypt(token, session, key.own, state.random, { aad, plaintext });
      return { ciphertext, ...(reveal ? { plaintext: new Uint8Array(plaintext) } : {}) };
    } finally {
      wipe(plaintext);
    }
  });
}
