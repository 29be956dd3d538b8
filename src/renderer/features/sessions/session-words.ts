import type { Profile } from '../../../contract/schemas.ts';
import type { AwsSession } from '../../../contract/sessions.ts';
import { formatLasting } from '../../lib/format.ts';
import type { LiveSession } from './session-queries.ts';

export type SessionState = AwsSession['state'];

/** The state at this moment: nobody announces that a session has ended. */
export function stateAt({ state, endsAt }: Pick<LiveSession, 'state' | 'endsAt'>, now: number): SessionState {
  return state === 'active' && endsAt !== undefined && endsAt <= now ? 'expired' : state;
}

const WORDS: Readonly<Record<SessionState, string>> = {
  none: 'not asked for',
  active: 'active',
  expired: 'expired',
  refused: 'refused',
};

export function stateWord(state: SessionState): string {
  return WORDS[state];
}

/** What happens next, in a sentence. */
export function stateSentence(state: SessionState, kind: AwsSession['kind']): string {
  // An assertion is good for minutes, and gets sessions then: later no request can.
  if (kind === 'saml' && (state === 'none' || state === 'expired')) return 'A new one wants somebody to sign in.';
  switch (state) {
    case 'none':
      return 'Nobody has asked for it yet: the first request does.';
    case 'active':
      return 'Requests of the profile are signed with it.';
    case 'expired':
      return 'The next request gets a new one.';
    case 'refused':
      return 'AWS gave none when it was last asked.';
  }
}

/** `11 h 42 min`, `59 s`, or null when there is nothing left. */
export function remainingWords({ endsAt }: Pick<LiveSession, 'endsAt'>, now: number): string | null {
  if (endsAt === undefined || endsAt <= now) return null;
  return formatLasting((endsAt - now) / 1000);
}

/** How much of its life is left, from 0 to 1. */
export function remainingShare(
  { endsAt, seconds, obtainedAt }: Pick<LiveSession, 'endsAt' | 'seconds' | 'obtainedAt'>,
  now: number,
): number {
  if (endsAt === undefined) return 0;
  const whole = seconds === undefined ? endsAt - Date.parse(obtainedAt ?? '') : seconds * 1000;
  return whole > 0 ? Math.min(1, Math.max(0, (endsAt - now) / whole)) : 0;
}

/** Where somebody has to sign in for it: what the chain of its profile begins with. */
export function signInOf(
  { origin, chain }: Pick<AwsSession, 'origin' | 'chain'>,
  profiles: readonly Pick<Profile, 'name' | 'origin'>[],
): string | undefined {
  const first = origin ?? profiles.find(({ name }) => name === chain.at(-1))?.origin;
  return first !== undefined && 'signIn' in first ? first.signIn : undefined;
}

/** Who AWS takes it for: `deploy/keyhold-prod` of the assumed role's ARN, `alice` of a user's. */
export function whoOf({ arn, roleArn }: Pick<AwsSession, 'arn' | 'roleArn'>): string | null {
  const shown = arn ?? roleArn;
  if (shown === undefined) return null;
  const resource = shown.slice(shown.lastIndexOf(':') + 1);
  return resource.slice(resource.indexOf('/') + 1);
}

const KINDS: Readonly<Record<AwsSession['kind'], string>> = {
  'session-token': 'a session of the user',
  role: 'a role',
  'chained-role': 'a role that another role assumes',
  process: 'what a program prints',
  sso: 'a role of IAM Identity Center',
  saml: 'a role by SAML',
  'web-identity': 'a role by web identity',
  'roles-anywhere': 'a role by a certificate',
};

/** What comes after a session was forgotten here. */
export function afterwardsWords(kind: AwsSession['kind']): string {
  switch (kind) {
    case 'saml':
      return 'New ones want somebody to sign in.';
    case 'process':
      return 'The next request of the profile runs its program again.';
    default:
      return 'The next request of the profile asks AWS for new ones.';
  }
}

/** How a session is ended at AWS, which is nothing that Keyhold does. */
export function endAtAwsWords(kind: AwsSession['kind']): string {
  switch (kind) {
    case 'session-token':
      return 'To end them there too, deactivate the access key that they were made with.';
    case 'process':
      return 'Whether they can be ended there too depends on where the program has them from.';
    case 'sso':
      return 'To end them there too, an administrator denies the user in a service control policy: roles of IAM Identity Center cannot be changed in IAM.';
    default:
      return 'To end them there too, use “Revoke active sessions” on the role in the IAM console.';
  }
}

export function kindWords(kind: AwsSession['kind']): string {
  return KINDS[kind];
}
