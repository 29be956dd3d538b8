import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Result } from '../../../contract/methods.ts';
import type { OtpCodes } from '../../../contract/totp.ts';
import { call } from '../../api/keyhold.ts';

/** A little after a step begins, so that the answer is of the new one. */
const AFTER_MS = 60;
const LONGEST_MS = 30_000;

export function useOtpDevices() {
  return useQuery({ queryKey: ['totp', 'list'], queryFn: async () => (await call('totp.list', {})).devices });
}

export interface CodesNow {
  byName: ReadonlyMap<string, OtpCodes>;
  drift: Result<'totp.codes'>['drift'];
  /** What to add to this page's clock to get the daemon's: a browser may be on another machine. */
  aheadMs: number;
}

/** All codes, read again when the first of them ends. */
export function useOtpCodes(enabled: boolean) {
  const query = useQuery({
    queryKey: ['totp', 'codes'],
    enabled,
    queryFn: async (): Promise<CodesNow> => {
      const { codes, now, drift } = await call('totp.codes', {});
      return {
        byName: new Map(codes.map((one) => [one.name, one])),
        drift,
        aheadMs: Date.parse(now) - Date.now(),
      };
    },
  });
  const { data, refetch } = query;
  useEffect(() => {
    if (!enabled || data === undefined) return;
    const now = Date.now() + data.aheadMs;
    const ends = [...data.byName.values()].flatMap((codes) => nextChange(codes));
    const wait = Math.min(LONGEST_MS, ...ends.map((end) => Math.max(0, end - now)));
    const timer = window.setTimeout(() => void refetch(), wait + AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [enabled, data, refetch]);
  return query;
}

function nextChange({ current, next, usableFrom }: OtpCodes): number[] {
  const end = current?.validUntil ?? next?.validFrom ?? usableFrom;
  return end === null ? [] : [Date.parse(end)];
}
