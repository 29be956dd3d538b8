import { KeyholdError } from '../../contract/errors.ts';
import type { PrivateKey } from './algorithms/key-pair.ts';
import { isKeyPairSpec, KEY_PAIRS } from './algorithms/key-pairs.ts';
import type { CachedObject } from './object-cache.ts';
import type { KeyPairSpec, ObjectUsage } from './protocol.ts';
import type { TokenState } from './state.ts';
import { loadObject, requireNotExpired, requireUsage } from './use-object.ts';

export interface UsableKeyPair {
  spec: KeyPairSpec;
  pair: PrivateKey;
}

/** The key pair, if its usage flags and policy allow this use now; `HsmRefused` otherwise. */
export function keyPairFor(state: TokenState, key: unknown, usage: ObjectUsage): UsableKeyPair {
  const object = loadObject(state, key);
  const usable = keyPairOf(object);
  requireUsage(object.attributes, usage);
  requireNotExpired(state, object.attributes);
  return usable;
}

/** The key pair, whatever it may be used for. */
export function anyKeyPair(state: TokenState, key: unknown): UsableKeyPair {
  return keyPairOf(loadObject(state, key));
}

/** Made ready on first use and kept with the object. */
function keyPairOf(object: CachedObject): UsableKeyPair {
  const { spec } = object.attributes;
  if (!isKeyPairSpec(spec)) throw new KeyholdError('HsmRefused', `A key of spec ${spec} is not a key pair.`);
  object.keyPair ??= KEY_PAIRS[spec].privateKey(object.material);
  return { spec, pair: object.keyPair };
}

export function unable(spec: KeyPairSpec, action: string): KeyholdError {
  return new KeyholdError('HsmRefused', `A key of spec ${spec} cannot ${action}.`);
}
