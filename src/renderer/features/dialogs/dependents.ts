import type { Credential } from '../../../contract/credentials.ts';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import type { Rotation } from '../../../contract/rotation.ts';
import type { AccessKey, Client, Profile } from '../../../contract/schemas.ts';
import { keyTitle } from '../kms/key-words.ts';
import { hasEnded, isOfKey } from '../rotation/board.ts';
import type { Subject } from './dialog-store.ts';

export interface Dependents {
  keys: string[];
  profiles: string[];
  clients: string[];
  /** Titles of the KMS keys of local accounts. */
  kmsKeys: string[];
  /** What users have besides their access keys. */
  credentials: string[];
  /** What is being rotated: with the rotation goes one of the two secrets. */
  rotations: string[];
}

interface Vault {
  keys: readonly AccessKey[];
  profiles: readonly Profile[];
  clients: readonly Client[];
  kmsKeys: readonly KmsKeySummary[];
  credentials: readonly Pick<Credential, 'name' | 'key'>[];
  rotations: readonly Rotation[];
}

/** What cannot stay when these are removed: an account takes its keys and profiles, a key its profiles, credentials and rotations, a profile its clients and those that have it as a source, a sign-in or a certificate the profiles it is the origin of. */
export function findDependents(subject: Subject, names: readonly string[], vault: Vault): Dependents {
  const chosen = new Set(names);
  const keys = subject === 'account' ? vault.keys.filter((key) => chosen.has(key.account)) : [];
  const lostKeys: ReadonlySet<string> = subject === 'key' ? chosen : new Set(keys.map((key) => key.name));
  const gone = (profile: Profile): boolean => {
    const { name, account, key } = profile;
    if (subject === 'profile') return chosen.has(name);
    if (subject === 'signIn' || subject === 'certificate') return chosen.has(referredTo(profile, subject) ?? '');
    return (subject === 'account' && chosen.has(account)) || (key !== undefined && lostKeys.has(key));
  };
  const lost = new Set(vault.profiles.filter(gone).map((profile) => profile.name));
  for (const { name, chain } of vault.profiles) if (chain?.some((source) => lost.has(source))) lost.add(name);
  const profiles = vault.profiles.filter(({ name }) => lost.has(name) && !(subject === 'profile' && chosen.has(name)));
  const clients = subject === 'client' ? [] : vault.clients.filter((client) => lost.has(client.profile));
  const credentials = vault.credentials.filter(({ key }) => lostKeys.has(key)).map(({ name }) => name);
  const lostCredentials = new Set(credentials);
  const rotations = vault.rotations.filter(
    (one) => !hasEnded(one) && (isOfKey(one) ? lostKeys : lostCredentials).has(one.key),
  );
  return {
    keys: keys.map((key) => key.name),
    profiles: profiles.map((profile) => profile.name),
    clients: clients.map((client) => client.name),
    kmsKeys: subject === 'account' ? vault.kmsKeys.filter((key) => chosen.has(key.account)).map(keyTitle) : [],
    credentials,
    rotations: rotations.map(({ key }) => key),
  };
}

/** The sign-in or the certificate that a profile gets its credentials with. */
function referredTo({ origin }: Profile, subject: 'signIn' | 'certificate'): string | undefined {
  if (origin === undefined) return undefined;
  if (subject === 'certificate') return 'certificate' in origin ? origin.certificate : undefined;
  return 'signIn' in origin ? origin.signIn : undefined;
}

export function hasDependents(dependents: Dependents): boolean {
  return Object.values(dependents).some((names) => names.length > 0);
}
