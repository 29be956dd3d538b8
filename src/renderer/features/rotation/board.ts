import type { Credential } from '../../../contract/credentials.ts';
import type { Rotation } from '../../../contract/rotation.ts';
import type { AccessKey } from '../../../contract/schemas.ts';
import { canRotateCredential, credentialBirth, isCredentialDue } from '../credentials/credential-words.ts';
import { isDue, keyBirth } from '../keys/key-facts.ts';

export type BoardGroup = 'waiting' | 'due' | 'running' | 'quarantine' | 'ended';

/** In the order of what wants somebody first. */
const ORDER: readonly BoardGroup[] = ['waiting', 'due', 'running', 'quarantine', 'ended'];

/** A rotation, or a key or credential that should have one. */
export interface BoardRow {
  /** The rotation's, the key's or the credential's. */
  id: string;
  group: BoardGroup;
  name: string;
  account: string;
  /** For a row of its own group: the oldest key first, the newest rotation first. */
  rank: number;
  rotation?: Rotation;
  key?: AccessKey;
  credential?: Credential;
}

/** What can be due, and what is being rotated. */
export interface BoardThings {
  keys: readonly AccessKey[];
  credentials: readonly Credential[];
  rotations: readonly Rotation[];
}

/** Those are shown that are due by then; what is left alone at present is not. */
export function boardRows({ keys, credentials, rotations }: BoardThings, now: number, dueBy = now): BoardRow[] {
  const rows = [
    ...rotations.map((rotation): BoardRow => {
      const isKey = isOfKey(rotation);
      const key = isKey ? keys.find((one) => one.name === rotation.key) : undefined;
      const credential = isKey ? undefined : credentials.find((one) => one.name === rotation.key);
      return {
        id: rotation.id,
        group: groupOf(rotation),
        name: rotation.key,
        account: rotation.account,
        rank: -Date.parse(rotation.startedAt),
        rotation,
        ...(key === undefined ? {} : { key }),
        ...(credential === undefined ? {} : { credential }),
      };
    }),
    ...dueKeys({ keys, rotations }, now, dueBy).map(
      (key): BoardRow => ({
        id: key.id,
        group: 'due',
        name: key.name,
        account: key.account,
        rank: Date.parse(keyBirth(key)),
        key,
      }),
    ),
    ...dueCredentials({ credentials, rotations }, dueBy).map(
      (credential): BoardRow => ({
        id: credential.id,
        group: 'due',
        name: credential.name,
        account: credential.account,
        rank: Date.parse(credentialBirth(credential)),
        credential,
      }),
    ),
  ];
  return rows.sort(byNeed);
}

/** Keys that a rotation can be begun of now, and should. */
export function dueKeys(
  { keys, rotations }: Pick<BoardThings, 'keys' | 'rotations'>,
  now: number,
  dueBy = now,
): AccessKey[] {
  const underWay = new Set(rotations.filter((one) => !hasEnded(one) && isOfKey(one)).map((one) => one.key));
  return keys.filter((key) => canRotate(key) && isDue(key, dueBy) && !isSnoozed(key, now) && !underWay.has(key.name));
}

/** The same of credentials, which are not left alone for a while. */
export function dueCredentials(
  { credentials, rotations }: Pick<BoardThings, 'credentials' | 'rotations'>,
  dueBy: number,
): Credential[] {
  const underWay = new Set(rotations.filter((one) => !hasEnded(one) && !isOfKey(one)).map((one) => one.key));
  return credentials.filter(
    (one) => canRotateCredential(one) && isCredentialDue(one, dueBy) && !underWay.has(one.name),
  );
}

/** The rotation that was begun of what was due. */
export function rotationOf(due: BoardRow, rows: readonly BoardRow[]): BoardRow | undefined {
  if (due.rotation !== undefined) return undefined;
  const isKey = due.key !== undefined;
  return rows.find(
    ({ name, rotation }) =>
      rotation !== undefined && !hasEnded(rotation) && name === due.name && isOfKey(rotation) === isKey,
  );
}

export function byNeed(a: BoardRow, b: BoardRow): number {
  return ORDER.indexOf(a.group) - ORDER.indexOf(b.group) || a.rank - b.rank;
}

function groupOf(rotation: Rotation): BoardGroup {
  if (hasEnded(rotation)) return 'ended';
  if (rotation.state === 'quarantine') return 'quarantine';
  // What is tried again by itself wants nobody.
  return rotation.needs === undefined ? 'running' : 'waiting';
}

/** Not of a credential that may be called the same. */
export function isOfKey({ adapter }: Rotation): boolean {
  return adapter === undefined;
}

export function hasEnded({ state }: Rotation): boolean {
  return state === 'done' || state === 'rolledBack' || state === 'refused';
}

/** Somebody said to leave it alone for now. */
export function isSnoozed({ snoozedUntil }: AccessKey, now: number): boolean {
  return snoozedUntil !== undefined && Date.parse(snoozedUntil) > now;
}

/** When the last time came at which a key was no longer left alone: the same keys are snoozed then and now. */
export function lastSnoozeEnd(keys: readonly AccessKey[], now: number): number {
  const ends = keys.flatMap(({ snoozedUntil }) => (snoozedUntil === undefined ? [] : [Date.parse(snoozedUntil)]));
  return Math.max(0, ...ends.filter((end) => end <= now));
}

/** Temporary keys end by themselves, and a disabled one signs nothing, not even its own rotation. */
export function canRotate(key: AccessKey): boolean {
  return key.status === 'active' && !key.hasSessionToken;
}
