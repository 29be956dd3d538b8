import { accountOfKeyId } from './account-of-key-id.ts';
import type { FoundAws, FoundKey, FoundProfile, Place } from './aws-files.ts';

/** What the vault holds already. */
export interface VaultContents {
  keys: ReadonlyArray<{ name: string; accessKeyId: string; account: string }>;
  profiles: ReadonlyArray<{ name: string }>;
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
  /** Name of the key, planned or in the vault already. */
  key: string;
  /** The account, when the key is in the vault already; else that of the planned key. */
  account?: string;
  region?: string;
  output?: string;
}

export interface Skipped extends Place {
  profile: string;
  reason: string;
  /** True when the profile's own key stays outside the vault. */
  keyLeftBehind: boolean;
}

export interface ImportPlan {
  keys: PlannedKey[];
  profiles: PlannedProfile[];
  skipped: Skipped[];
}

/** Keyhold's own client keys are worth nothing as vaulted keys. */
export function isClientKey(key: Pick<FoundKey, 'accessKeyId'>): boolean {
  return key.accessKeyId.startsWith('KHLD');
}

/** Decides what an import brings in: never twice the same key, never over a name that is taken. */
export function planAwsImport(found: FoundAws, vault: VaultContents): ImportPlan {
  const plan: ImportPlan = { keys: [], profiles: [], skipped: [] };
  const keyNames = new Set(vault.keys.map((key) => fold(key.name)));
  const profileNames = new Set(vault.profiles.map((profile) => fold(profile.name)));
  for (const profile of found.profiles) {
    const skip = (reason: string, keyLeftBehind: boolean): void => {
      plan.skipped.push({ profile: profile.name, ...profile.place, reason, keyLeftBehind });
    };
    const { key } = profile;
    if (key === undefined) {
      skip(noKeyReason(profile), hadKey(profile));
      continue;
    }
    if (isClientKey(key)) {
      skip('this is one of Keyhold’s own client keys', false);
      continue;
    }
    const name = safeName(profile.name);
    const sameId = vault.keys.filter((one) => one.accessKeyId === key.accessKeyId);
    const there = sameId.find((one) => vault.matches(key, one.name));
    const planned = plan.keys.find((one) => one.key.accessKeyId === key.accessKeyId);
    const [other] = sameId;
    if (there === undefined && other !== undefined) {
      skip(`the vault has this access key id with another secret, as "${other.name}"`, true);
      continue;
    }
    if (there === undefined && planned === undefined) {
      if (keyNames.has(fold(name))) {
        skip(`another key called "${name}" is in the vault already`, true);
        continue;
      }
      keyNames.add(fold(name));
      const accountId = profile.accountId ?? accountOfKeyId(key.accessKeyId);
      plan.keys.push({
        name,
        key,
        ...(accountId === null ? {} : { accountId }),
        ...(profile.endpointUrl === undefined ? {} : { endpointUrl: profile.endpointUrl }),
      });
    } else if (planned !== undefined && !sameSecrets(planned.key, key)) {
      skip(`its access key id is that of "${planned.name}", with another secret`, true);
      continue;
    }
    if (profileNames.has(fold(name))) {
      skip(`a profile called "${name}" is in the vault already`, false);
      continue;
    }
    profileNames.add(fold(name));
    plan.profiles.push({
      name,
      key: there?.name ?? planned?.name ?? name,
      ...(there === undefined ? {} : { account: there.account }),
      ...(profile.region === undefined ? {} : { region: profile.region }),
      ...(profile.output === undefined ? {} : { output: profile.output }),
    });
  }
  return plan;
}

function noKeyReason(profile: FoundProfile): string {
  const first = profile.leftovers[0];
  return first === undefined
    ? 'there is no key in it'
    : `${first.file} line ${first.line}, ${first.what}: ${first.reason}`;
}

function hadKey(profile: FoundProfile): boolean {
  return profile.leftovers.some(({ what }) => /^aws_(access_key_id|secret_access_key|session_token)$|^\[/.test(what));
}

/** A name the vault takes: no slashes or control characters, at most 64 characters. */
function safeName(name: string): string {
  const clean = [...name.replaceAll(/[\p{C}/\\]+/gu, '-').trim()].slice(0, 64).join('').trim();
  return clean === '' ? 'imported' : clean;
}

/** As the vault compares names. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function sameSecrets(a: FoundKey, b: FoundKey): boolean {
  return sameBytes(a.secretAccessKey, b.secretAccessKey) && sameBytes(a.sessionToken, b.sessionToken);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
