import { fromBase64, toBase64, utf8 } from '../../crypto/bytes.ts';
import type { Random } from '../../ports.ts';
import { gateOf } from '../gates/gate.ts';
import {
  booleanOf,
  bytesOf,
  type Fields,
  fieldsOf,
  instantOf,
  integerOf,
  listOf,
  oneOf,
  recordIdOf,
  textOf,
} from '../input.ts';
import { USERS_ID } from '../kinds.ts';
import type { Argon2Params, Gate, HsmRole, QuorumService } from '../protocol.ts';
import { openRecord, sealRecord } from '../sealed-record.ts';
import type { VaultKeys } from '../state.ts';
import { kdfOf } from '../vault-input.ts';
import { currentKek } from '../vault-keys.ts';
import { type QuorumAct, readAct } from './acts.ts';

export const ROLES: readonly HsmRole[] = ['crypto-officer', 'crypto-user'];
export const SERVICES: readonly QuorumService[] = ['key', 'user'];
export const MOST_USERS = 64;
export const MOST_TOKENS = 64;
const MOST_RELEASES = 100_000;

/** What a password is checked with, and what the user signs quorum tokens with. */
export interface Credential {
  kdf: Argon2Params;
  salt: Uint8Array;
  verifier: Uint8Array;
  /** SubjectPublicKeyInfo DER, RSA-2048 or P-256; of every crypto officer. */
  publicKey: Uint8Array | null;
  /** The private half as PKCS#8, under the password; null when the officer keeps it elsewhere. */
  heldKey: Uint8Array | null;
}

export interface HsmUser extends Credential {
  name: string;
  role: HsmRole;
  /** ms since epoch */
  createdAt: number;
}

export interface Approval {
  user: string;
  at: number;
  /** The security key that was touched for it, by its object's id; where the rule wanted none, absent. */
  touch?: string;
}

export interface QuorumToken {
  /** 32 hex digits */
  id: string;
  act: QuorumAct;
  createdBy: string;
  createdAt: number;
  expiresAt: number;
  approvals: Approval[];
}

/** Users, policy and what is under way: one record, so that all of it is put back or changed together or not at all. */
export interface Roster {
  users: readonly HsmUser[];
  /** How many officers have to approve; 0: no quorum. */
  quorum: Readonly<Record<QuorumService, number>>;
  /** Where it is set, an officer's approval counts only with such a touch. */
  touch: Readonly<Partial<Record<QuorumService, Gate>>>;
  /** Whether KMS keys may be used only while a crypto user is logged in. */
  keyUseNeedsLogin: boolean;
  tokens: readonly QuorumToken[];
  /** Objects whose destruction has been approved and waits for its time. */
  releases: readonly string[];
}

function base64Of(value: unknown, name: string, minimum: number, maximum: number): Uint8Array {
  const bytes = fromBase64(textOf(value, name, 0, maximum * 2));
  return bytesOf(bytes, name, minimum, maximum);
}

function nullable(value: unknown, name: string, most: number): Uint8Array | null {
  return value === null ? null : base64Of(value, name, 1, most);
}

export function userNameOf(value: unknown): string {
  return textOf(value, 'user', 1, 64);
}

function userOf(value: unknown): HsmUser {
  const fields = fieldsOf(value, 'user', [
    ...['name', 'role', 'createdAt', 'kdf', 'salt', 'verifier', 'publicKey', 'heldKey'],
  ]);
  return {
    name: userNameOf(fields['name']),
    role: oneOf(fields['role'], 'role', ROLES),
    createdAt: instantOf(fields['createdAt'], 'createdAt'),
    kdf: kdfOf(fields['kdf']),
    salt: base64Of(fields['salt'], 'salt', 16, 16),
    verifier: base64Of(fields['verifier'], 'verifier', 32, 32),
    publicKey: nullable(fields['publicKey'], 'publicKey', 1024),
    heldKey: nullable(fields['heldKey'], 'heldKey', 4096),
  };
}

