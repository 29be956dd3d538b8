import { KeyholdError } from '../../../contract/errors.ts';
import { toHex } from '../../crypto/bytes.ts';
import type { Attempts } from '../attempts.ts';
import type { StagedUsers } from '../protocol.ts';
import { tagOf } from '../sealed-record.ts';
import type { TokenState } from '../state.ts';
import { workingKeys } from '../state.ts';
import { type Roster, sealRoster } from './roster.ts';

/** The set of records at one head, as far as the users go. Version 0 and no roster: there are none. */
export interface UsersAt {
  /** Names the head (head-mark.ts); null before the first commit of this process. */
  mark: string | null;
  roster: Roster | null;
  version: number;
  /** The last 16 bytes of the record, in hex. */
  tag: string;
}

interface Staged {
  roster: Roster | null;
  version: number;
  tag: string;
  /** Objects that the commit of this record may destroy. */
  destroys: ReadonlySet<string>;
  /** Objects that may leave once it is committed. */
  exports: readonly string[];
}

export interface Session {
  user: string;
  /** Two users of one name, one after the other, are told apart by this. */
  since: number;
  /** Of the password that was given, in hex: another password ends the session. */
  salt: string;
  /** Monotonic, ms. */
  lastUse: number;
}

export interface UsersState {
  /** What the last head said that is known to have been written; null until the users have been shown. */
  base: UsersAt | null;
  /** What the next head will say, if what the last commit answered has been written. */
  tip: UsersAt | null;
  staged: Staged | null;
  /** The unlocked head, until its users have been shown (open-users.ts). */
  awaited: { mark: string; mac: Uint8Array } | null;
  /** By the SHA-256 of their secret, in hex. */
  readonly sessions: Map<string, Session>;
  /** The KEKs in use, each by a digest of its row: a head with others, or without one of them, could not be opened again. */
  keks: readonly string[];
  /** Those that the next head may have instead. */
  nextKeks: readonly string[] | null;
  /** What has been sealed to this process for its users and has been used: each is good once. */
  readonly used: Set<string>;
  readonly attempts: Map<string, Attempts>;
  /** Until when (monotonic, ms) an object may leave. */
  readonly exports: Map<string, number>;
}

export function newUsersState(): UsersState {
  return {
    base: null,
    tip: null,
    staged: null,
    awaited: null,
    sessions: new Map(),
    keks: [],
    nextKeks: null,
    used: new Set(),
    attempts: new Map(),
    exports: new Map(),
  };
}

export const NOBODY: Omit<UsersAt, 'mark'> = { roster: null, version: 0, tag: '' };

/** What counts now. Throws `Internal` while the users have not been shown: nothing is decided without them. */
export function usersNow({ users }: TokenState): UsersAt {
  const now = users.tip ?? users.base;
  if (now !== null) return now;
  throw new KeyholdError('Internal', 'The vault process has not been shown its users. Lock and unlock the vault.');
}

/** Throws `NotFound` where there are no users. */
export function rosterNow(state: TokenState): Roster {
  const { roster } = usersNow(state);
  if (roster !== null) return roster;
  throw new KeyholdError(
    'NotFound',
    'This HSM has no users; the owner of the vault does everything. Make the first crypto officer with `keyhold hsm users init NAME`.',
  );
}

/** Seals the next roster, to be taken by the commit that brings it. Null for a reset. */
export function stage(
  state: TokenState,
  roster: Roster | null,
  allows: { destroys?: readonly string[]; exports?: readonly string[] } = {},
): StagedUsers {
  const keys = workingKeys(state);
  const destroys = new Set(allows.destroys ?? []);
  const exports = allows.exports ?? [];
  if (roster === null) {
    state.users.staged = { ...NOBODY, destroys, exports };
    return { staged: null };
  }
  const version = usersNow(state).version + 1;
  const blob = sealRoster(keys, state.ports.random, roster, version);
  state.users.staged = { roster, version, tag: toHex(tagOf(blob)), destroys, exports };
  return { staged: { version, blob } };
}
