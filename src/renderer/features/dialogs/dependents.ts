import type { KmsKeySummary } from '../../../contract/kms.ts';
import type { AccessKey, Client, Profile } from '../../../contract/schemas.ts';
import { keyTitle } from '../kms/key-words.ts';
import type { Subject } from './dialog-store.ts';

export interface Dependents {
  keys: string[];
  profiles: string[];
  clients: string[];
  /** Titles of the KMS keys of local accounts. */
  kmsKeys: string[];
}

interface Vault {
  keys: readonly AccessKey[];
  profiles: readonly Profile[];
  clients: readonly Client[];
  kmsKeys: readonly KmsKeySummary[];
}

/** What cannot stay when these are removed: an account takes its keys and profiles, a key its profiles, a profile its clients and those that have it as a source. */
export function findDependents(subject: Subject, names: readonly string[], vault: Vault): Dependents {
  const chosen = new Set(names);
  const keys = subject === 'account' ? vault.keys.filter((key) => chosen.has(key.account)) : [];
  const lostKeys = subject === 'key' ? chosen : new Set(keys.map((key) => key.name));
  const gone = (profile: Profile): boolean => {
    if (subject === 'profile') return chosen.has(profile.name);
    return (
      (subject === 'account' && chosen.has(profile.account)) || (profile.key !== undefined && lostKeys.has(profile.key))
    );
  };
  const lost = new Set(vault.profiles.filter(gone).map((profile) => profile.name));
  for (const { name, chain } of vault.profiles) if (chain?.some((source) => lost.has(source))) lost.add(name);
  const profiles = vault.profiles.filter(({ name }) => lost.has(name) && !(subject === 'profile' && chosen.has(name)));
  const clients = subject === 'client' ? [] : vault.clients.filter((client) => lost.has(client.profile));
  return {
    keys: keys.map((key) => key.name),
    profiles: profiles.map((profile) => profile.name),
    clients: clients.map((client) => client.name),
    kmsKeys: subject === 'account' ? vault.kmsKeys.filter((key) => chosen.has(key.account)).map(keyTitle) : [],
  };
}

export function hasDependents(dependents: Dependents): boolean {
  return (
    dependents.keys.length + dependents.profiles.length + dependents.clients.length + dependents.kmsKeys.length > 0
  );
}
