import { ShieldCheck } from 'lucide-react';
import { useMemo } from 'react';
import { useAccounts, useClients, useKeys, useProfiles } from '../../api/queries.ts';
import { navigate, type Screen } from '../../lib/router.ts';
import { useOtpDevices } from '../authenticator/otp-queries.ts';
import { useCertificates } from '../certificates/certificate-queries.ts';
import { specWord } from '../certificates/certificate-words.ts';
import { useCredentials } from '../credentials/credential-queries.ts';
import { whatWords } from '../credentials/credential-words.ts';
import { keyTitle, longSpec } from '../kms/key-words.ts';
import { useAllKmsKeys, useKeyStores } from '../kms/kms-queries.ts';
import { usePlace } from '../kms/place.ts';
import { STORE_TYPES } from '../kms/stores/store-types.ts';
import { useRotations } from '../rotation/rotation-queries.ts';
import { lookOf, lookWord } from '../rotation/rotation-words.ts';
import { useSecurityKeys } from '../security-keys/key-queries.ts';
import { usesOf } from '../security-keys/key-words.ts';
import { useSessions } from '../sessions/session-queries.ts';
import { kindWords } from '../sessions/session-words.ts';
import { SCREEN_INFO } from '../shell/screens.tsx';
import { useSignIns } from '../sign-ins/sign-in-queries.ts';
import { hostOf, typeWord } from '../sign-ins/sign-in-words.ts';
import type { Entry } from './shown-entries.ts';

interface Row {
  id: string;
  label: string;
  note: string;
}

function entriesOf<T>(screen: Screen, records: readonly T[] | undefined, rowOf: (record: T) => Row): Entry[] {
  const info = SCREEN_INFO.find((one) => one.screen === screen);
  if (info === undefined || records === undefined) return [];
  return records.map((record) => {
    const { id, label, note } = rowOf(record);
    return {
      id: `${screen}:${id}`,
      group: info.label,
      label,
      note,
      icon: <info.Icon size={16} aria-hidden="true" />,
      run: () => navigate(screen, id),
    };
  });
}

function dotted(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

/** Every record of the vault that has a name, and the way to it. */
export function usePaletteObjects(): Entry[] {
  const keys = useKeys().data;
  const credentials = useCredentials().data;
  const devices = useOtpDevices().data;
  const profiles = useProfiles().data;
  const signIns = useSignIns().data;
  const sessions = useSessions().data;
  const clients = useClients().data;
  const rotations = useRotations().data;
  const kmsKeys = useAllKmsKeys().data;
  const stores = useKeyStores(usePlace().place).data;
  const accounts = useAccounts().data;
  const securityKeys = useSecurityKeys().data;
  const certificates = useCertificates().data;
  return useMemo(
    () => [
      ...entriesOf('keys', keys, (key) => ({
        id: key.id,
        label: key.name,
        note: dotted(key.account, key.accessKeyId),
      })),
      ...entriesOf('credentials', credentials, (one) => ({
        id: one.id,
        label: one.name,
        note: dotted(one.account, whatWords(one), one.userName ?? ''),
      })),
      ...entriesOf('authenticator', devices, (device) => ({
        id: device.id,
        label: device.name,
        note: dotted(device.issuer, device.label),
      })),
      ...entriesOf('profiles', profiles, ({ id, name, region }) => ({ id, label: name, note: region })),
      ...entriesOf('sign-ins', signIns, (signIn) => ({
        id: signIn.id,
        label: signIn.name,
        note: dotted(typeWord(signIn.settings.type), hostOf(signIn)),
      })),
      ...entriesOf('sessions', sessions, (session) => ({
        id: session.id,
        label: session.profile,
        note: dotted(session.account, kindWords(session.kind)),
      })),
      ...entriesOf('clients', clients, ({ id, name, profile }) => ({ id, label: name, note: `signs as ${profile}` })),
      ...entriesOf('rotation', rotations, (rotation) => ({
        id: rotation.id,
        label: rotation.key,
        note: dotted(rotation.account, lookWord(lookOf(rotation))),
      })),
      ...entriesOf('kms', kmsKeys, (key) => ({
        id: key.id,
        label: keyTitle(key),
        note: dotted(key.account, key.region, longSpec(key.spec), key.keyId),
      })),
      ...entriesOf('key-stores', stores, (store) => ({
        id: store.id,
        label: store.CustomKeyStoreName,
        note: STORE_TYPES[store.CustomKeyStoreType],
      })),
      ...entriesOf('accounts', accounts, ({ id, name, accountId }) => ({ id, label: name, note: accountId })),
      ...entriesOf('security-keys', securityKeys, (key) => ({ id: key.id, label: key.name, note: usesOf(key) })),
      ...(certificates ?? []).map(
        (certificate): Entry => ({
          id: `certificate:${certificate.id}`,
          group: 'Certificates',
          label: certificate.name,
          note: specWord(certificate.keySpec),
          icon: <ShieldCheck size={16} aria-hidden="true" />,
          // They are a part of that screen.
          run: () => navigate('hsm'),
        }),
      ),
    ],
    [
      keys,
      credentials,
      devices,
      profiles,
      signIns,
      sessions,
      clients,
      rotations,
      kmsKeys,
      stores,
      accounts,
      securityKeys,
      certificates,
    ],
  );
}
