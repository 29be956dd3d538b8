import { KeyholdError } from '../../contract/errors.ts';
import { CTAP_COMMAND, ctap2 } from './ctap2.ts';
import { CTAP_STATUS } from './ctap2-status.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';

/**
 * authenticatorReset (CTAP 2.1, section 6.6): every credential and the PIN are gone for good. Most security keys allow it only within ten seconds of being
 * plugged in, and want a touch. Whoever calls this has asked the person in so many words.
 */
export async function resetAuthenticator(channel: CtapHid, options?: ExchangeOptions): Promise<void> {
  try {
    await ctap2(channel, CTAP_COMMAND.reset, null, options);
  } catch (error) {
    const late = error instanceof KeyholdError && error.details?.['status'] === CTAP_STATUS.NOT_ALLOWED;
    if (!late) throw error;
    throw new KeyholdError(
      'TouchRefused',
      'A security key is reset within ten seconds of being plugged in: pull it out, plug it in and start the reset at once.',
    );
  }
}
