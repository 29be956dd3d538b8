import type { Draft } from '../draft.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import type { Session } from '../session.ts';
import type { AwsIam } from './aws-iam.ts';

export type OpenedSession = Awaited<ReturnType<AwsIam['sessionWithMfa']>>;

/** Drafts the objects of a session that a key has opened: what that key may be used for, and with whose touch, holds for the session too. The bytes stay the caller's to wipe. */
export async function importSession(
  session: Session,
  draft: Draft,
  opened: OpenedSession,
  { like, at }: { like: string; at: number },
): Promise<{ secret: { id: string }; token: { id: string } }> {
  const { policy } = (await session.hsm.call('objectInfo', { key: session.objectRef(like) })).attributes;
  const common = { extractable: false, label: opened.accessKeyId, createdAt: at };
  const secret = await session.hsm.call('importObject', {
    id: session.newId(),
    sealed: await sealForHsm(session.hsm, 'secret-access-key', opened.secret),
    purpose: 'secret-access-key',
    attributes: {
      ...common,
      class: 'secret-key',
      spec: 'AWS_SECRET_ACCESS_KEY',
      usage: ['sigv4'],
      policy: { ...policy, notAfter: opened.expiresAt },
    },
  });
  const token = await session.hsm.call('importObject', {
    id: session.newId(),
    sealed: await sealForHsm(session.hsm, 'session-token', opened.token),
    purpose: 'session-token',
    attributes: { ...common, class: 'data', spec: 'GENERIC_SECRET', usage: [], policy: { notAfter: opened.expiresAt } },
  });
  draft.putObject(secret.attributes.id, 1, secret.blob);
  draft.putObject(token.attributes.id, 1, token.blob);
  return { secret: { id: secret.attributes.id }, token: { id: token.attributes.id } };
}
