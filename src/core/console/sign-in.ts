import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import type { Core } from '../core.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Actor } from '../draft.ts';
import { passProfileGate, recordLeft } from '../leave/let-leave.ts';
import { assertMayLeave } from '../leave/may-leave.ts';
import { forgetEnded } from '../leave/remove-left.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import type { StsCredentials } from '../sessions/aws-sts.ts';
import { chainOf } from '../sessions/chain.ts';
import { assertEnabled, keyOfChain } from '../sessions/credentials.ts';
import { sessionKind } from '../sessions/session-kind.ts';
import { sessionName } from '../sessions/session-name.ts';
import type { Found, Thing, Things } from '../things.ts';
import { type ConsoleSite, destinationOf, loginUrl } from './console-site.ts';

const HOUR = 3600;
const CONSOLE: Thing<'leftSession'>['ways'] = ['console'];
/** GetFederationToken's Name. */
const LONGEST_NAME = 32;

export interface SignedIn {
  url: string;
  kind: 'role' | 'federation';
  /** ms since epoch */
  expiresAt: number;
}

/** Where the console of a profile's account is. Throws `Unsupported` where there is none. */
export function siteOf(core: Pick<Core, 'shell'>, things: Things, { value }: Found<'profile'>): ConsoleSite {
  const account = things.must('account', value.account);
  const site = account.kind === 'local' ? null : core.shell.awsConsole.site(value.region, account.endpointUrl);
  if (site !== null) return site;
  throw new KeyholdError(
    'Unsupported',
    `There is no AWS console for ${value.name}: ${account.endpointUrl === undefined ? `the region ${value.region} has none that is known here` : `the account ${account.name} has an endpoint of its own`}.`,
  );
}

/** Credentials go to no other partition's sign-in than their own. Throws `InvalidInput`. */
function assertSamePartition(
  core: Pick<Core, 'shell'>,
  { value }: Found<'profile'>,
  { partition }: ConsoleSite,
  region: string | undefined,
): void {
  if (region === undefined || core.shell.awsConsole.site(region, undefined)?.partition === partition) return;
  throw new KeyholdError(
    'InvalidInput',
    `region: ${region} does not belong to the partition ${partition} of ${value.name}, whose region is ${value.region}.`,
  );
}

/** Gets temporary credentials for this alone, and changes them for an address that signs a browser in. */
export async function signIn(
  { core, actor }: { core: Core; actor: Actor },
  {
    profile: name,
    region,
    service,
    seconds,
  }: Pick<Input<'console.open'>, 'profile' | 'region' | 'service' | 'seconds'>,
): Promise<SignedIn> {
  const session = core.session();
  const things = await session.need('profile', 'account', 'accessKey', 'awsSession', 'leftSession', 'settings');
  const profile = things.byName('profile', name);
  assertMayLeave(things, profile, 'console');
  const site = siteOf(core, things, profile);
  assertSamePartition(core, profile, site, region);
  await passProfileGate(session, profile);
  const got = await credentialsFor(core, session, profile, { site, seconds });
  try {
    // AWS counts from when it is asked, which is a moment later.
    const expiresAt = got.sayable === undefined ? got.answer.expiresAt : core.ports.clock.now() + got.sayable * 1000;
    await note({ session, actor, core }, profile, { ...got, expiresAt });
    const token = await core.shell.awsConsole.signinToken(site, got.answer, got.sayable);
    const destination = destinationOf(site, region ?? profile.value.region, service);
    return { url: loginUrl(site, { destination, token }), kind: got.kind, expiresAt };
  } finally {
    wipe(got.answer.secret, got.answer.token);
  }
}

interface Got {
  answer: StsCredentials;
  kind: SignedIn['kind'];
  settings: string;
  /** The console session's length, where AWS lets it be said (SessionDuration): of a role that no other role assumed. Else it lasts as long as the credentials. */
  sayable: number | undefined;
}

async function credentialsFor(
  core: Core,
  session: Session,
  profile: Found<'profile'>,
  { site, seconds }: { site: ConsoleSite; seconds: number | undefined },
): Promise<Got> {
  const { things } = session;
  const chain = chainOf(things, profile);
  const key = keyOfChain(things, chain);
  assertEnabled(key);
  const kind = sessionKind(chain);
  if (kind === undefined || kind === 'session-token') {
    if (key === undefined) throw new TypeError('what has no key has a session of another kind');
    return { ...(await federated(core, session, profile, { key, site, seconds })), settings: '' };
  }
  const mayBeSaid = kind === 'role' || kind === 'saml' || kind === 'web-identity';
  if (!mayBeSaid && seconds !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `seconds: how long the console session of ${profile.value.name} lasts is not to be chosen: as long as its credentials. Leave the duration out.`,
    );
  }
  const { answer, settings } = await session.leaver.forOneUse(profile, 'console');
  if (answer.token === undefined) {
    wipe(answer.secret);
    throw new KeyholdError(
      'Unsupported',
      `What gives the profile ${profile.value.name} its credentials gives a long-lived key, and the console takes none. Use a profile with a role.`,
    );
  }
  const sayable = mayBeSaid ? (seconds ?? profile.value.role?.durationSeconds ?? HOUR) : undefined;
  return { answer, kind: 'role', settings, sayable };
}

/** The console takes no session of a user (GetSessionToken), but a federated user, who may do what the user may. */
async function federated(
  core: Core,
  session: Session,
  profile: Found<'profile'>,
  { key, site, seconds }: { key: Found<'accessKey'>; site: ConsoleSite; seconds: number | undefined },
): Promise<Omit<Got, 'settings'>> {
  if (key.value.token !== undefined) {
    throw new KeyholdError(
      'Unsupported',
      `The access key ${key.value.name} is temporary itself, and AWS lets no federated user be made with it. Use a profile with a role.`,
    );
  }
  const name = sessionName(undefined, { profile: profile.value.name, client: 'console' }, core.ports.clock.now());
  const answer = await core.shell.awsConsole.federationToken(
    { session, profile, key: key.id, region: profile.value.region },
    {
      name: name.slice(0, LONGEST_NAME),
      seconds: seconds ?? HOUR,
      policyArn: `arn:${site.partition}:iam::aws:policy/AdministratorAccess`,
    },
  );
  return { answer, kind: 'federation', sayable: undefined };
}

/** That they leave is in the log, and on the list of what is outside, before they do. */
async function note(
  { core, session, actor }: { core: Core; session: Session; actor: Actor },
  profile: Found<'profile'>,
  { answer, settings, expiresAt }: Got & { expiresAt: number },
): Promise<void> {
  const now = core.ports.clock.now();
  await session.write(
    actor,
    (draft) => {
      const { things } = session;
      const value = things.get('profile', profile.id);
      if (value === undefined)
        throw new KeyholdError('NotFound', `The profile ${profile.value.name} has been removed.`);
      assertMayLeave(things, { id: profile.id, value }, 'console');
      const left: Thing<'leftSession'> = omitUndefined({
        profile: profile.id,
        accessKeyId: answer.accessKeyId,
        arn: answer.arn,
        settings,
        obtainedAt: now,
        expiresAt,
        ways: CONSOLE,
        leftAt: now,
      });
      forgetEnded(draft, things, now);
      draft.put('leftSession', session.newId(), left);
      recordLeft(
        draft,
        { profile: value, account: things.must('account', value.account) },
        { ...left, way: 'console' },
      );
      return () => undefined;
    },
    ['profile', 'account', 'leftSession', 'settings'],
  );
}
