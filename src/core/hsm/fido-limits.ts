/** What security keys answer at most (CTAP 2.1): more is none of theirs. */
export const LONGEST_CREDENTIAL_ID = 1023;
export const LONGEST_PUBLIC_KEY = 2048;
export const LONGEST_AUTHENTICATOR_DATA = 4096;
export const LONGEST_SIGNATURE = 1024;
/** A name in the DNS. */
export const LONGEST_RP_ID = 253;
/** Of a YubiKey: four bytes. */
export const HIGHEST_SERIAL = 0xffff_ffff;
