import { KeyholdError } from '../../contract/errors.ts';
import { base32 } from '../client-key-id.ts';
import { userNameOf } from '../client-user-name.ts';
import type { Things } from '../things.ts';
import { instant } from '../views.ts';
import { findClient } from './clients.ts';
import type { Handler } from './handler.ts';
import { makeClientKey } from './make-client-key.ts';
import { removeClient } from './removal.ts';

const LONGEST_NAME = 64;

/**
 * A new key pair for a tool. The client of the name is a new one from then on, with the profile, policy and end of the one before, which goes on under another name for
 * the overlap: the door knows clients by their key ids, so both work without either knowing of the other, and each request's entry in the log says which it was.
 */
export const rotateClient: Handler<'client.rotate'> = async ({ core, actor }, { name, overlapSeconds, replyKey }) => {
  const session = core.session();
  const { things } = session;
  await core.shell.doorSettled();
  return session.write(actor, async (draft) => {
    const old = findClient(things, name);
    const { value } = old;
    const now = core.ports.clock.now();
    if (value.purpose !== 'tool') {
      throw new KeyholdError(
        'InvalidInput',
        `The client ${value.name} was made for one run and ends by itself; only keys of tools are rotated.`,
      );
    }
    if (value.expiresAt !== undefined && value.expiresAt <= now) {
      throw new KeyholdError('InvalidInput', `The client ${value.name} has expired. Remove it and add a new one.`);
    }
    if (value.gate !== undefined) {
      throw new KeyholdError(
        'InvalidInput',
        `The client ${value.name} wants a touch of a security key. Take that away first ("keyhold gate remove client"), and set it again afterwards.`,
      );
    }
    const profile = { id: value.profile, value: things.must('profile', value.profile) };
    const endsAt = Math.min(value.expiresAt ?? Number.POSITIVE_INFINITY, now + overlapSeconds * 1000);
    const renamed = formerName(things, value.name, base32(core.ports.random, 4).toLowerCase());
    // To the policies and grants of its account it is the same user with either key.
    const userName = value.policy === undefined ? {} : { userName: userNameOf(value) };
    if (overlapSeconds === 0) removeClient(draft, old, 'its key was rotated');
    else draft.put('client', old.id, { ...value, ...userName, name: renamed, expiresAt: endsAt });
    draft.record('client.rotate', value.name, {
      client: value.name,
      clientKeyId: value.accessKeyId,
      reason: overlapSeconds === 0 ? 'the key before ends now' : `the key before ends ${instant(endsAt)}`,
    });
    const finish = await makeClientKey(core, session, draft, {
      name: value.name,
      purpose: 'tool',
      profile,
      ...(value.policy === undefined ? {} : { policy: value.policy }),
      ...userName,
      expiresInSeconds: value.expiresAt === undefined ? undefined : Math.ceil((value.expiresAt - now) / 1000),
      replyKey,
    });
    const previous =
      overlapSeconds === 0 ? null : { name: renamed, accessKeyId: value.accessKeyId, expiresAt: instant(endsAt) };
    return () => ({ ...finish(), previous });
  });
};

/** `terraform (before k3fq)`: free, and no longer than a name may be. */
function formerName(things: Things, name: string, token: string): string {
  const suffix = ` (before ${token})`;
  const former =
    [...name]
      .slice(0, LONGEST_NAME - suffix.length)
      .join('')
      .trimEnd() + suffix;
  things.assertFree('client', former);
  return former;
}
