/** Record kinds and their numbers in the manifest (docs/format.md, "Sealed record"). */
export const KIND_NUMBERS = {
  object: 1,
  account: 2,
  accessKey: 3,
  profile: 4,
  client: 5,
  settings: 6,
  authority: 7,
  kmsKey: 8,
  kmsAlias: 9,
  kmsGrant: 10,
  kmsKeyStore: 11,
  hsmToken: 12,
  hsmUsers: 13,
  otpDevice: 14,
  securityKey: 15,
  iamUser: 16,
  iamMfaDevice: 17,
  awsSession: 18,
  rotation: 19,
  signIn: 20,
  certificate: 21,
  credential: 22,
  panic: 23,
  leftSession: 24,
} as const;

export type RecordKind = keyof typeof KIND_NUMBERS;
/** Kinds that the HSM process seals itself and opens for nobody. */
export type SealedKind = 'object' | 'hsmUsers';
/** Kinds whose payload is JSON and is opened for the daemon. */
export type JsonKind = Exclude<RecordKind, SealedKind>;

export function isSealedKind(kind: string): kind is SealedKind {
  return kind === 'object' || kind === 'hsmUsers';
}

const BY_NUMBER = new Map<number, RecordKind>();
for (const [kind, number] of Object.entries(KIND_NUMBERS)) if (isRecordKind(kind)) BY_NUMBER.set(number, kind);

export function kindOfNumber(number: number): RecordKind | undefined {
  return BY_NUMBER.get(number);
}

export function isRecordKind(text: string): text is RecordKind {
  return Object.hasOwn(KIND_NUMBERS, text);
}

/** The one record of kind `hsmUsers`: its id is fixed, so that one manifest page, the first, says whether there is one. */
export const USERS_ID = `${'0'.repeat(31)}1`;

const KEK_PURPOSES = ['records', 'objects', 'log', 'naming'] as const;

/** What a row of `keks` may be for (docs/format.md, "KEKs"). */
export function isKekPurpose(text: string): text is (typeof KEK_PURPOSES)[number] {
  return KEK_PURPOSES.some((purpose) => purpose === text);
}
