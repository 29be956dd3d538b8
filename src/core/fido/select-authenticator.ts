import { KeyholdError } from '../../contract/errors.ts';
import { CTAP_COMMAND, ctap2 } from './ctap2.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import type { AuthenticatorInfo } from './get-info.ts';
import { makeCredential } from './make-credential.ts';
import { KEYHOLD_RP_ID } from './rp-id.ts';

/** Resolves when this security key is touched: how a person says which of several is meant. `Cancelled` by the signal. */
export async function selectAuthenticator(
  channel: CtapHid,
  info: AuthenticatorInfo,
  options?: ExchangeOptions,
): Promise<void> {
  if (info.versions.includes('FIDO_2_1')) {
    // authenticatorSelection (CTAP 2.1, section 6.9).
    await ctap2(channel, CTAP_COMMAND.selection, null, options);
    return;
  }
  try {
    await makeCredential(channel, NOTHING, options);
  } catch (error) {
    // The touch has come: only then does the security key look at the PIN (CTAP 2.1, section 6.1.2, step 1).
    if (error instanceof KeyholdError && AFTER_TOUCH.has(error.code)) return;
    throw error;
  }
}

const AFTER_TOUCH: ReadonlySet<string> = new Set(['PinNotSet', 'PinWrong', 'PinRequired']);
const HASH_BYTES = 32;

/** A credential that is never made, because its proof of a PIN is empty. */
const NOTHING = {
  clientDataHash: new Uint8Array(HASH_BYTES),
  rp: { id: KEYHOLD_RP_ID, name: 'Keyhold' },
  user: { id: Uint8Array.of(0), name: 'nobody', displayName: 'nobody' },
  auth: { protocol: 1, authenticate: async () => new Uint8Array() },
} as const;
