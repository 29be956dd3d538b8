import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import { credentialDueAt, dueAt } from './due-at.ts';

const MOST_NAMED = 3;

/** Says once a day, and after an unlock, which keys are older than they may be and are not being rotated. */
export async function remind(session: Session, { clock }: Pick<Ports, 'clock'>): Promise<void> {
  const things = await session.need('accessKey', 'account', 'rotation', 'credential');
  const underWay = new Set(
    things
      .all('rotation')
      .flatMap(({ value }) => (value.outcome === undefined ? (value.credential?.id ?? value.key) : [])),
  );
  const isDue = (id: string, at: number | undefined): boolean =>
    !underWay.has(id) && at !== undefined && at <= clock.now();
  const due = [
    ...things.all('accessKey').filter(({ id, value }) => isDue(id, dueAt(things, value))),
    ...things.all('credential').filter(({ id, value }) => isDue(id, credentialDueAt(things, value))),
  ].map(({ value }) => value.name);
  if (due.length === 0) return;
  const named = due.slice(0, MOST_NAMED).join(', ');
  const more = due.length > MOST_NAMED ? ` and ${due.length - MOST_NAMED} more` : '';
  const verb = due.length === 1 ? 'is older than it may be' : 'are older than they may be';
  session.notice('warning', `${named}${more} ${verb}. Rotate with: keyhold rotate --due`);
}
