import { KeyholdError } from '../../contract/errors.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { getAssertion } from './get-assertion.ts';
import type { AuthenticatorInfo } from './get-info.ts';

export type ListLimits = Pick<AuthenticatorInfo, 'maxCredentialCountInList' | 'maxCredentialIdLength'>;

const HASH_BYTES = 32;

/**
 * As many of these credentials as the security key takes at once, and among them one that it has, if it has one: it is asked for them in portions, without a
 * touch (WebAuthn level 3, section 5.1.3, leaves this to the platform). Ids that are too long for it are not its own.
 */
export async function narrowExcludeList(
  channel: CtapHid,
  limits: ListLimits,
  rpId: string,
  ids: readonly Uint8Array[],
  options?: ExchangeOptions,
): Promise<readonly Uint8Array[]> {
  const longest = limits.maxCredentialIdLength ?? Number.POSITIVE_INFINITY;
  const fitting = ids.filter(({ length }) => length <= longest);
  const most = Math.max(1, limits.maxCredentialCountInList ?? 1);
  if (fitting.length <= most) return fitting;
  for (let at = 0; at < fitting.length; at += most) {
    const portion = fitting.slice(at, at + most);
    const request = { rpId, clientDataHash: new Uint8Array(HASH_BYTES), allow: portion, userPresence: false };
    try {
      return [(await getAssertion(channel, request, options)).credentialId];
    } catch (error) {
      if (!(error instanceof KeyholdError)) throw error;
      // Some say nothing before they have verified their person, which is as good as a yes.
      if (error.code === 'PinRequired') return portion;
      if (error.code !== 'NoCredential') throw error;
    }
  }
  return [];
}
