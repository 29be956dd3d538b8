import type { MessageType } from '@aws-sdk/client-kms';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import { digestLength, type SigningAlgorithm } from '../../../core/kms/specs.ts';
import { requireAlgorithm } from './use-key.ts';

const MU_BYTES = 64;

interface Request {
  readonly Message: Uint8Array;
  readonly MessageType?: MessageType | undefined;
  readonly SigningAlgorithm: string;
}

/** Which algorithm takes what (SignRequest, MessageType). */
function takes(algorithm: SigningAlgorithm, type: MessageType): boolean {
  if (algorithm === 'ED25519_SHA_512') return type === 'RAW';
  if (algorithm === 'ED25519_PH_SHA_512') return type === 'DIGEST';
  if (algorithm === 'ML_DSA_SHAKE_256') return type !== 'DIGEST';
  return type !== 'EXTERNAL_MU';
}

/** What is to be signed or verified, as the HSM takes it. Throws InvalidKeyUsageException or ValidationException in AWS's words. */
export function signingRequest(
  found: ResolvedKey,
  input: Request,
): { algorithm: SigningAlgorithm; messageType: MessageType; message: Uint8Array } {
  const algorithm = requireAlgorithm(found, 'SigningAlgorithms', input.SigningAlgorithm);
  const messageType = input.MessageType ?? 'RAW';
  const message = input.Message;
  if (!takes(algorithm, messageType)) {
    throw new KmsError(
      'ValidationException',
      `MessageType ${messageType} is incompatible with algorithm ${algorithm}.`,
    );
  }
  if (messageType === 'DIGEST' && message.length !== digestLength(algorithm)) {
    throw new KmsError('ValidationException', `Digest is invalid length for algorithm ${algorithm}.`);
  }
  if (messageType === 'EXTERNAL_MU' && message.length !== MU_BYTES) {
    throw new KmsError('ValidationException', `The external mu for algorithm ${algorithm} has ${MU_BYTES} bytes.`);
  }
  return { algorithm, messageType, message };
}
