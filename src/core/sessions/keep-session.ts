import { KeyholdError } from '../../contract/errors.ts';
import type { Draft } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Found, Thing } from '../things.ts';
import { instant } from '../views.ts';
import type { StsCredentials } from './aws-sts.ts';
import type { BrokerParts } from './obtain-session.ts';
import { sealSession } from './seal-session.ts';

/** What the records of both purposes say. */
export type KeptSession = Omit<Thing<'awsSession'>, 'kind' | 'previous'>;

export interface KeepWish {
  purpose: 'sign' | 'leave';
  settings: string;
  /** False once it has been revoked meanwhile. */
  wanted(): boolean;
}

/**
 * Seals the temporary credentials that a profile was given, and commits them with the record that `put` drafts. The bytes stay the caller's to wipe. Throws `ServiceRefused` for what has
 * ended already, `NotFound` and `Cancelled` where nobody wants them any more.
 */
export async function keepSession(
  { ports, session }: Pick<BrokerParts, 'ports' | 'session'>,
  profile: Found<'profile'>,
  { purpose, settings, wanted }: KeepWish,
  answer: StsCredentials,
  put: (draft: Draft, kept: KeptSession) => void,
): Promise<void> {
  const obtainedAt = ports.clock.now();
  const { accessKeyId, expiresAt, arn } = answer;
  if (expiresAt <= obtainedAt) {
    throw new KeyholdError(
      'ServiceRefused',
      `The session that AWS gave ${profile.value.name} has ended at ${instant(expiresAt)} already, by this computer’s clock. Set the clock by the network.`,
    );
  }
  const { secret, token } = await sealSession(session, { ...answer, obtainedAt }, purpose);
  await session.write(
    'daemon',
    (draft) => {
      const { things } = session;
      const present = things.get('profile', profile.id);
      if (present === undefined)
        throw new KeyholdError('NotFound', `The profile ${profile.value.name} has been removed.`);
      if (!wanted()) throw new KeyholdError('Cancelled', `The credentials of ${present.name} were revoked meanwhile.`);
      draft.putObject(secret.attributes.id, 1, secret.blob);
      if (token !== undefined) draft.putObject(token.attributes.id, 1, token.blob);
      const kept: KeptSession = omitUndefined({
        profile: profile.id,
        accessKeyId,
        secret: { id: secret.attributes.id },
        token: token === undefined ? undefined : { id: token.attributes.id },
        arn,
        settings,
        obtainedAt,
        expiresAt,
      });
      put(draft, kept);
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
          reason: `${purpose === 'leave' ? 'to leave, ' : ''}until ${instant(expiresAt)}`,
        }),
      );
      return () => undefined;
    },
    ['profile', 'account', purpose === 'leave' ? 'leftSession' : 'awsSession'],
  );
}
