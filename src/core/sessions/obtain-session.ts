import { KeyholdError } from '../../contract/errors.ts';
import type { SessionKind } from '../../contract/roles.ts';
import type { RemotePlace } from '../core.ts';
import { touchCall } from '../gates/touch-call.ts';
import type { HsmInput } from '../hsm/protocol.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found, Thing } from '../things.ts';
import { instant } from '../views.ts';
import type { AwsSts, StsCredentials } from './aws-sts.ts';
import type { Chain } from './chain.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { KeptOrigin } from './origins/kept-origin.ts';
import { heldOrigin } from './origins/origins.ts';
import type { Outside } from './outside.ts';
import { sessionSeconds } from './session-kind.ts';
import { sessionName } from './session-name.ts';
import { takeCode } from './take-code.ts';

export interface BrokerParts extends Outside {
  ports: Ports;
  session: Session;
}

export interface SessionWish {
  kind: SessionKind;
  settings: string;
  /** Who it is for, in the session's name. */
  client: string;
  /** False once it has been revoked meanwhile. */
  wanted(): boolean;
}

/** Asks AWS for one session, seals it and commits it in the place of the one before. Answers when it ends by the monotonic clock, which nobody sets. */
export async function obtainSession(parts: BrokerParts, chain: Chain, wish: SessionWish): Promise<{ endsAt: number }> {
  const { ports, session } = parts;
  const [profile, source] = chain;
  const { mfaSerial, origin } = profile.value;
  // Both before a code is taken: it would be lost on a source that gives nothing, and on nobody.
  assertSomebodyThere(session, profile, source);
  if (source !== undefined) await session.broker.credentials(source.id, wish.client);
  const mfa = mfaSerial === undefined ? undefined : await takeCode(parts, profile, mfaSerial);
  const seconds = sessionSeconds(profile.value, wish.kind);
  const asked = ports.clock.monotonic();
  const answer =
    origin === undefined
      ? await ask(parts, { profile, source }, { ...wish, seconds: secondsOf(seconds), ...omitUndefined({ mfa }) })
      : await askOrigin(parts, profile, { ...wish, origin, seconds });
  const granted = seconds === undefined ? answer.expiresAt - ports.clock.now() : seconds * 1000;
  try {
    await keep(parts, profile, wish, answer);
  } finally {
    answer.secret.fill(0);
    answer.token?.fill(0);
  }
  return { endsAt: asked + granted };
}

function secondsOf(seconds: number | undefined): number {
  if (seconds === undefined) throw new TypeError('a session of STS has a length');
  return seconds;
}

async function askOrigin(
  parts: BrokerParts,
  profile: Found<'profile'>,
  { kind, client, origin, seconds }: SessionWish & { origin: KeptOrigin; seconds: number | undefined },
): Promise<StsCredentials> {
  const { role, name } = profile.value;
  const named = sessionName(role?.sessionName, { profile: name, client }, parts.ports.clock.now());
  try {
    return await heldOrigin(origin).obtain(parts, profile, { seconds, sessionName: named });
  } catch (error) {
    throw explainRefusal(error, profile.value, kind);
  }
}

/** What is gated wants a touch, and what runs ahead of time has nobody to ask, not even where a touch of a while ago would do. */
function assertSomebodyThere(
  { things }: Session,
  { value }: Found<'profile'>,
  source: Found<'profile'> | undefined,
): void {
  const key = value.key === undefined ? undefined : things.must('accessKey', value.key);
  if (touchCall() !== undefined || (key?.gate === undefined && source?.value.gate === undefined)) return;
  throw new KeyholdError(
    'TouchRequired',
    `A session of ${value.name} wants a touch of a security key, and nobody is there to ask. Use the profile, or "keyhold session refresh ${value.name}".`,
  );
}

type Question = SessionWish & Pick<Parameters<AwsSts['assumeRole']>[1], 'seconds' | 'mfa'>;

