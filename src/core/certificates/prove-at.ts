import { type ErrorCode, KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Core } from '../core.ts';
import type { Session } from '../session.ts';
import { profilesReferringTo } from '../sessions/origins/profiles-referring-to.ts';
import type { Found, Thing, Things } from '../things.ts';
import { identityOf } from './identity.ts';
import type { CertificatePair } from './record.ts';
import { noteRefusal } from './refusals.ts';

const SHORTEST_SECONDS = 900;
/** Then it is not AWS that has said something. */
const NO_ANSWER = new Set<ErrorCode>(['Unreachable', 'Timeout', 'Locked', 'HsmCrashed', 'Cancelled']);

interface Candidate {
  id: string;
  name: string;
  pair: CertificatePair;
}

/** What a person reads around AWS’s answer: what became of the certificate, and how to go on. */
interface Words {
  before: string;
  after: string;
}

/** Lets a certificate get a session of every role of Roles Anywhere that the present one is used for. Answers those profiles; throws what AWS says. */
export async function proveAt(
  core: Core,
  session: Session,
  candidate: Candidate,
  words: Words,
): Promise<Found<'profile'>[]> {
  const users = profilesReferringTo(session.things, candidate.id);
  for (const profile of users) await tryAt(core, session, { candidate, words }, profile);
  return users;
}

/** Throws `InUse` where a profile has been added or changed since it was proved for these. */
export function assertProvedFor(
  things: Things,
  { id, name }: { id: string; name: string },
  users: readonly Found<'profile'>[],
): void {
  const unproved = profilesReferringTo(things, id).find((one) => !users.some((user) => same(user, one)));
  if (unproved === undefined) return;
  throw new KeyholdError(
    'InUse',
    `The profile ${unproved.value.name} was changed while AWS was asked. Try again: keyhold certificate install ${quotedName(name)}.`,
  );
}

export function evidenceOf(users: readonly Found<'profile'>[]): string {
  return users.length === 0
    ? 'no profile signs in with it, so AWS was not asked'
    : `AWS gave a session for ${users.map((one) => one.value.name).join(', ')}`;
}

const same = (a: Found<'profile'>, b: Found<'profile'>): boolean =>
  a.id === b.id && JSON.stringify([a.value.origin, a.value.role]) === JSON.stringify([b.value.origin, b.value.role]);

async function tryAt(
  core: Core,
  session: Session,
  { candidate, words }: { candidate: Candidate; words: Words },
  profile: Found<'profile'>,
): Promise<void> {
  const { origin, role }: Thing<'profile'> = profile.value;
  if (origin?.kind !== 'rolesAnywhere' || role === undefined) return;
  const { endpointUrl } = session.things.must('account', profile.value.account);
  const { trustAnchorArn, profileArn } = origin;
  const { id, name, pair } = candidate;
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
    if (pair.issued !== undefined && !NO_ANSWER.has(error.code)) {
      noteRefusal(session, id, pair.issued.serial, error.message);
    }
    throw new KeyholdError(
      error.code,
      `${words.before}, because it got no session of ${profile.value.name}, and the one before stays: ${error.message} ${words.after}`,
      error.details,
      { cause: error },
    );
  }
}
