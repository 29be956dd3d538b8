import type { Random } from '../ports.ts';

const LONGEST_MARGIN_MS = 15 * 60_000;
/** Of a session's life: a short one is not spent on refreshing. */
const MARGIN_PART = 1 / 4;
const JITTER_PART = 1 / 3;

/** When a session is refreshed: a quarter of its life, at most 15 minutes, before it ends, and earlier by up to a third of that, so that many do not ask at once. */
export function refreshTime(
  { obtainedAt, expiresAt }: { obtainedAt: number; expiresAt: number },
  random: Random,
): number {
  const margin = Math.min(LONGEST_MARGIN_MS, Math.max(0, expiresAt - obtainedAt) * MARGIN_PART);
  const [high = 0, low = 0] = random.bytes(2);
  const jitter = margin * JITTER_PART * ((high * 256 + low) / 65_536);
  return expiresAt - margin - jitter;
}
