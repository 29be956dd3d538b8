import { KeyholdError } from '../../../contract/errors.ts';
import type { HsmOperation } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { noteCryptoUse } from './sessions.ts';
import { usersNow } from './state.ts';

/** What is done with a KMS key: for crypto users, where the officers say so. */
const KEY_USE: ReadonlySet<HsmOperation> = new Set<HsmOperation>([
  ...(['kmsEncrypt', 'kmsDecrypt', 'kmsReEncrypt', 'kmsGenerateDataKey', 'kmsGenerateDataKeyPair'] as const),
  ...(['asymEncrypt', 'asymDecrypt', 'kmsSign', 'kmsVerify', 'kmsMac', 'kmsVerifyMac'] as const),
  ...(['kmsDeriveSharedSecret', 'kmsEncapsulate', 'kmsDecapsulate', 'admitKeyUse'] as const),
]);

/**
 * CloudHSM's rule that officers manage and users use: KMS keys work while a crypto user is logged in, for every client that may use them, as with the `kmsuser` that AWS
 * logs in with. Throws `HsmLoginRequired`, and `Internal` while the users have not been shown.
 */
export function requireKeyUse(state: TokenState, op: HsmOperation): void {
  if (!KEY_USE.has(op)) return;
  const { roster } = usersNow(state);
  if (roster === null || !roster.keyUseNeedsLogin) return;
  if (noteCryptoUse(state)) return;
  throw new KeyholdError(
    'HsmLoginRequired',
    'KMS keys of this HSM work only while a crypto user is logged in. Log one in with `keyhold hsm login NAME`.',
  );
}
