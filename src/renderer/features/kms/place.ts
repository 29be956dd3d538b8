import { useAccounts, useProfiles } from '../../api/queries.ts';
import { onForget } from '../../lib/list-state.ts';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import { createStore, useStore } from '../../lib/store.ts';
import type { Place } from './kms.ts';
import { useAllKmsKeys } from './kms-queries.ts';

/** The account and Region that the KMS screens are looking at; null until one is chosen. */
const placeStore = createStore<{ account: string | null; region: string | null }>({ account: null, region: null });
onForget(() => placeStore.set({ account: null, region: null }));

export function goToPlace(place: { account: string | null; region: string | null }): void {
  placeStore.set(place);
}

export interface PlaceChoices {
  /** Null while there is no local account. */
  place: Place | null;
  /** False until the accounts have been read. */
  known: boolean;
  accounts: readonly { name: string; accountId: string }[];
  /** Regions with how many keys they hold, those in use first. */
  regions: readonly { region: string; keys: number }[];
}

const FALLBACK_REGION = 'us-east-1';

/**
 * Where the KMS screens look, and where else they could. Without a choice: the first local account, in the Region of its own profile, or in the one
 * that holds keys where that profile's Region holds none.
 */
export function usePlace(): PlaceChoices {
  const chosen = useStore(placeStore);
  const all = useAccounts().data;
  const profiles = useProfiles().data;
  const keys = useAllKmsKeys().data;
  const accounts = (all ?? []).filter((account) => account.kind === 'local');
  const account = accounts.find((one) => one.name === chosen.account) ?? accounts[0];
  if (account === undefined) return { place: null, known: all !== undefined, accounts, regions: [] };

  const counts = new Map<string, number>();
  for (const key of keys ?? []) {
    if (key.account === account.name) counts.set(key.region, (counts.get(key.region) ?? 0) + 1);
  }
  const own = profiles?.filter((profile) => profile.account === account.name) ?? [];
  const home = (own.find((profile) => profile.name === account.name) ?? own[0])?.region ?? FALLBACK_REGION;
  const fullest = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  const region = chosen.region ?? (counts.has(home) ? home : (fullest ?? home));
  const used = [...counts.keys()].sort();
  const names = new Set([...used, home, region, ...own.map((profile) => profile.region), ...COMMON_REGIONS]);
  return {
    place: { account: account.name, region },
    known: true,
    accounts,
    regions: [...names].map((name) => ({ region: name, keys: counts.get(name) ?? 0 })),
  };
}
