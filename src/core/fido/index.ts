/** CTAP and WebAuthn as far as a platform speaks them: nothing here ever sees a PIN or a token (`core/crypto/pin-uv-protocol.ts` does, in the HSM process). */
export type { Attestation } from './attestation.ts';
export { type CborMap, type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
export type { HmacSecretInput, P256Point, PinUvAuth, PinUvProtocol } from './pin-uv.ts';
export { type AssertionToVerify, type AssertionVerdict, verifyAssertion } from './verify-assertion.ts';
export { type RegistrationToVerify, type RegistrationVerdict, verifyRegistration } from './verify-registration.ts';
