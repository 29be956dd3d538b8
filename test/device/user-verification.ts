import type { Machine } from './machine.ts';
import { CtapError, type Request, STATUS } from './status.ts';

/** Where makeCredential and getAssertion have what verifies the user. */
interface Members {
  param: number;
  protocol: number;
}

export interface Verified {
  userVerified: boolean;
  /** The verification was a touch at the same time. */
  touched: boolean;
}

/**
 * The steps that makeCredential and getAssertion have in common (CTAP 2.1, sections 6.1.2 and 6.2.2): the empty pinUvAuthParam by which an older
 * platform lets the person choose a device, the token, the built-in verification.
 */
export async function verifyUserOf(
  machine: Machine,
  request: Request,
  members: Members,
  wanted: { up: boolean; uv: boolean; permission: number; rpId: string },
): Promise<Verified> {
  const param = request.optionalBytes(members.param);
  const protocol = request.optionalNumber(members.protocol);
  if (param?.length === 0) {
    await machine.presence();
    throw new CtapError(machine.pin.isSet ? STATUS.pinInvalid : STATUS.pinNotSet);
  }
  if (param !== undefined) {
    machine.pin.authorize({
      protocol,
      param,
      message: request.bytes(members.param === 8 ? 1 : 2),
      permission: wanted.permission,
      rpId: wanted.rpId,
    });
    return { userVerified: true, touched: false };
  }
  const always = machine.alwaysUv && wanted.up;
  // Its own reader is used unasked; a PIN it cannot ask for by itself.
  if (always && !wanted.uv && !machine.builtInUv) throw new CtapError(STATUS.puatRequired);
  if (!wanted.uv && !always) return { userVerified: false, touched: false };
  if (!machine.builtInUv) throw new CtapError(STATUS.invalidOption);
  await machine.verifyUser();
  return { userVerified: true, touched: true };
}
