import { KeyholdError } from '../../contract/errors.ts';
import type { SessionKind } from '../../contract/roles.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found, Thing } from '../things.ts';
import { instant } from '../views.ts';
import { askForSession } from './ask-for-session.ts';
import type { StsCredentials } from './aws-sts.ts';
import type { Chain } from './chain.ts';
import type { Outside } from './outside.ts';
import { sealSession } from './seal-session.ts';
import { sessionSeconds } from './session-kind.ts';

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
  const seconds = sessionSeconds(chain[0].value, wish.kind);
  const { answer, endsAt } = await askForSession(parts, chain, { ...wish, seconds });
  try {
    await keep(parts, chain[0], wish, answer);
  } finally {
    answer.secret.fill(0);
    answer.token?.fill(0);
  }
  return { endsAt };
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
  const { secret, token } = await sealSession(session, { accessKeyId, expiresAt, obtainedAt, ...bytes }, 'sign');
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
