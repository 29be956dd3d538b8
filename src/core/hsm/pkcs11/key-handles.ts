import { KeyholdError } from '../../../contract/errors.ts';
import { fromHex } from '../../crypto/bytes.ts';
import { readClass, readSpec } from './attributes.ts';
import { isCkr } from './ckr.ts';
import type { Handle } from './cryptoki.ts';
import type { TokenKeySpec } from './protocol.ts';
import type { Loaded, LoggedIn } from './state.ts';

/** A key of the token by the handles it has in this process. */
export interface FoundKey {
  spec: TokenKeySpec;
  /** The secret or private key. */
  own: Handle;
  /** The public half of a pair, where the token keeps it as an object. */
  publicHalf: Handle | undefined;
}

const MOST_MATCHES = 8;
const MOST_REMEMBERED = 10_000;

/** Finds keys by CKA_ID and remembers their handles: a search can be a round trip of its own. */
export interface KeyHandles {
  /** Null when there is none. `HsmRefused` when several have this id, or it is a key of a kind that we do not use. */
  find(session: Handle, keyId: string): FoundKey | null;
  forget(keyId: string): void;
}

export function createKeyHandles(loaded: Loaded): KeyHandles {
  const known = new Map<string, FoundKey>();
  return {
    find(session, keyId) {
      const remembered = known.get(keyId);
      if (remembered !== undefined) return remembered;
      const found = search(loaded, session, keyId);
      if (found !== null) {
        if (known.size >= MOST_REMEMBERED) known.clear();
        known.set(keyId, found);
      }
      return found;
    },
    forget: (keyId) => void known.delete(keyId),
  };
}

function search(loaded: Loaded, session: Handle, keyId: string): FoundKey | null {
  const { cryptoki: c, module } = loaded;
  module.C_FindObjectsInit(session, [{ type: c.CKA_ID, value: Buffer.from(fromHex(keyId)) }]);
  let objects: Handle[];
  try {
    objects = module.C_FindObjects(session, MOST_MATCHES);
  } finally {
    module.C_FindObjectsFinal(session);
  }
  const classed = objects.map((object) => ({ object, class: readClass(loaded, session, object) }));
  const own = classed.filter((one) => one.class === c.CKO_SECRET_KEY || one.class === c.CKO_PRIVATE_KEY);
  const [first, ...more] = own;
  if (first === undefined) return null;
  if (more.length > 0) {
    throw new KeyholdError('HsmRefused', `The token has more than one key with the id ${keyId}. Remove all but one.`);
  }
  const spec = readSpec(loaded, session, first.object);
  if (spec === null)
    throw new KeyholdError('HsmRefused', `The key ${keyId} of the token is of a kind that is not in use here.`);
  return { spec, own: first.object, publicHalf: classed.find((one) => one.class === c.CKO_PUBLIC_KEY)?.object };
}

/** The answers to a handle whose object is gone, also when another program removed it and made another. */
const STALE = ['CKR_KEY_HANDLE_INVALID', 'CKR_OBJECT_HANDLE_INVALID'];

/** Runs work on a key in a session of its own; once more with a fresh search when its handle turns out to be stale. `NotFound` without the key. */
export function withKey<T>(
  token: LoggedIn,
  keyId: string,
  work: (session: Handle, key: FoundKey) => Promise<T>,
): Promise<T> {
  return token.sessions.use(async (session) => {
    try {
      return await work(session, keyOrRefuse(token, session, keyId));
    } catch (error) {
      if (!isCkr(error, ...STALE)) throw error;
      token.keys.forget(keyId);
      return work(session, keyOrRefuse(token, session, keyId));
    }
  });
}

function keyOrRefuse(token: LoggedIn, session: Handle, keyId: string): FoundKey {
  const key = token.keys.find(session, keyId);
  if (key === null) throw new KeyholdError('NotFound', `The token has no key with the id ${keyId}.`);
  return key;
}

/** `HsmRefused` unless the key's spec is one of these. */
export function requireSpec(key: FoundKey, specs: readonly TokenKeySpec[], what: string): void {
  if (!specs.includes(key.spec))
    throw new KeyholdError('HsmRefused', `A key of spec ${key.spec} cannot be used for ${what}.`);
}

/** The public half; `HsmRefused` when the token does not keep it. */
export function publicHalfOf(key: FoundKey): Handle {
  if (key.publicHalf !== undefined) return key.publicHalf;
  throw new KeyholdError('HsmRefused', 'The token does not have the public half of this key.');
}
