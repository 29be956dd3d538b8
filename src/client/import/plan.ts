import type { Origin } from '../../contract/origins.ts';
import type { Role } from '../../contract/roles.ts';
import { accountOfKeyId } from './account-of-key-id.ts';
import type { FoundAws, FoundKey, FoundProfile, Leftover, Place } from './aws-files.ts';
import { createProfilePlanner, hadKey, type KeyOutcome } from './plan-profile.ts';
import { createSignInPlanner, type PlannedSignIn, type VaultSignIn } from './plan-sign-ins.ts';
import type { SigningHelper } from './signing-helper.ts';
import { fold, safeName } from './vault-name.ts';

/** What the vault holds already. */
export interface VaultContents {
  keys: ReadonlyArray<{ name: string; accessKeyId: string; account: string }>;
  profiles: ReadonlyArray<{
    name: string;
    key?: string | undefined;
    role?: { arn: string } | undefined;
    mfaSerial?: string | undefined;
    origin?: Origin | undefined;
  }>;
  signIns?: readonly VaultSignIn[];
  certificates?: ReadonlyArray<VaultCertificate>;
  /** Whether the vault’s certificate is the one in the file. */
  sameCertificate?(helper: SigningHelper, certificate: VaultCertificate): boolean;
  /** Why the files that a line of AWS’s signing helper names cannot be taken, where they cannot. */
  filesTrouble?(helper: SigningHelper): string | undefined;
  /** Whether the vault's key of this name, whose access key id is the found key's, also has its secret and session token. */
  matches(key: FoundKey, name: string): boolean;
}

export interface PlannedKey {
  name: string;
  key: FoundKey;
  /** What the files or the key id say; only a suggestion. */
  accountId?: string;
  endpointUrl?: string;
}

export interface PlannedProfile {
  name: string;
  /** What the files call it. */
  profile: string;
  place: Place;
  /** Name of the key, planned or in the vault already. A profile has this or a source. */
  key?: string;
  /** Name of the profile, planned before this one or in the vault already. */
  source?: string;
  role?: Role;
  mfaSerial?: string;
  /** A role of an Identity Center, a token or a certificate for the role, or a program, in the place of key and source. */
  origin?: Extract<Origin, { kind: 'sso' | 'webIdentity' | 'rolesAnywhere' | 'process' }>;
  /** The account, when the key is in the vault already; else that of the planned key, or of the role. */
  account?: string;
  /** The role's, or what the files say. */
  accountId?: string;
  /** Of a profile without a key. */
  endpointUrl?: string;
  region?: string;
  output?: string;
}

/** `issued` is absent where the CA has not answered yet. */
export type VaultCertificate = { name: string; issued?: { pem: string } | undefined };

/** A private key and its certificate, in files. */
export interface PlannedCertificate {
  name: string;
  place: Place;
  certificateFile: string;
  privateKeyFile: string;
  intermediatesFile?: string;
}

export interface Skipped extends Place {
  profile: string;
  reason: string;
  /** True when the profile's own key stays outside the vault. */
  keyLeftBehind: boolean;
}

export interface ImportPlan {
  signIns: PlannedSignIn[];
  keys: PlannedKey[];
  certificates: PlannedCertificate[];
  profiles: PlannedProfile[];
  skipped: Skipped[];
  /** What of the imported profiles cannot be brought along for what they are in the vault, beside what the files' reader has left. */
  leftovers: Array<Leftover & { profile: string }>;
  /** Profiles whose own key stays outside the vault. */
  keysLeft: Array<Place & { profile: string }>;
}

/** Keyhold's own client keys are worth nothing as vaulted keys. */
export function isClientKey(key: Pick<FoundKey, 'accessKeyId'>): boolean {
  return key.accessKeyId.startsWith('KHLD');
}

/** Decides what an import brings in: never twice the same key, never over a name that is taken. */
export function planAwsImport(found: FoundAws, vault: VaultContents): ImportPlan {
  const plan: ImportPlan = {
    signIns: [],
    keys: [],
    certificates: [],
    profiles: [],
    skipped: [],
    leftovers: [],
    keysLeft: [],
  };
  const keys = planKeys(found, vault, plan);
  const signIns = createSignInPlanner(vault.signIns ?? [], plan.signIns, ({ name, place }, reason) => {
    plan.leftovers.push({ profile: `sso-session ${name}`, ...place, what: 'sso_registration_scopes', reason });
  });
  // Also those that no profile works with: somebody has them to sign in.
  for (const session of found.ssoSessions.values()) signIns.nameOf(session);
  const planner = createProfilePlanner(found, vault, { keys, signIns }, plan);
  for (const profile of found.profiles) planner.planProfile(profile);
  return plan;
}

function planKeys(found: FoundAws, vault: VaultContents, plan: ImportPlan): Map<string, KeyOutcome> {
  const names = new Set(vault.keys.map((key) => fold(key.name)));
  const outcomes = new Map<string, KeyOutcome>();
  for (const profile of found.profiles) {
    const { key } = profile;
    const outcome = key === undefined ? undefined : planKey(profile, key, { vault, names, plan });
    if (outcome !== undefined) outcomes.set(profile.name, outcome);
    const stays = outcome === undefined ? hadKey(profile) : 'refused' in outcome;
    if (stays && !(key !== undefined && isClientKey(key))) {
      plan.keysLeft.push({ profile: profile.name, ...profile.place });
    }
    // One that no profile is skipped for.
    if (key !== undefined && outcome !== undefined && 'refused' in outcome && profile.role !== undefined) {
      plan.leftovers.push({ profile: profile.name, ...key.place, what: 'aws_access_key_id', reason: outcome.refused });
    }
  }
  return outcomes;
}

interface KeyPlanning {
  vault: VaultContents;
  /** Folded names that are taken. */
  names: Set<string>;
  plan: ImportPlan;
}

function planKey(profile: FoundProfile, key: FoundKey, { vault, names, plan }: KeyPlanning): KeyOutcome {
  if (isClientKey(key)) return { refused: 'this is one of Keyhold’s own client keys' };
  const temporary = key.sessionToken !== undefined;
  const sameId = vault.keys.filter((one) => one.accessKeyId === key.accessKeyId);
  const there = sameId.find((one) => vault.matches(key, one.name));
  if (there !== undefined) return { name: there.name, account: there.account, temporary };
  const [other] = sameId;
  if (other !== undefined)
    return { refused: `the vault has this access key id with another secret, as "${other.name}"` };
  const planned = plan.keys.find((one) => one.key.accessKeyId === key.accessKeyId);
  if (planned !== undefined) {
    if (sameSecrets(planned.key, key)) return { name: planned.name, temporary };
    return { refused: `its access key id is that of "${planned.name}", with another secret` };
  }
  const name = safeName(profile.name);
  if (names.has(fold(name))) return { refused: `another key called "${name}" is in the vault already` };
  names.add(fold(name));
  const accountId = profile.accountId ?? accountOfKeyId(key.accessKeyId);
  plan.keys.push({
    name,
    key,
    ...(accountId === null ? {} : { accountId }),
    ...(profile.endpointUrl === undefined ? {} : { endpointUrl: profile.endpointUrl }),
  });
  return { name, temporary };
}

function sameSecrets(a: FoundKey, b: FoundKey): boolean {
  return sameBytes(a.secretAccessKey, b.secretAccessKey) && sameBytes(a.sessionToken, b.sessionToken);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
