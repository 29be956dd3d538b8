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
} as const;

export type RecordKind = keyof typeof KIND_NUMBERS;
/** Kinds that the HSM process seals itself and opens for nobody. */
export type SealedKind = 'object' | 'hsmUsers';
/** Kinds whose payload is JSON and is opened for the daemon. */
export type JsonKind = Exclude<RecordKind, SealedKind>;

export function isSealedKind(kind: string): kind is SealedKind {
  return kind === 'object' || kind === 'hsmUsers';
}

const BY_NUMBER: ReadonlyMap<number, RecordKind> = new Map([
  [1, 'object'],
  [2, 'account'],
  [3, 'accessKey'],
  [4, 'profile'],
  [5, 'client'],
  [6, 'settings'],
  [7, 'authority'],
  [8, 'kmsKey'],
  [9, 'kmsAlias'],
  [10, 'kmsGrant'],
  [11, 'kmsKeyStore'],
  [12, 'hsmToken'],
  [13, 'hsmUsers'],
  [14, 'otpDevice'],
  [15, 'securityKey'],
  [16, 'iamUser'],
  [17, 'iamMfaDevice'],
  [18, 'awsSession'],
  [19, 'rotation'],
  [20, 'signIn'],
]);

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
