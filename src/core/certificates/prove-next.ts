import { KeyholdError } from '../../contract/errors.ts';
import type { Core } from '../core.ts';
import type { Actor } from '../draft.ts';
import type { Session } from '../session.ts';
import type { Found, Thing } from '../things.ts';
import { draftSwitch } from './draft-steps.ts';
import { identityOf } from './identity.ts';
import type { CertificatePair } from './record.ts';
import { profilesOf } from './users.ts';

const KINDS = ['certificate', 'profile', 'account'] as const;

/**
 * Lets the new certificate of a rotation get a session of every role of Roles Anywhere that the present one is used for, and puts it in that one’s place once AWS has given them. May be begun anew at any
 * point. Throws what AWS says; the present one stays in use then.
 */
export async function proveNext(core: Core, session: Session, actor: Actor, id: string): Promise<void> {
  const things = await session.need(...KINDS);
  const value = things.get('certificate', id);
  const pair = value?.next?.pair;
  if (value === undefined || pair?.issued === undefined) return;
  const users = profilesOf(things, id);
  for (const profile of users) await tryAt(core, session, { name: value.name, pair }, profile);
  await session.write(
    actor,
    (draft) => {
      const present = things.get('certificate', id);
      // Another one was made, or it was taken back, while AWS was asked.
      if (present?.next?.pair.issued?.serial !== pair.issued?.serial || present === undefined) return () => undefined;
      const unproved = profilesOf(things, id).find((one) => !users.some((user) => same(user, one)));
      if (unproved !== undefined) {
        throw new KeyholdError(
          'InUse',
          `The profile ${unproved.value.name} was changed while AWS was asked. Try again: keyhold certificate install ${present.name}.`,
        );
      }
      const evidence =
        users.length === 0
          ? 'no profile signs in with it, so AWS was not asked'
          : `AWS gave a session for ${users.map((one) => one.value.name).join(', ')}`;
      draftSwitch(draft, { id, value: present }, core.ports.clock.now(), evidence);
      return () => undefined;
    },
    KINDS,
  );
}

const same = (a: Found<'profile'>, b: Found<'profile'>): boolean =>
  a.id === b.id && JSON.stringify([a.value.origin, a.value.role]) === JSON.stringify([b.value.origin, b.value.role]);

async function tryAt(
  core: Core,
  session: Session,
  { name, pair }: { name: string; pair: CertificatePair },
  profile: Found<'profile'>,
): Promise<void> {
  const { origin, role }: Thing<'profile'> = profile.value;
  if (origin?.kind !== 'rolesAnywhere' || role === undefined) return;
  const { endpointUrl } = session.things.must('account', profile.value.account);
  const { trustAnchorArn, profileArn } = origin;
  try {
    const { secret, token } = await core.shell.rolesAnywhere.createSession({
      ...identityOf(session, name, pair, core.ports.clock.now()),
      ...{ endpointUrl, trustAnchorArn, profileArn, roleArn: role.arn, durationSeconds: SHORTEST_SECONDS },
    });
    // Nothing is done with it.
    secret.fill(0);
    token?.fill(0);
  } catch (error) {
    if (!(error instanceof KeyholdError)) throw error;
    throw new KeyholdError(
      error.code,
      `The new certificate of ${name} is not in use yet, because it got no session of ${profile.value.name}, and the one before stays: ${error.message} Then try again with keyhold certificate install ${name}.`,
      error.details,
      { cause: error },
    );
  }
}

const SHORTEST_SECONDS = 900;
