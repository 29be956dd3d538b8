import type { ObjectAttributes, ObjectRef, SealedBlob } from './protocol.ts';
import type { OtpParameters } from './protocol-otp.ts';

/**
 * The operations of the HSM's channel for virtual MFA devices of local accounts: the verifier's side of RFC 6238. Their seeds have the usage `verify`, so this process
 * tells whether codes are right and makes none of its own from them.
 */

/** Operation → [input, output]. */
export interface IamHsmOperations {
  /** Makes a seed of 40 random bytes, as long as AWS's own. It leaves here, once and in the clear, because CreateVirtualMFADevice answers it; never again. */
  generateOtpSeed: [
    { id: string; label: string; createdAt: number; otp: OtpParameters },
    { attributes: ObjectAttributes; blob: SealedBlob; seed: Uint8Array },
  ];
  /**
   * Whether the codes are those of time steps that follow on one another and none of which was accepted before; the last one is no further than `window` steps from
   * now. One code has a window of 2 at most, two codes one of 60: what may be guessed stays small. Answers the object as it is afterwards, version + 1, to be committed
   * (`step` is the last one's); null when there is no such run of steps. Codes that were accepted stay used in this process even when that commit fails.
   */
  otpVerify: [
    { key: ObjectRef; codes: string[]; window: number },
    { verified: { attributes: ObjectAttributes; blob: SealedBlob; version: number; step: number } | null },
  ];
}
