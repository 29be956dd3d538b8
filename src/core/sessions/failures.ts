import { KeyholdError } from '../../contract/errors.ts';

/** Why a profile has no session, or no newer one. */
export interface SessionFailure {
  error: KeyholdError;
  at: number;
  /** Nobody asks AWS again before. */
  retryAt: number;
  /** In a row. */
  times: number;
  settings: string;
}

/** How long a failure stands, the first time and at most; what is not here is found out without asking AWS, or is up to a person. */
const WAITS: Readonly<Partial<Record<KeyholdError['code'], { first: number; most: number }>>> = {
  ServiceRefused: { first: 15_000, most: 300_000 },
  Unreachable: { first: 2_000, most: 60_000 },
  Timeout: { first: 2_000, most: 60_000 },
};

/** Up to a person, now or at the next request. */
const PASSING: ReadonlySet<KeyholdError['code']> = new Set<KeyholdError['code']>([
  'Locked',
  'Cancelled',
  'TouchRequired',
]);

/** The failure before stays where this one says nothing about the session. */
export function backOff(
  before: SessionFailure | undefined,
  error: unknown,
  { settings, now }: { settings: string; now: number },
): SessionFailure | undefined {
  if (!(error instanceof KeyholdError) || PASSING.has(error.code)) return before;
  const times = before?.settings === settings && before.error.code === error.code ? before.times + 1 : 1;
  const wait = WAITS[error.code];
  const after = wait === undefined ? 0 : Math.min(wait.most, wait.first * 2 ** (times - 1));
  return { error, at: now, retryAt: now + after, times, settings };
}