async function ask(
  { ports, session, sts }: BrokerParts,
  { profile, source }: { profile: Found<'profile'>; source: Found<'profile'> | undefined },
  { kind, client, ...input }: Question,
): Promise<StsCredentials> {
  const { key, role, name, region } = profile.value;
  const place: RemotePlace = { session, profile: source ?? profile, region, ...omitUndefined({ key }) };
  const { settings: _, wanted: __, ...lasting } = input;
  try {
    if (role === undefined) return await sts.getSessionToken(place, lasting);
    const named = sessionName(role.sessionName, { profile: name, client }, ports.clock.now());
    return await sts.assumeRole(place, { ...lasting, role, sessionName: named });
  } catch (error) {
    throw explainRefusal(error, profile.value, kind);
  } finally {
    if (key !== undefined) session.usage.noteKey(key, { at: ports.clock.now(), service: 'sts', region });
  }
}

async function keep(
  { ports, session }: BrokerParts,
  profile: Found<'profile'>,
  { kind, settings, wanted }: SessionWish,
  { accessKeyId, expiresAt, arn, ...bytes }: StsCredentials,
): Promise<void> {
  const obtainedAt = ports.clock.now();
  if (expiresAt <= obtainedAt) {
    throw new KeyholdError(
      'ServiceRefused',
      `The session that AWS gave ${profile.value.name} has ended at ${instant(expiresAt)} already, by this computer’s clock. Set the clock by the network.`,
    );
  }
  const common = { extractable: false, label: accessKeyId, createdAt: obtainedAt, policy: { notAfter: expiresAt } };
  const seal = async (
    purpose: 'secret-access-key' | 'session-token',
    secret: Uint8Array,
    kindOfObject: Pick<HsmInput<'importObject'>['attributes'], 'class' | 'spec' | 'usage'>,
  ) =>
    session.hsm.call('importObject', {
      id: session.newId(),
      sealed: await sealForHsm(session.hsm, purpose, secret),
      purpose,
      attributes: { ...kindOfObject, ...common },
    });
  const secret = await seal('secret-access-key', bytes.secret, {
    class: 'secret-key',
    spec: 'AWS_SECRET_ACCESS_KEY',
    usage: ['sigv4'],
  });
  const token =
    bytes.token === undefined
      ? undefined
      : await seal('session-token', bytes.token, { class: 'data', spec: 'GENERIC_SECRET', usage: [] });
  await session.write(
    'daemon',
    (draft) => {
      const { things } = session;
      const present = things.get('profile', profile.id);
      if (present === undefined)
        throw new KeyholdError('NotFound', `The profile ${profile.value.name} has been removed.`);
      if (!wanted()) throw new KeyholdError('Cancelled', `The session of ${present.name} was revoked meanwhile.`);
      const old = things.sessionOf(profile.id);
      for (const object of objectsOf(old?.value.previous)) draft.removeObject(object);
      draft.putObject(secret.attributes.id, 1, secret.blob);
      if (token !== undefined) draft.putObject(token.attributes.id, 1, token.blob);
      const value: Thing<'awsSession'> = omitUndefined({
        profile: profile.id,
        kind,
        accessKeyId,
        secret: { id: secret.attributes.id },
        token: token === undefined ? undefined : { id: token.attributes.id },
        arn,
        settings,
        obtainedAt,
        expiresAt,
        // Uploads that began with it sign their chunks until they end.
        previous: old === undefined ? undefined : omitUndefined({ secret: old.value.secret, token: old.value.token }),
      });
      draft.put('awsSession', old?.id ?? session.newId(), value);
      draft.record(
        'session.obtain',
        present.name,
        omitUndefined({
          profile: present.name,
          account: things.must('account', present.account).name,
          service: 'sts',
          region: present.region,
          sessionKeyId: accessKeyId,
          assumedRole: arn,
          reason: `until ${instant(expiresAt)}`,
        }),
      );
      return () => undefined;
    },
    ['profile', 'account', 'awsSession'],
  );
}

/** The objects that a session, or the one before it, is kept in. */
export function objectsOf(kept: Pick<Thing<'awsSession'>, 'secret' | 'token'> | undefined): string[] {
  if (kept === undefined) return [];
  return kept.token === undefined ? [kept.secret.id] : [kept.secret.id, kept.token.id];
}
