import { KeyholdError } from '../../contract/errors.ts';
import { toHex, u32 } from '../crypto/bytes.ts';
import { hmacSha256 } from '../crypto/hmac.ts';
import { type SecretKey, secretKey } from '../crypto/secret-key.ts';
import type { ObjectAttributes } from './protocol.ts';
import { type TokenState, workingKeys } from './state.ts';
import { loadObject } from './use-object.ts';

/** HMAC-SHA-256 over lp(context) || lp(material), as hex: names material without telling anything about it. */
export function materialIdOf(naming: SecretKey, context: Uint8Array, material: Uint8Array): string {
  return toHex(hmacSha256(naming, u32(context.length), context, u32(material.length), material));
}

/** The key that names material: the object that an imported account brought along, else this vault's own. */
export function namingKeyOf(state: TokenState, value: unknown): SecretKey {
  const keys = workingKeys(state);
  if (value === undefined) return keys.materialId;
  const object = loadObject(state, value);
  if (!isNamingKey(object.attributes)) {
    throw new KeyholdError('HsmRefused', 'This object does not name key material.');
  }
  object.prepared ??= secretKey(object.material);
  return object.prepared;
}

/** A secret that nothing else may be done with. */
export function isNamingKey({ class: objectClass, spec, usage }: ObjectAttributes): boolean {
  return objectClass === 'secret-key' && spec === 'GENERIC_SECRET' && usage.length === 0;
}
