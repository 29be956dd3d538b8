/** Record kinds and their numbers in manifest entries (docs/format.md, "Sealed record"). */
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

export function isRecordKind(kind: string): kind is RecordKind {
  return Object.hasOwn(KIND_NUMBERS, kind);
}
