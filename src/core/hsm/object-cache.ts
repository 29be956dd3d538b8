import type { P256PrivateKey } from '../crypto/ecdsa-p256.ts';
import type { SecretKey } from '../crypto/secret-key.ts';
import { wipe } from '../crypto/wipe.ts';
import type { PrivateKey } from './algorithms/key-pair.ts';
import type { HsmObject } from './object.ts';

const MOST_OBJECTS = 1000;
const MOST_SIGNING_KEYS = 64;
const MOST_SIGV4A_KEYS = 4;

/** A decrypted object with what was derived from it. */
export interface CachedObject extends HsmObject {
  version: number;
  /** SigV4 signing keys by `date/region/service`. */
  signingKeys: Map<string, SecretKey>;
  /** SigV4a private keys by access key id. */
  sigv4aKeys: Map<string, P256PrivateKey>;
  /** The material, prepared for its algorithm. */
  prepared: SecretKey | P256PrivateKey | null;
  /** The private key of a key pair that KMS uses. */
  keyPair: PrivateKey | null;
}

export interface ObjectCache {
  get(id: string, version: number): CachedObject | undefined;
  put(object: HsmObject, version: number): CachedObject;
  drop(id: string): void;
  clear(): void;
}

/** Least recently used objects go first, wiped. One version of an object at a time. */
export function createObjectCache(): ObjectCache {
  const entries = new Map<string, CachedObject>();
  /** The entry that was asked for last, which is where it belongs: moving it there again would only make the map do its work. */
  let newest: CachedObject | undefined;
  const drop = (id: string): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    if (newest === entry) newest = undefined;
    wipe(entry.material);
    entry.signingKeys.clear();
    entry.sigv4aKeys.clear();
    entry.prepared = null;
    entry.keyPair?.wipe?.();
    entry.keyPair = null;
  };
  return {
    get(id, version) {
      const entry = entries.get(id);
      if (entry?.version !== version) return undefined;
      if (entry === newest) return entry;
      entries.delete(id);
      entries.set(id, entry);
      newest = entry;
      return entry;
    },
    put(object, version) {
      const { id } = object.attributes;
      drop(id);
      if (entries.size >= MOST_OBJECTS) {
        for (const oldest of entries.keys()) {
          drop(oldest);
          break;
        }
      }
      const entry: CachedObject = {
        ...object,
        version,
        signingKeys: new Map(),
        sigv4aKeys: new Map(),
        prepared: null,
        keyPair: null,
      };
      entries.set(id, entry);
      newest = entry;
      return entry;
    },
    drop,
    clear() {
      for (const id of [...entries.keys()]) drop(id);
    },
  };
}

/** Keeps a small map of derived keys from growing: the oldest goes. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, most: number): V {
  if (map.size >= most) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  map.set(key, value);
  return value;
}

export function rememberSigningKey(object: CachedObject, scope: string, key: SecretKey): SecretKey {
  return remember(object.signingKeys, scope, key, MOST_SIGNING_KEYS);
}

export function rememberSigV4aKey(object: CachedObject, accessKeyId: string, key: P256PrivateKey): P256PrivateKey {
  return remember(object.sigv4aKeys, accessKeyId, key, MOST_SIGV4A_KEYS);
}
