import { quotedName } from '../../contract/quoted-name.ts';
import type { Core } from '../core.ts';
import type { Actor } from '../draft.ts';
import { openPanic } from '../panic/run.ts';
import type { Session } from '../session.ts';
import { draftSwitch } from './draft-steps.ts';
import { assertProvedFor, evidenceOf, proveAt } from './prove-at.ts';

const KINDS = ['certificate', 'profile', 'account', 'panic'] as const;

/**
 * Lets the new certificate of a rotation get a session of every role of Roles Anywhere that the present one is used for, and puts it in that one’s place once AWS has given them. May be begun anew at any
 * point. Throws what AWS says; the present one stays in use then.
 */
export async function proveNext(core: Core, session: Session, actor: Actor, id: string): Promise<void> {
  const things = await session.need(...KINDS);
  const value = things.get('certificate', id);
  const pair = value?.next?.pair;
  if (value === undefined || pair?.issued === undefined) return;
  const { name } = value;
  const users = await proveAt(
    core,
    session,
    { id, name, pair },
    {
      before: `The new certificate of ${name} is not in use yet`,
      after: `Then try again with keyhold certificate install ${quotedName(name)}.`,
    },
  );
  await session.write(
    actor,
    (draft) => {
      const present = things.get('certificate', id);
      // Another one was made, or it was taken back, while AWS was asked.
      if (present?.next?.pair.issued?.serial !== pair.issued?.serial || present === undefined) return () => undefined;
      // A panic that began meanwhile has stopped what nobody asks for.
      if (actor === 'daemon' && openPanic(things) !== undefined) return () => undefined;
      assertProvedFor(things, { id, name: present.name }, users);
      draftSwitch(draft, { id, value: present }, core.ports.clock.now(), evidenceOf(users));
      return () => undefined;
    },
    KINDS,
  );
}
