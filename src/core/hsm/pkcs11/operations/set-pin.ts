import { KeyholdError } from '../../../../contract/errors.ts';
import { wipe } from '../../../crypto/wipe.ts';
import { fieldsOf } from '../../input.ts';
import { openPin } from '../open-pin.ts';
import type { TokenOutput } from '../protocol.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';

/** C_SetPIN (PKCS#11 v2.40, section 5.5) as the user who is logged in. */
export async function setPin(state: TokenProcessState, input: unknown): Promise<TokenOutput<'setPin'>> {
  const fields = fieldsOf(input, 'input', ['current', 'next']);
  const token = loggedInToken(state);
  const current = await openPin(state, fields['current']);
  let next: Uint8Array | undefined;
  try {
    next = await openPin(state, fields['next']);
    // The binding takes text only: these strings live until the process ends, which is soon after.
    const [before, after] = [current, next].map((pin) => new TextDecoder('utf-8', { fatal: true }).decode(pin));
    await token.sessions.use((session) => token.module.C_SetPIN(session, before ?? '', after ?? ''));
    return {};
  } catch (error) {
    throw told(error);
  } finally {
    wipe(current, next);
  }
}

function told(error: unknown): unknown {
  const cause = error instanceof KeyholdError ? error.details?.['ckr'] : undefined;
  if (cause === 'CKR_PIN_INVALID' || cause === 'CKR_PIN_LEN_RANGE') {
    return new KeyholdError(
      'InvalidInput',
      `The token takes no PIN of this length, or with these signs in it. Choose another one. (${cause})`,
      { ckr: cause },
    );
  }
  return error;
}
