import { KeyholdError } from '../../contract/errors.ts';
import type { SessionKind } from '../../contract/roles.ts';
import type { RemotePlace } from '../core.ts';
import { touchCall } from '../gates/touch-call.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { AwsSts, MfaProof, StsCredentials } from './aws-sts.ts';
import type { Chain } from './chain.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { BrokerParts } from './obtain-session.ts';
import type { KeptOrigin } from './origins/kept-origin.ts';
import { heldOrigin } from './origins/origins.ts';
import { REVOCATION_WORDS } from './revocation-words.ts';
import { sessionName } from './session-name.ts';
import { takeCode } from './take-code.ts';
import { touchAhead } from './touch-ahead.ts';

export interface SessionQuestion {
  kind: SessionKind;
  /** Who it is for, in the session's name. */
  client: string;
  /** Undefined where AWS, or a program, decides. */
  seconds: number | undefined;
}

/**
 * Asks AWS, or whoever gives credentials, for one session of the chain's first profile; it is kept nowhere. The bytes are the caller's to wipe; `endsAt` is by the monotonic
 * clock, which nobody sets.
 */
export async function askForSession(
  parts: BrokerParts,
  chain: Chain,
  question: SessionQuestion,
): Promise<{ answer: StsCredentials; endsAt: number }> {
  const { ports, session } = parts;
  const [profile, source] = chain;
  const { mfaSerial, origin } = profile.value;
  const { client, seconds } = question;
  // Both before a code is taken: it would be lost on a source that gives nothing, and on nobody.
  assertSomebodyThere(session, profile, source);
  if (source !== undefined) await session.broker.credentials(source.id, client);
  const mfa = mfaSerial === undefined ? undefined : await codeFor(parts, chain, mfaSerial);
  const asked = ports.clock.monotonic();
  const answer =
    origin === undefined
      ? await ask(parts, { profile, source }, { ...question, seconds: secondsOf(seconds), ...omitUndefined({ mfa }) })
      : await askOrigin(parts, profile, { ...question, origin });
  const granted = seconds === undefined ? answer.expiresAt - ports.clock.now() : seconds * 1000;
  return { answer, endsAt: asked + granted };
}

function secondsOf(seconds: number | undefined): number {
  if (seconds === undefined) throw new TypeError('a session of STS has a length');
  return seconds;
}

async function askOrigin(
  parts: BrokerParts,
  profile: Found<'profile'>,
  { kind, client, origin, seconds }: SessionQuestion & { origin: KeptOrigin },
): Promise<StsCredentials> {
  const { role, name } = profile.value;
  const named = sessionName(role?.sessionName, { profile: name, client }, parts.ports.clock.now());
  try {
    return await heldOrigin(origin).obtain(parts, profile, { seconds, sessionName: named });
  } catch (error) {
    throw explainRefusal(error, profile.value, kind);
  }
}

/** The touches that the call will want come first: a refused one must not use up a code. */
async function codeFor(parts: BrokerParts, chain: Chain, mfaSerial: string): Promise<MfaProof> {
  await touchAhead(parts.session, chain);
  return takeCode(parts, chain[0], mfaSerial);
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

type Question = Pick<SessionQuestion, 'kind' | 'client'> & Pick<Parameters<AwsSts['assumeRole']>[1], 'seconds' | 'mfa'>;

async function ask(
  { ports, session, sts }: BrokerParts,
  { profile, source }: { profile: Found<'profile'>; source: Found<'profile'> | undefined },
  { kind, client, ...lasting }: Question,
): Promise<StsCredentials> {
  const { key, role, name, region } = profile.value;
  const place: RemotePlace = { session, profile: source ?? profile, region, ...omitUndefined({ key }) };
  try {
    if (role === undefined) return await sts.getSessionToken(place, lasting);
    const named = sessionName(role.sessionName, { profile: name, client }, ports.clock.now());
    return await sts.assumeRole(place, { ...lasting, role, sessionName: named });
  } catch (error) {
    const held = source === undefined ? undefined : session.things.sessionOf(source.id)?.value;
    if (held !== undefined && saysEnded(error)) session.broker.ended(held.profile, held.accessKeyId);
    if (held !== undefined && saysDenied(error)) session.broker.denied(held.profile, held.accessKeyId);
    throw explainRefusal(error, profile.value, kind);
  } finally {
    if (key !== undefined) session.usage.noteKey(key, { at: ports.clock.now(), service: 'sts', region });
  }
}

/** Whether a policy denies it, as it does to sessions that were revoked. */
function saysDenied(error: unknown): boolean {
  return error instanceof KeyholdError && error.code === 'ServiceRefused' && REVOCATION_WORDS.test(error.message);
}

/** Whether AWS refused it because the credentials that asked are no more. */
function saysEnded(error: unknown): boolean {
  if (!(error instanceof KeyholdError) || error.code !== 'ServiceRefused') return false;
  return error.details?.['name'] === 'ExpiredToken' || error.details?.['name'] === 'InvalidClientTokenId';
}
