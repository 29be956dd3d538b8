import type { Sealed } from '../../contract/schemas.ts';
import type { ObjectAttributes, ObjectRef, RecordSealed, SealedBlob, SlotRow } from './protocol.ts';

/**
 * Gates: objects whose use wants a security key to be touched. The HSM asks, verifies the touch against the public key that it sealed at the enrolment, and remembers it;
 * the daemon only carries it. An operation that needs a touch and has none is refused with `TouchRequired` (details as `TouchWanted`); once the touch has been presented,
 * the same call with the same input goes through.
 */

/** What an object asks for before it is used. */
export interface Gate {
  /** 0: a touch for every single use. Else a touch opens the object for so many seconds, until the lock at most. */
  withinSeconds: number;
  /** Ids of the enrolled security keys (SECURITY_KEY objects) of which one has to be touched. */
  keys: 'any' | string[];
}

/** `details` of `TouchRequired`. */
export interface TouchWanted {
  /** Names this one use: what is to be done, with which input, by which object. 64 hex digits. */
  use: string;
  object: string;
  keys: 'any' | string[];
  withinSeconds: number;
}

/** A gate is loosened without its key by a recovery code alone: the way back after a lost key. */
export interface LostKey {
  secret: { factor: 'recovery-code'; sealed: Sealed };
  slots: SlotRow[];
}

/** Operation → [input, output]. */
export interface GatesHsmOperations {
  /**
   * Makes a SECURITY_KEY object of the authenticator data that a new credential was made with (WebAuthn section 6.1, with attested credential data). `HsmRefused` for another
   * relying party, for a credential that was made without a touch, and for an algorithm that no security key here uses. Its id is new, and chosen here. `enrolled` are those that there are: where it is not
   * empty, one of them has to be touched, or `lostKey` given; where it is empty and something is `guarded` by a gate, only `lostKey` will do.
   */
  enrolSecurityKey: [
    {
      label: string;
      createdAt: number;
      authenticatorData: Uint8Array;
      guarded: boolean;
      enrolled: RecordSealed[];
      lostKey?: LostKey;
    },
    { attributes: ObjectAttributes; blob: SealedBlob; credentialId: Uint8Array },
  ];
  /** Passes only with a touch of one of `enrolled`, or with `lostKey`: for what would otherwise lead around the gates. `target` is what it is done to. */
  admitWithTouch: [
    {
      act: 'remove-security-key' | 'make-recovery-code' | 'enrol-security-key';
      target: string;
      guarded: boolean;
      enrolled: RecordSealed[];
      lostKey?: LostKey;
    },
    Record<string, never>,
  ];
  /**
   * What a security key has to sign for a use that was refused with `TouchRequired` a moment ago; `keys` are the enrolled ones. `HsmRefused` when none of them will do.
   * Good for 60 seconds and one answer. With `use` null it is to try a key, and allows nothing.
   */
  touchChallenge: [
    { use: string | null; keys: RecordSealed[] },
    {
      challenge: string;
      rpId: string;
      clientDataHash: Uint8Array;
      /** `key` is the id of the SECURITY_KEY object. */
      credentials: { key: string; credentialId: Uint8Array }[];
      expiresInMs: number;
    },
  ];
  /**
   * The security key's answer. `HsmRefused` unless relying party, touch, signature and counter are right; then the use is allowed, once, within 60 seconds, and a gate with a
   * window is open. `renewed` is the SECURITY_KEY object with its new counter, where it counts.
   */
  presentTouch: [
    { challenge: string; credentialId: Uint8Array; authenticatorData: Uint8Array; signature: Uint8Array },
    {
      key: string;
      renewed: { version: number; blob: SealedBlob } | null;
      signCount: number;
      /** The security key says that it has verified its person. */
      userVerified: boolean;
    },
  ];
  /**
   * The same objects with this gate, or without one; everything else about them stays. Where that loosens what one of them has, it wants a single touch for this alone, by a key
   * that passes all the gates it loosens, or `lostKey`. An object that this process has seen with a gate is refused in an older version, here and wherever it is used.
   */
  setGate: [
    { objects: RecordSealed[]; gate: Gate | null; lostKey?: LostKey },
    { objects: { id: string; version: number; blob: SealedBlob }[] },
  ];
  /** After a security key was removed (its object's `id`): windows that it opened are closed, uses that it allowed are not, and it opens nothing more. */
  forgetKey: [{ id: string }, Record<string, never>];
  /**
   * Passes the gate of an object without doing anything with it. `purpose` says what for, so that each purpose is a use of its own. With `ahead`, the
   * touch also allows one use of that kind within a minute: a signature for STS, or passing the gate again.
   */
  passGate: [{ key: ObjectRef; purpose: string; ahead?: 'sign-sts' | 'pass-gate' }, Record<string, never>];
  /** The last touch that this object was used with; null where there was none since the unlock. */
  lastTouch: [{ key: ObjectRef }, { touch: { key: string; agoMs: number } | null }];
}
