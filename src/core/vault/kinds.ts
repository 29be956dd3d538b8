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
} as const;

export type RecordKind = keyof typeof KIND_NUMBERS;
/** Kinds whose payload is JSON and is opened for the daemon; an `object` never is. */
export type JsonKind = Exclude<RecordKind, 'object'>;

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
]);

export function kindOfNumber(number: number): RecordKind | undefined {
  return BY_NUMBER.get(number);
}

export function isRecordKind(text: string): text is RecordKind {
  return Object.hasOwn(KIND_NUMBERS, text);
}
