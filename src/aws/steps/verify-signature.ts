import { KeyholdError } from '../../contract/errors.ts';
import type { DoorClient } from '../../core/door.ts';
import {
  ALGORITHM_V4,
  type Authorization,
  type CheckedForm,
  checkForm,
  completeForm,
  type PreparedVerification,
  requireMatch,
  SigV4Error,
  STREAMING_UNSIGNED_TRAILER,
  type VerificationKey,
  verifyRequestWith,
} from '../../core/sigv4/index.ts';
import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError, fromSigV4Error } from '../protocol/aws-error.ts';
import { checkClient } from './check-client.ts';
import type { Claim } from './read-claim.ts';

/**
 * Everything about a signature that can be judged without the key and the body: its time, its signed headers. So that a stale or
 * malformed request is refused before its body is read.
 * @throws AwsError `RequestTimeTooSkewed`, `AccessDenied`, `SignatureDoesNotMatch`
 */
export function checkTimeAndForm(x: Exchange, claim: Claim, { clock, limits }: DoorParts): CheckedForm {
  return attempt(() => checkForm(x.wire, { ...claim, now: clock.now(), maxSkewMs: limits.skewMs }));
}

/**
 * Verifies the signature with the client's derived key, for SigV4a with its public key, and answers that; null for a client with a gate, whose signatures only the HSM verifies. `form` is what was checked before; `bodyHash` is
 * for where no hash of the body was declared.
 * @throws AwsError `SignatureDoesNotMatch`, `ExpiredClient` and as above; KeyholdError `Locked`
 */
export async function verifySignature(
  x: Exchange,
  claim: Claim,
  client: DoorClient,
  { form, bodyHash }: { form: CheckedForm; bodyHash: string | undefined },
  { backend, clock, limits }: DoorParts,
): Promise<VerificationKey | null> {
  const { authorization } = claim;
  if (client.gated) {
    await verifyInHsm(x, claim, client, bodyHash, { backend, clock, limits });
    return null;
  }
  const key = await verificationKey(authorization, client, backend).catch((error: unknown) => {
    // The HSM does not use the key of a client that has expired; the client is told in AWS's words.
    if (error instanceof KeyholdError && error.code === 'HsmRefused') checkClient(client, clock.now());
    throw error;
  });
  attempt(() => {
    const options = { now: clock.now(), maxSkewMs: limits.skewMs };
    requireMatch(completeForm(form, bodyHash === undefined ? options : { ...options, bodyHash }), key);
  });
  return key;
}

/**
 * The signature of a client with a gate: nothing that could verify it leaves the HSM, and the HSM wants a touch before it says that one is right.
 * @throws AwsError `NotSupported` for what would be verified piece by piece, `SignatureDoesNotMatch`; KeyholdError `TouchRequired`
 */
async function verifyInHsm(
  x: Exchange,
  { authorization, payload }: Claim,
  client: DoorClient,
  bodyHash: string | undefined,
  { backend, clock, limits }: Pick<DoorParts, 'backend' | 'clock' | 'limits'>,
): Promise<void> {
  if (authorization.algorithm !== ALGORITHM_V4) throw unsupportedGated(client, 'with SigV4a');
  if (payload.kind === 'streaming' && payload.hash !== STREAMING_UNSIGNED_TRAILER) {
    throw unsupportedGated(client, 'chunk by chunk');
  }
  // Nobody is asked for a touch that could not help.
  checkClient(client, clock.now());
  const options = { authorization, now: clock.now(), maxSkewMs: limits.skewMs };
  const whole = bodyHash === undefined ? options : { ...options, bodyHash };
  const isRight = ({ stringToSign }: PreparedVerification) =>
    backend.isSignatureOf(client, authorization.scope, stringToSign, authorization.signature);
  try {
    await verifyRequestWith(x.wire, isRight, whole);
  } catch (error) {
    attempt(() => {
      throw error;
    });
  }
}

function unsupportedGated({ name }: DoorClient, how: string): AwsError {
  return new AwsError(
    'NotSupported',
    `The client "${name}" wants a security key to be touched, and then its requests cannot be signed ${how}. Sign them whole, with SigV4.`,
  );
}

async function verificationKey(
  authorization: Authorization,
  client: DoorClient,
  backend: DoorParts['backend'],
): Promise<VerificationKey> {
  return authorization.algorithm === ALGORITHM_V4
    ? { signingKey: await backend.clientSigningKey(client, authorization.scope) }
    : { publicKey: await backend.clientPublicKey(client) };
}

function attempt<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof SigV4Error)) throw error;
    const refusal = fromSigV4Error(error);
    throw refusal.refusal === 'SignatureDoesNotMatch'
      ? new AwsError(
          'SignatureDoesNotMatch',
          `${error.message.split('. Check')[0] ?? ''}. Check the client key's secret.`,
          {
            cause: error,
          },
        )
      : refusal;
  }
}
