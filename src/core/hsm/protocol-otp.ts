import type { Sealed, SealedReply } from '../../contract/schemas.ts';
import type { ObjectAttributes, ObjectRef, RecordSealed, SealedBlob, SlotRow } from './protocol.ts';
import type { WayIn } from './protocol-fido.ts';

/**
 * The operations of the HSM's channel for one-time codes (RFC 4226 HOTP, RFC 6238 TOTP). A seed comes in sealed, stays, and leaves only to who proves the vault's
 * password again. No time step and no counter is ever handed out twice for use: what is used is part of the sealed object, and a code leaves only after the
 * transaction that says so.
 */

export type OtpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512';

/** How codes are made of a seed. Part of the sealed object: nobody outside changes it. */
export interface OtpParameters {
  type: 'totp' | 'hotp';
  algorithm: OtpAlgorithm;
  /** 6 to 8. */
  digits: number;
  /** Seconds of a time step, 1 to 3600; 0 for HOTP. */
  period: number;
  /** The first time step, or the first counter, that has not been used. */
  next: number;
}

/** One code. Instants in ms since the epoch; both 0 for HOTP. */
export interface OtpCode {
  code: string;
  /** Time step or counter. */
  step: number;
  validFrom: number;
  validUntil: number;
}

/** What a person may read. `current` is null where its step has been used, or for HOTP, whose codes are only ever used. */
export interface OtpShown {
  current: OtpCode | null;
  next: OtpCode | null;
  /** When the first step that has not been used begins (ms since the epoch); in the past where that is the current one, 0 for HOTP. */
  usableFrom: number;
}

/** Operation → [input, output]. */
export interface OtpHsmOperations {
  /** Puts a sealed seed (purpose `otp-seed`, raw bytes) into a new object of spec OTP_SEED. */
  importOtpSeed: [
    { id: string; sealed: Sealed; label: string; createdAt: number; otp: OtpParameters },
    { attributes: ObjectAttributes; blob: SealedBlob },
  ];
  /** Codes for a person to read. Uses up nothing, and shows no code of a step that has been used. */
  otpShow: [{ key: ObjectRef }, OtpShown];
  /**
   * Takes the current step, or the next counter: answers the object as it is afterwards, version + 1, to be committed. The code follows from `otpCode`. `wait` (ms)
   * where the current step has been taken before.
   */
  otpClaim: [
    { key: ObjectRef },
    { claimed: { attributes: ObjectAttributes; blob: SealedBlob; version: number; step: number } } | { wait: number },
  ];
  /** The code that was claimed with this version of the object, once, and only after a commit with exactly that version. `HsmRefused` otherwise. */
  otpCode: [{ id: string; version: number }, OtpCode];
  /** Whether a sealed seed is the one that the object holds: an import says what is there already. */
  compareOtpSeed: [{ key: ObjectRef; sealed: Sealed }, { same: boolean }];
  /**
   * The seed, sealed to a caller who proves a way into the vault again, one of these slots. `WrongSecret`, counted like an unlock. `enrolled` are the vault's security keys: where there are some, a
   * password alone wants a touch of one of them for this besides (`TouchRequired`); a way in by a key has had its touch, and a recovery code stands in for a lost key.
   */
  otpExport: [
    { key: ObjectRef; secret: WayIn; slots: SlotRow[]; enrolled: RecordSealed[]; replyKey: Uint8Array },
    { seed: SealedReply; attributes: ObjectAttributes; slot: number },
  ];
}
