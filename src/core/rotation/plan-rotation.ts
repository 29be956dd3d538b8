import type { Input, Result } from '../../contract/methods.ts';
import type { CallContext } from '../api/handler.ts';
import type { Session } from '../session.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import type { Adapter } from './adapters/adapter.ts';
import { adapterOf } from './adapters/adapters.ts';
import type { IamSigner } from './aws-iam.ts';
import { isFault } from './faults.ts';
import { Halt } from './halt.ts';
import { haltOf } from './halt-of.ts';
import { firstGlance, type IamUserName, type Lookout, lookAround, type SeenKey, whoIs } from './look-around.ts';
import { lookAtCredentials } from './look-at-credentials.ts';
import { deviceOf } from './mfa-device.ts';
import { isOwnUse } from './own-use.ts';
import { isHomeless, regionOf } from './region-of.ts';
import { quarantineOf } from './schedule-of.ts';
import type { Subject } from './subject.ts';

/** What a rotation would do and what it would meet. Nothing is changed, here or at AWS, and no code is used. */
export async function planRotation(
  { core }: CallContext,
  session: Session,
  { subject, input }: { subject: Subject; input: Input<'rotation.plan'> },
): Promise<Result<'rotation.plan'>> {
  const { things } = session;
  const key = keyOf(things, subject);
  const accessKeyId = idOf(subject);
  const adapter = adapterOf(recordOf(subject));
  const account = things.must('account', key.value.account);
  const quarantineSeconds = input.quarantineSeconds ?? quarantineOf(things, subject);
  const looked = await look(core, session, { subject, key, mfaSerial: input.mfaSerial });
  const plan = {
    key: subject.value.name,
    account: account.name,
    accessKeyId,
    quarantineSeconds,
    steps: stepsOf(accessKeyId, quarantineSeconds, adapter),
    keys: looked.keys.map((seen) => viewSeen(session, seen)),
    notes: looked.notes,
    blockers: looked.halt === undefined ? [] : [{ halt: looked.halt.why, message: looked.halt.message }],
    ...(looked.user === undefined ? {} : { user: looked.user.name }),
    ...(looked.mfaSerial === undefined ? {} : { mfaSerial: looked.mfaSerial }),
  };
  return plan;
}

interface Looked {
  user?: IamUserName;
  keys: SeenKey[];
  notes: string[];
  mfaSerial?: string;
  halt?: Halt;
}

async function look(
  core: CallContext['core'],
  session: Session,
  { subject, key, mfaSerial }: { subject: Subject; key: Found<'accessKey'>; mfaSerial: string | undefined },
): Promise<Looked> {
  const { rotations, ports, shell } = core;
  const account = session.things.must('account', key.value.account);
  const seen = session.freshKey(key).value;
  const direct = (): IamSigner => {
    rotations.ownCalls.note(key.value.accessKeyId, ports.clock.now());
    const region = regionOf(session, key.id);
    return { session, account, region, accessKeyId: seen.accessKeyId, secret: session.objectRef(seen.secret.id) };
  };
  const lookout: Lookout = {
    clock: ports.clock,
    iam: shell.awsIam,
    accountId: account.accountId,
    accessKeyId: key.value.accessKeyId,
    homeless: isHomeless(session, key.value.account),
    direct,
    asUser: (work) => work(direct()),
    asBefore: (work) => work(direct()),
    isOwnUse: (at) => isOwnUse(rotations.ownCalls, seen, at),
    withMfa: () => false,
  };
  const found: Looked = { keys: [], notes: [] };
  try {
    const glance = subject.kind === 'accessKey' ? await firstGlance(lookout) : undefined;
    const user = await whoIs(lookout);
    found.user = user;
    const wanted = { account: key.value.account, user, ...(mfaSerial === undefined ? {} : { mfaSerial }) };
    const device = deviceOf(session, wanted)?.value;
    try {
      const record = recordOf(subject);
      const sights =
        subject.kind === 'accessKey'
          ? await lookAround(lookout, user, glance)
          : await lookAtCredentials(lookout, user, { record, adapter: adapterOf(record) });
      found.keys = sights.keys;
      found.notes = sights.notes;
    } catch (error) {
      const refused = isFault(error, 'denied') || (error instanceof Halt && error.why === 'permission');
      if (!refused || device?.mfaSerial === undefined) throw error;
      found.mfaSerial = device.mfaSerial;
      found.notes.push(
        `AWS refuses this without MFA, so what ${user.name} has could not be looked at. The rotation signs in with a code of ${device.name} and looks first.`,
      );
    }
  } catch (error) {
    const halt = haltOf(error, found.user?.name ?? 'the user');
    if (halt === null) throw error;
    found.halt = halt;
  }
  return found;
}

