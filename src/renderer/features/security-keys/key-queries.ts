import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/keyhold.ts';

/** The daemon tells of keys that come and go for a minute after it was asked what is there. */
const LOOK_MS = 30_000;

/** What is plugged in, for as long as somebody looks. */
export function useDevices(enabled = true) {
  return useQuery({
    queryKey: ['devices'],
    queryFn: () => call('mfa.devices', {}),
    refetchInterval: LOOK_MS,
    staleTime: 0,
    enabled,
  });
}

/** What one of them can do, and the state of its PIN; null asks nothing. */
export function useDeviceInfo(id: string | null) {
  return useQuery({
    queryKey: ['devices', id],
    queryFn: async () => (await call('mfa.info', id === null ? {} : { device: id })).info,
    staleTime: 0,
    enabled: id !== null,
  });
}

export function useSecurityKeys() {
  return useQuery({ queryKey: ['securityKeys'], queryFn: async () => (await call('mfa.keys', {})).keys, staleTime: 0 });
}
