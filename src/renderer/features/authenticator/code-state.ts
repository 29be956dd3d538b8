import type { OtpCodes, OtpDevice } from '../../../contract/totp.ts';

/** From here on, the next code is shown too: typing takes about that long. */
const SOON_MS = 7000;

export type CodeState =
  /** Codes by counter, made when they are used. */
  | { kind: 'counter' }
  | { kind: 'loading' }
  | { kind: 'shown'; code: string; next: string | null; left: number; period: number; soon: boolean }
  /** The present one has been used. */
  | { kind: 'used'; left: number; period: number };

/** What a row or the detail shows of a device at a moment. */
export function codeStateOf(device: OtpDevice, codes: OtpCodes | undefined, now: number): CodeState {
  if (device.type === 'hotp') return { kind: 'counter' };
  const period = (device.period ?? 30) * 1000;
  if (codes === undefined) return { kind: 'loading' };
  const { current, next, usableFrom } = codes;
  // The next code is known already when its time comes, so nothing blinks while the answer is on its way.
  const valid = [current, next].find(
    (one) => one !== null && Date.parse(one.validFrom) <= now && now < Date.parse(one.validUntil),
  );
  if (valid !== undefined && valid !== null) {
    const left = Date.parse(valid.validUntil) - now;
    const after = valid === current ? (next?.code ?? null) : null;
    return { kind: 'shown', code: valid.code, next: after, left, period, soon: left <= SOON_MS };
  }
  const from = usableFrom === null ? Number.NaN : Date.parse(usableFrom);
  if (Number.isNaN(from) || from <= now) return { kind: 'loading' };
  return { kind: 'used', left: from - now, period };
}

/** Digits in two halves, as people read them. */
export function spaced(code: string): string {
  const half = Math.ceil(code.length / 2);
  return `${code.slice(0, half)}\u2009${code.slice(half)}`;
}