function stepsOf(accessKeyId: string, quarantineSeconds: number, { noun, lastUsed, verified }: Adapter): string[] {
  const back = `Delete ${accessKeyId}. Until then, a rollback takes all of it back.`;
  if (lastUsed === null) {
    return [
      `Make a second ${noun} for the user, and keep it in the vault.`,
      `Look until it ${verified}.`,
      'Show that one from then on (keyhold credential reveal).',
      `Switch ${accessKeyId} off, once you confirm that your tools have the new one.`,
      ...(quarantineSeconds === 0
        ? []
        : [`Wait for ${words(quarantineSeconds)}, in which whoever still has the old one finds out.`]),
      back,
    ];
  }
  const wait =
    quarantineSeconds === 0
      ? 'Look once more whether the old key was used elsewhere.'
      : `Watch for ${words(quarantineSeconds)} whether anybody misses it.`;
  return [
    'Make a second key for the user, and keep its secret in the vault.',
    'Use it, until AWS takes it for the same user.',
    'Switch the profiles and clients over to it, all at once.',
    `Switch ${accessKeyId} off, unless it is seen to be used elsewhere.`,
    wait,
    back,
  ];
}

type Planned = Parameters<typeof lookAtCredentials>[2]['record'];

/** What of a rotation’s record the look at it needs. */
function recordOf(subject: Subject): Planned {
  const old = { accessKeyId: idOf(subject) };
  if (subject.kind === 'accessKey') return { old };
  const { id, value } = subject;
  const { name, type } = value;
  return { old, credential: { id, name, type, ...(type === 'service' ? { service: value.service } : {}) } };
}

function idOf(subject: Subject): string {
  return subject.kind === 'accessKey' ? subject.value.accessKeyId : (subject.value.credentialId ?? '');
}

/** The access key itself, or the one of the same user. */
function keyOf(things: Things, subject: Subject): Found<'accessKey'> {
  if (subject.kind === 'accessKey') return subject;
  const id = subject.value.key;
  return { id, value: things.must('accessKey', id) };
}

function words(seconds: number): string {
  const [size, unit] = seconds < 7200 ? [60, 'minutes'] : seconds < 172_800 ? [3600, 'hours'] : [86_400, 'days'];
  return `${Math.round(seconds / size)} ${unit}`;
}

function viewSeen({ things }: Session, key: SeenKey): Result<'rotation.plan'>['keys'][number] {
  const name =
    things.all('accessKey').find(({ value }) => value.accessKeyId === key.accessKeyId)?.value.name ??
    things.all('credential').find(({ value }) => value.type !== 'smtp' && value.credentialId === key.accessKeyId)?.value
      .name;
  const { lastUsed } = key;
  return {
    accessKeyId: key.accessKeyId,
    status: key.active ? 'active' : 'inactive',
    createdAt: instant(key.createdAt),
    ...(lastUsed === null ? {} : { lastUsedAt: lastUsed.at === undefined ? null : instant(lastUsed.at) }),
    ...(lastUsed?.service === undefined ? {} : { lastUsedService: lastUsed.service }),
    ...(name === undefined ? {} : { name }),
  };
}
