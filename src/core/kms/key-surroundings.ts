import type { Things } from '../things.ts';
import type { KeySurroundings } from './key-state.ts';
import type { KmsKey } from './records.ts';

/** What a key's state depends on besides its record. Needs the kind kmsKeyStore. */
export function surroundingsOf(things: Things, { keyStore }: Pick<KmsKey, 'keyStore'>, now: number): KeySurroundings {
  if (keyStore === undefined) return { now };
  return { now, keyStoreConnected: things.get('kmsKeyStore', keyStore)?.connected === true };
}
