import type { Attestation } from './attestation.ts';
import type { ClientPin } from './client-pin.ts';
import type { CredentialStore } from './credentials.ts';

/** Of CTAP. What there is between the two, `FIDO_2_1_PRE`, manages credentials by a command of its own and knows no permissions. */
export type Generation = '2.0' | '2.1-pre' | '2.1';

/** What the commands of the emulator share. */
export interface Machine {
  readonly aaguid: Uint8Array;
  readonly algorithms: readonly number[];
  readonly attestation: Attestation | null;
  readonly builtInUv: boolean;
  /** It makes and answers nothing without having verified its person, and speaks no U2F. */
  readonly alwaysUv: boolean;
  readonly extensions: readonly string[];
  readonly generation: Generation;
  readonly pin: ClientPin;
  readonly store: CredentialStore;
  /** Counts up with every signature; stays 0 where the device has no counter. */
  nextCounter(): number;
  /** Waits for the person's touch. Throws what CTAP answers when it is refused, cancelled or does not come. */
  presence(): Promise<void>;
  /** The built-in verification, which is a touch too. */
  verifyUser(): Promise<void>;
}

export const FLAG = { userPresent: 0x01, userVerified: 0x04, attestedCredential: 0x40, extensions: 0x80 } as const;
