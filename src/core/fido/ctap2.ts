import { concat } from '../crypto/bytes.ts';
import { type Answer, answerOf, isMap } from './answer.ts';
import { type CborMap, decodeCbor, encodeCbor } from './cbor.ts';
import { CTAP_STATUS, statusError } from './ctap2-status.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { deviceFault, deviceUnsupported } from './device-errors.ts';

/** Commands of CTAP 2.1, section 6. */
export const CTAP_COMMAND = {
  makeCredential: 0x01,
  getAssertion: 0x02,
  getInfo: 0x04,
  clientPin: 0x06,
  reset: 0x07,
  getNextAssertion: 0x08,
  credentialManagement: 0x0a,
  selection: 0x0b,
  /** What keys between CTAP 2.0 and 2.1 have in place of credentialManagement. */
  credentialManagementPreview: 0x41,
} as const;

/** Sends one command and reads its answer, a map that may be empty. What the security key refuses is a KeyholdError. */
export async function ctap2(
  channel: CtapHid,
  command: number,
  parameters: CborMap | null,
  options?: ExchangeOptions,
): Promise<Answer> {
  if (!channel.capabilities.cbor) throw deviceUnsupported('do this: it is one of the older kind (U2F)');
  const message = parameters === null ? Uint8Array.of(command) : concat(Uint8Array.of(command), encodeCbor(parameters));
  const answer = await channel.cbor(message, options);
  const status = answer[0];
  if (status === undefined) throw deviceFault('sent an empty answer');
  if (status !== CTAP_STATUS.OK) throw statusError(status);
  if (answer.length === 1) return answerOf(new Map());
  const decoded = decodeCbor(answer.subarray(1));
  if (!decoded.ok) throw deviceFault(`sent an answer that is not CTAP’s CBOR (${decoded.flaw})`);
  if (!isMap(decoded.value)) throw deviceFault('sent an answer that is no map');
  return answerOf(decoded.value);
}
