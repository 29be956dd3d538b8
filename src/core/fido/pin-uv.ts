/** PIN/UV auth protocols of CTAP 2.1, section 6.5.4. Two is preferred. */
export type PinUvProtocol = 1 | 2;

/** A public key on P-256: two coordinates of 32 bytes. */
export interface P256Point {
  x: Uint8Array;
  y: Uint8Array;
}

/**
 * Proves to the security key that its PIN was entered. Whoever implements it has the token in the HSM process; this side only ever sees the MAC. From CTAP 2.1
 * on a token is used up by the first touch (section 6.5.5.7): each makeCredential and getAssertion needs one of its own.
 */
export interface PinUvAuth {
  protocol: PinUvProtocol;
  /** pinUvAuthParam over `message`. */
  authenticate(message: Uint8Array): Promise<Uint8Array>;
}

/** What the hmac-secret extension takes: salts that only the security key and the HSM process can read. */
export interface HmacSecretInput {
  protocol: PinUvProtocol;
  platformKey: P256Point;
  saltEnc: Uint8Array;
  saltAuth: Uint8Array;
}
