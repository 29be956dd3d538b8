import type { Status } from '../../../contract/schemas.ts';
import { formatExact } from '../../lib/format.ts';

const MINUTE = 60_000;

/** `14 min`, `2 h 5 min`, `under a minute`: rounded up, for what is not to be over before it is said to be. */
function formatLeft(ms: number): string {
  if (ms < MINUTE) return 'under a minute';
  const minutes = Math.ceil(ms / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** When the open vault locks by itself; while the daemon is out of reach, when the page puts away what it shows. */
export function lockWords(
  { locksAt }: Pick<Status, 'locksAt'>,
  isDown: boolean,
  now: number,
): { text: string; exact?: string } {
  if (locksAt === undefined) return { text: isDown ? 'State not known' : 'Stays open until you lock it' };
  const left = Date.parse(locksAt) - now;
  if (isDown) {
    return {
      text: left <= 0 ? 'This page clears now' : `This page clears in ${formatLeft(left)}`,
      exact: `The vault locks at ${formatExact(locksAt)} at the latest: then this page shows nothing of it any more`,
    };
  }
  return {
    text: left <= 0 ? 'Locks now' : `Locks in ${formatLeft(left)}`,
    exact: `Locks at ${formatExact(locksAt)} unless something happens before`,
  };
}
