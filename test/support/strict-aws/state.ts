import { type JsonWebKey, type KeyObject, randomBytes, randomInt } from 'node:crypto';
import type { StrictDevice } from './totp.ts';

/** Who is known, and with what; read and changed by tests as they like. */
export interface StrictState {
  account: string;
  now: () => number;
  users: Map<string, StrictUser>;
  roles: Map<string, StrictRole>;
  keys: Map<string, StrictKey>;
  sessions: Map<string, StrictSession>;
  devices: Map<string, StrictDevice>;
  /** SAML and OpenID Connect providers of IAM. */
  providers: StrictProvider[];
  /** What is not seen at once everywhere. Of what changes from now on. */
  lag: {
    /** A new key signs nothing (InvalidClientTokenId). */
    newKeys?: Lag;
    /** A new key is not listed. */
    listing?: Lag;
    /** A key made inactive, active or deleted goes on as before. */
    changes?: Lag;
  };
}

/** Until so many looks at it, or so many milliseconds, have passed; with both, until both have. */
export interface Lag {
  calls?: number;
  milliseconds?: number;
}

export interface StrictUser {
  name: string;
  arn: string;
  id: string;
  createdAt: number;
  /** Patterns such as `iam:*`. Everything unless said otherwise. */
  allow: string[];
  deny: string[];
  /** IAM is denied to it without a session that MFA proved, but for what enrols and finds a device. */
  mfa: boolean;
  /** Inline policies by name. */
  policies: Map<string, string>;
}

export interface StrictRole {
  name: string;
  arn: string;
  id: string;
  account: string;
  /** ARNs of users and roles, of an account's root, or `*`. */
  principals: string[];
  externalId: string | undefined;
  mfa: boolean;
  maxSessionSeconds: number;
  allow: string[];
  deny: string[];
}

export type StrictProvider =
  | { kind: 'saml'; arn: string; issuer: string; publicKey: KeyObject }
  | {
      kind: 'oidc';
      arn: string;
      issuer: string;
      /** Client ids. */
      audiences: string[];
      /** What the issuer publishes at its `jwks_uri`. */
      jwks: () => Promise<{ keys: JsonWebKey[] }>;
    };

export interface StrictKey {
  accessKeyId: string;
  secretAccessKey: string;
  userName: string;
  status: 'Active' | 'Inactive';
  createdAt: number;
  lastUsed: { at: number; service: string; region: string } | undefined;
  unusable: Pending | undefined;
  unlisted: Pending | undefined;
  /** What it was before, as long as that is still what is seen. */
  before: { status: 'Active' | 'Inactive'; until: Pending } | undefined;
  deleted: boolean;
}

export interface StrictSession {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  issuedAt: number;
  expiresAt: number;
  /** When MFA proved it. */
  mfaAt: number | undefined;
  /** Of GetSessionToken. */
  userName: string | undefined;
  /** Of AssumeRole. */
  role: { role: StrictRole; sessionName: string; arn: string } | undefined;
  policies: string[];
  tags: Map<string, string>;
  transitive: Set<string>;
  sourceIdentity: string | undefined;
}

export interface Pending {
  calls: number;
  until: number;
}

export function pending(lag: Lag | undefined, now: number): Pending | undefined {
  if (lag === undefined) return undefined;
  return { calls: lag.calls ?? 0, until: now + (lag.milliseconds ?? 0) };
}

/** Looks, which is counted. */
export function isPending(one: Pending | undefined, now: number): boolean {
  if (one === undefined) return false;
  if (one.calls > 0) {
    one.calls--;
    return true;
  }
  return now < one.until;
}

export function awsId(prefix: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)] ?? 'A').join('');
}

export const awsSecret = (): string => randomBytes(30).toString('base64');

export function newKey(state: StrictState, userName: string): StrictKey {
  const now = state.now();
  const key: StrictKey = {
    accessKeyId: awsId('AKIA'),
    secretAccessKey: awsSecret(),
    userName,
    status: 'Active',
    createdAt: now,
    lastUsed: undefined,
    unusable: undefined,
    unlisted: undefined,
    before: undefined,
    deleted: false,
  };
  state.keys.set(key.accessKeyId, key);
  return key;
}
