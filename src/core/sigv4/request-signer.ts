import { deriveSigningKey } from './derive-key.ts';
import { hmacSha256Hex } from './hash.ts';
import { finishPresign, type PresignOptions, preparePresign } from './presign.ts';
import { finishHeaderSigning, type HeaderSigningOptions, prepareHeaderSigning } from './sign-headers.ts';
import type { Header, Scope, SigV4Request } from './types.ts';

/** HMAC of the string to sign: 64 hex digits. */
export function signString(signingKey: Uint8Array, stringToSign: string): string {
  return hmacSha256Hex(signingKey, stringToSign);
}

export interface RequestSignerOptions {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
  readonly service: string;
}

type PerRequest<T> = Omit<T, 'accessKeyId' | 'region' | 'service' | 'sessionToken' | 'regionSet'>;

export interface RequestSigner {
  /** All headers to send, Authorization last. */
  sign(request: SigV4Request, options: PerRequest<HeaderSigningOptions>): Header[];
  /** The whole raw query of a presigned URL. */
  presign(request: SigV4Request, options: PerRequest<PresignOptions>): string;
  /** Wipes the derived key. */
  dispose(): void;
}

/**
 * Signs in this process with a secret (SigV4). For tests, benchmarks and keys that are not vaulted; vaulted keys sign in the
 * HSM process. Keeps the derived key of the day last used.
 */
export function createRequestSigner(options: RequestSignerOptions): RequestSigner {
  const { accessKeyId, region, service, sessionToken } = options;
  const fixed = { accessKeyId, region, service, ...(sessionToken === undefined ? {} : { sessionToken }) };
  let keyDate = '';
  let key: Uint8Array = new Uint8Array(0);

  function keyFor(scope: Scope): Uint8Array {
    if (scope.date !== keyDate) {
      key.fill(0);
      key = deriveSigningKey(options.secretAccessKey, scope);
      keyDate = scope.date;
    }
    return key;
  }

  return {
    sign(request, perRequest) {
      const prepared = prepareHeaderSigning(request, { ...fixed, ...perRequest });
      return finishHeaderSigning(prepared, hmacSha256Hex(keyFor(prepared.scope), prepared.stringToSign));
    },
    presign(request, perRequest) {
      const prepared = preparePresign(request, { ...fixed, ...perRequest });
      return finishPresign(prepared, hmacSha256Hex(keyFor(prepared.scope), prepared.stringToSign));
    },
    dispose() {
      key.fill(0);
      keyDate = '';
    },
  };
}