function tokenOf(value: unknown): QuorumToken {
  const fields = fieldsOf(value, 'token', ['id', 'act', 'createdBy', 'createdAt', 'expiresAt', 'approvals']);
  return {
    id: recordIdOf(fields['id'], 'token.id'),
    act: readAct(fields['act']),
    createdBy: userNameOf(fields['createdBy']),
    createdAt: instantOf(fields['createdAt'], 'createdAt'),
    expiresAt: instantOf(fields['expiresAt'], 'expiresAt'),
    approvals: listOf(fields['approvals'], 'approvals', MOST_USERS, (item) => {
      const { user, at, touch } = fieldsOf(item, 'approval', ['user', 'at', 'touch']);
      return {
        user: userNameOf(user),
        at: instantOf(at, 'at'),
        ...(touch === undefined ? {} : { touch: recordIdOf(touch, 'touch') }),
      };
    }),
  };
}

function touchOf(value: unknown): Roster['touch'] {
  if (value === undefined) return {};
  const { key, user } = fieldsOf(value, 'touch', SERVICES);
  return {
    ...(key === undefined ? {} : { key: gateOf(key, 'touch.key') }),
    ...(user === undefined ? {} : { user: gateOf(user, 'touch.user') }),
  };
}

/** 2 as soon as a touch is spoken of, so that a program that knows of none takes no rule for one without. */
function versionOf({ touch, tokens }: Pick<Roster, 'touch' | 'tokens'>): 1 | 2 {
  const isSpokenOf =
    Object.keys(touch).length > 0 ||
    tokens.some(({ act, approvals }) => act.do === 'set-approval-touch' || approvals.some((one) => 'touch' in one));
  return isSpokenOf ? 2 : 1;
}

function quorumOf(fields: Fields): Roster['quorum'] {
  const quorum = fieldsOf(fields['quorum'], 'quorum', SERVICES);
  return {
    key: integerOf(quorum['key'], 'quorum.key', 0, MOST_USERS),
    user: integerOf(quorum['user'], 'quorum.user', 0, MOST_USERS),
  };
}

/** The payload: JSON, bytes in base64. */
function encodeRoster(roster: Roster): Uint8Array {
  const { touch, ...rest } = roster;
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toBase64(bytes));
  const users = roster.users.map((user) => ({
    ...user,
    salt: text(user.salt),
    verifier: text(user.verifier),
    publicKey: text(user.publicKey),
    heldKey: text(user.heldKey),
  }));
  const touched = Object.keys(touch).length === 0 ? {} : { touch };
  return utf8(JSON.stringify({ v: versionOf(roster), ...rest, ...touched, users }));
}

/** Throws for anything that this version does not write. */
function decodeRoster(payload: Uint8Array): Roster {
  const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  const fields = fieldsOf(json, 'users', ['v', 'users', 'quorum', 'touch', 'keyUseNeedsLogin', 'tokens', 'releases']);
  const roster: Roster = {
    users: listOf(fields['users'], 'users', MOST_USERS, userOf),
    quorum: quorumOf(fields),
    touch: touchOf(fields['touch']),
    keyUseNeedsLogin: booleanOf(fields['keyUseNeedsLogin'], 'keyUseNeedsLogin'),
    tokens: listOf(fields['tokens'], 'tokens', MOST_TOKENS, tokenOf),
    releases: listOf(fields['releases'], 'releases', MOST_RELEASES, recordIdOf),
  };
  const v = versionOf(roster);
  integerOf(fields['v'], 'v', v, v);
  return roster;
}

function nameOf(version: number) {
  return { id: USERS_ID, kind: 'hsmUsers', version } as const;
}

export function sealRoster(keys: VaultKeys, random: Random, roster: Roster, version: number): Uint8Array {
  return sealRecord(keys, currentKek(keys, 'objects'), random, nameOf(version), encodeRoster(roster));
}

/** Null when the blob is not an intact roster of this version. */
export function openRoster(keys: VaultKeys, version: number, sealed: Uint8Array): Roster | null {
  const payload = openRecord(keys, nameOf(version), sealed);
  if (payload === null) return null;
  try {
    return decodeRoster(payload);
  } catch {
    return null;
  }
}

export function officersOf(roster: Roster): HsmUser[] {
  return roster.users.filter(({ role }) => role === 'crypto-officer');
}
