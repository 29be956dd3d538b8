import type { HsmInput, HsmOutput } from '../hsm/protocol.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import type { Session } from '../session.ts';
import type { StsCredentials } from './aws-sts.ts';

export type SealedObject = HsmOutput<'importObject'>;
type Attributes = HsmInput<'importObject'>['attributes'];

/** Temporary credentials as two objects of the HSM, not written yet: the secret to `sign` with here, or to `leave`, by this policy until it ends. The bytes stay the caller's to wipe. */
export async function sealSession(
  session: Session,
  given: Omit<StsCredentials, 'arn'> & { obtainedAt: number },
  purpose: 'sign' | 'leave',
  policy: Attributes['policy'] = {},
): Promise<{ secret: SealedObject; token: SealedObject | undefined }> {
  const { accessKeyId, expiresAt, obtainedAt } = given;
  const common = { label: accessKeyId, createdAt: obtainedAt };
  const end = { notAfter: expiresAt };
  const seal = async (
    sealedAs: 'secret-access-key' | 'session-token',
    bytes: Uint8Array,
    kind: Omit<Attributes, keyof typeof common>,
  ): Promise<SealedObject> =>
    session.hsm.call('importObject', {
      id: session.newId(),
      sealed: await sealForHsm(session.hsm, sealedAs, bytes),
      purpose: sealedAs,
      attributes: { ...kind, ...common },
    });
  const secret = await seal('secret-access-key', given.secret, {
    class: 'secret-key',
    spec: 'AWS_SECRET_ACCESS_KEY',
    policy: { ...policy, ...end },
    ...(purpose === 'sign' ? { usage: ['sigv4'], extractable: false } : { usage: ['leave'], extractable: true }),
  });
  if (given.token === undefined) return { secret, token: undefined };
  const token = await seal('session-token', given.token, {
    class: 'data',
    spec: 'GENERIC_SECRET',
    usage: [],
    extractable: false,
    policy: end,
  });
  return { secret, token };
}
