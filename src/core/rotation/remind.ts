import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { dueCredentials } from './due-credentials.ts';
import { dueKeys, scheduleOf } from './schedule-of.ts';
import { whyNotByItself } from './why-not-by-itself.ts';

const MOST_NAMED = 3;

/** Says once a day, and after an unlock, which keys are older than they may be, are not being rotated and have not been put off. */
export async function remind(session: Session, { clock }: Pick<Ports, 'clock'>): Promise<void> {
  const things = await session.need('accessKey', 'account', 'rotation', 'credential');
  const now = clock.now();
  const due = [
    ...dueKeys(things, now).filter((key) => wantsPerson(session, key, now)),
    ...dueCredentials(things, now),
  ].map(({ value }) => value.name);
  if (due.length === 0) return;
  const named = due.slice(0, MOST_NAMED).join(', ');
  const more = due.length > MOST_NAMED ? ` and ${due.length - MOST_NAMED} more` : '';
  const verb = due.length === 1 ? 'is older than it may be' : 'are older than they may be';
  session.notice('warning', `${named}${more} ${verb}. Rotate with: keyhold rotate --due`);
}

/** Of what is rotated by itself nothing is said, unless something is in the way. */
function wantsPerson(session: Session, key: Found<'accessKey'>, now: number): boolean {
  const { auto } = scheduleOf(session.things, key.value);
  return auto === 'remind' || (auto === 'rotate' && whyNotByItself(session, key, now) !== undefined);
}
