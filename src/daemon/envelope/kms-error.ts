import { KMSServiceException } from '@aws-sdk/client-kms';
import { type ErrorCode, KeyholdError } from '../../contract/errors.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  AccessDeniedException: 'Unauthorized',
  NotFoundException: 'NotFound',
  InvalidCiphertextException: 'InvalidCiphertext',
  DisabledException: 'HsmRefused',
  KMSInvalidStateException: 'HsmRefused',
  InvalidKeyUsageException: 'HsmRefused',
  ValidationException: 'InvalidInput',
};

/** What the KMS refused, as one sentence with its own error name; anything else is the Encryption SDK's word on the message. */
export function asKeyholdError(error: unknown): unknown {
  if (error instanceof KeyholdError) return error;
  if (error instanceof KMSServiceException) {
    const why = error.message === '' || error.message === 'UnknownError' ? 'the KMS gives no reason' : error.message;
    const code = CODES[error.name] ?? 'InvalidInput';
    return new KeyholdError(
      code,
      `The KMS refused (${error.name}): ${why}`,
      { kmsError: error.name },
      { cause: error },
    );
  }
  if (!(error instanceof Error)) return error;
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return error;
  const detail = error.message.split('\n').find((line) => line.trim() !== '') ?? '';
  return new KeyholdError('InvalidCiphertext', `The file could not be decrypted: ${detail}`, undefined, {
    cause: error,
  });
}
