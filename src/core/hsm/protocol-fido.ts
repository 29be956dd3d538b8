import type { Sealed } from '../../contract/schemas.ts';
import type { Argon2Params, SlotRow } from './protocol.ts';

/** A public key on P-256: two coordinates of 32 bytes. */
export interface CoordinatePair {
  x: Uint8Array;
  y: Uint8Array;
}

/** What a security key answered to an assertion with hmac-secret (CTAP 2.1, section 6.2): over the `clientDataHash` that the handle was given. */
export interface HmacSecretAssertion {
  /** Whose shared secret the extension's output is enciphered with. */
  handle: string;
  authData: Uint8Array;
  signature: Uint8Array;
}

/** One factor of a slot, as it is given to open it. */
export type GivenFactor =
  | { factor: 'password'; sealed: Sealed }
  | ({ factor: 'fido2' } & HmacSecretAssertion)
  /** The 20 bytes that the device answered to the slot's challenge. */
  | { factor: 'yubikey-hmac-sha1'; response: Uint8Array };

/**
 * What opens a vault: a secret that somebody knows, for every slot that takes only that, or all that one slot asks for, in any order. Handles stay as they are, so that the same
 * secret can be tried on a copy of the vault.
 */
export type WayIn =
  | { factor: 'password' | 'recovery-code'; sealed: Sealed }
  | { factor: 'security-key'; slot: string; factors: GivenFactor[] };

/** One factor of a new slot. */
export type NewFactor =
  | { factor: 'password'; sealed: Sealed; kdf: Argon2Params }
  | ({
      factor: 'fido2';
      rpId: string;
      credentialId: Uint8Array;
      publicKey: Uint8Array;
      /** The one salt that the handle's `hmacSecretInput` was for. */
      salt: Uint8Array;
      uv: boolean;
    } & HmacSecretAssertion)
  | {
      factor: 'yubikey-hmac-sha1';
      serial: number | null;
      otpSlot: 1 | 2;
      challenge: Uint8Array;
      response: Uint8Array;
    };

/**
 * The platform's half of a security key's PIN/UV auth protocols (CTAP 2.1, section 6.5): the PIN, the shared secret, the token and the outputs of hmac-secret are in this process
 * alone; the daemon carries ciphertext between it and the security key. All but `makeKeySlot` also work before the unlock. `StaleSealKey` for a handle that has ended.
 */
export interface FidoHsmOperations {
  /** Agrees on a shared secret with a security key. At most 16 handles: a further one ends the oldest. */
  pinUvBegin: [{ protocol: 1 | 2; authenticatorKey: CoordinatePair }, { handle: string; platformKey: CoordinatePair }];
  /** For getPinToken and getPinUvAuthTokenUsingPinWithPermissions. */
  pinUvPinHash: [{ handle: string; pin: Sealed }, { pinHashEnc: Uint8Array }];
  /** For setPIN, and with `current` for changePIN. */
  pinUvNewPin: [
    { handle: string; pin: Sealed; current?: Sealed },
    { newPinEnc: Uint8Array; pinUvAuthParam: Uint8Array; pinHashEnc: Uint8Array | null },
  ];
  /** Takes the pinUvAuthToken as the security key enciphered it. */
  pinUvToken: [{ handle: string; token: Uint8Array }, Record<string, never>];
  /** pinUvAuthParam over a message, with that token. */
  pinUvAuthenticate: [{ handle: string; message: Uint8Array }, { pinUvAuthParam: Uint8Array }];
  /** For an assertion with hmac-secret; its output is used only if it comes with a signature over this clientDataHash. */
  hmacSecretInput: [
    { handle: string; salt: Uint8Array },
    { saltEnc: Uint8Array; saltAuth: Uint8Array; clientDataHash: Uint8Array },
  ];
  pinUvEnd: [{ handle: string }, Record<string, never>];
  /** Wraps the root key for a new slot that asks for all of these factors. */
  makeKeySlot: [{ id: string; label: string; createdAt: number; factors: NewFactor[] }, { slot: SlotRow }];
}
