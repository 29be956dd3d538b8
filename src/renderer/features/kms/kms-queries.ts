import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { call } from '../../api/keyhold.ts';
import { allPages, type KeyStore, kmsCall, type Place } from './kms.ts';

/** Every key of every local account. Where `enabled` is false, only what another screen has read already. */
export function useAllKmsKeys(enabled = true) {
  return useQuery({ queryKey: ['kms', 'keys'], queryFn: readKeys, enabled });
}

/** The keys of one account and Region. */
export function useKmsKeys(place: Place | null) {
  return useQuery({
    queryKey: ['kms', 'keys'],
    queryFn: readKeys,
    select: (keys) => (place === null ? [] : keys.filter((key) => isAt(key, place))),
  });
}

async function readKeys(): Promise<KmsKeySummary[]> {
  return (await call('kms.keys', {})).keys;
}

export function isAt(key: KmsKeySummary, { account, region }: Place): boolean {
  return key.account === account && key.region === region;
}

export function placeOf({ account, region }: KmsKeySummary): Place {
  return { account, region };
}

/** Everything the KMS said is read again: what one change touches (a rotation, a replica) is not for the page to know. */
export function refreshKms(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: ['kms'] });
}

export function policyKey(key: KmsKeySummary): string[] {
  return ['kms', 'policy', key.id];
}

export function useKeyPolicy(key: KmsKeySummary) {
  return useQuery({
    queryKey: policyKey(key),
    queryFn: async () => (await kmsCall(placeOf(key), 'GetKeyPolicy', { KeyId: key.keyId })).Policy,
  });
}

export function useGrants(key: KmsKeySummary) {
  return useQuery({
    queryKey: ['kms', 'grants', key.id],
    queryFn: () =>
      allPages(
        (marker) => kmsCall(placeOf(key), 'ListGrants', { KeyId: key.keyId, Limit: 100, ...marker }),
        (page) => page.Grants,
        1000,
      ),
  });
}

/** The key's materials, oldest first. */
export function useMaterials(key: KmsKeySummary) {
  return useQuery({
    queryKey: ['kms', 'materials', key.id],
    queryFn: () =>
      allPages(
        (marker) =>
          kmsCall(placeOf(key), 'ListKeyRotations', {
            KeyId: key.keyId,
            IncludeKeyMaterial: 'ALL_KEY_MATERIAL',
            Limit: 1000,
            ...marker,
          }),
        (page) => page.Rotations,
      ),
  });
}

const POLL_MS = 1000;

function isUnderWay({ ConnectionState }: KeyStore): boolean {
  return ConnectionState === 'CONNECTING' || ConnectionState === 'DISCONNECTING';
}

export function useKeyStores(place: Place | null) {
  return useQuery({
    queryKey: ['kms', 'stores', place],
    // Connecting goes on after its call was answered.
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) === true ? POLL_MS : false),
    queryFn: async () => {
      if (place === null) return [];
      const { items } = await allPages(
        (marker) => kmsCall(place, 'DescribeCustomKeyStores', marker),
        (page) => page.CustomKeyStores,
      );
      return items.map((store) => ({ ...store, id: store.CustomKeyStoreId }));
    },
  });
}

/** A change in the KMS, after which everything of it is read again. */
export function useKmsChange<I>(change: (input: I) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation<unknown, Error, I>({ mutationFn: change, onSuccess: () => refreshKms(queries) });
}
