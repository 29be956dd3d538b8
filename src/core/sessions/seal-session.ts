import type { HsmInput, HsmOutput } from '../hsm/protocol.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import type { Session } from '../session.ts';
import type { StsCredentials } from './aws-sts.ts';

export type SealedObject = HsmOutput<'importObject'>;

/** Temporary credentials as two objects of the HSM, not written yet: the secret to `sign` with here, or to `leave`. The bytes stay the caller's to wipe. */
export async function sealSession(
  session: Session,
  given: Omit<StsCredentials, 'arn'> & { obtainedAt: number },
  purpose: 'sign' | 'leave',
): Promise<{ secret: SealedObject; token: SealedObject | undefined }> {
  const { accessKeyId, expiresAt, obtainedAt } = given;
  const common = { label: accessKeyId, createdAt: obtainedAt, policy: { notAfter: expiresAt } };
  const seal = async (
    sealedAs: 'secret-access-key' | 'session-token',
    bytes: Uint8Array,
    kind: Pick<HsmInput<'importObject'>['attributes'], 'class' | 'spec' | 'usage' | 'extractable'>,
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
    ...(purpose === 'sign' ? { usage: ['sigv4'], extractable: false } : { usage: ['leave'], extractable: true }),
  });
  if (given.token === undefined) return { secret, token: undefined };
  const data = { class: 'data', spec: 'GENERIC_SECRET', usage: [], extractable: false } as const;
  return { secret, token: await seal('session-token', given.token, { ...data, usage: [] }) };
}
