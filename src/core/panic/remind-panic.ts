import type { Session } from '../session.ts';
import { instant } from '../views.ts';
import { openPanic } from './run.ts';
import { isOpen } from './step.ts';

/** Says after an unlock that a panic is open: keys and clients are off for a reason, and AWS may not have been told everything. */
export async function remindOfPanic(session: Session): Promise<void> {
  const found = openPanic(await session.need('panic'));
  if (found === undefined) return;
  const { startedAt, steps } = found.value;
  const left = steps.some(isOpen) ? ' AWS was not told everything yet: “keyhold panic resume” tries again.' : '';
  session.notice(
    'warning',
    `A panic was begun at ${instant(startedAt)}, so keys and clients are switched off.${left} See “keyhold panic status”.`,
  );
}
