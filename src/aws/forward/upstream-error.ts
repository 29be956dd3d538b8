import { ClientGone } from '../body/body-chunks.ts';
import { AwsError } from '../protocol/aws-error.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved at the moment',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it closed the connection before it answered',
  EPIPE: 'it closed the connection before it answered',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'connecting took too long',
};

/** Certificate trouble, as OpenSSL and Node name it. */
const CERTIFICATE =
  /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;

/** A failed connection as a refusal with a sentence. What is one already, or concerns the client, stays as it is. */
export function upstreamError(error: unknown, host: string): Error {
  if (error instanceof AwsError || error instanceof ClientGone) return error;
  const code = codeOf(error);
  const why = CERTIFICATE.test(code)
    ? `its certificate is not trusted (${code}); if it is your own, name its CA in NODE_EXTRA_CA_CERTS`
    : (SENTENCES[code] ?? `the connection failed${code === '' ? '' : ` (${code})`}`);
  return new AwsError('UpstreamUnreachable', `Keyhold could not reach ${host}: ${why}.`, { cause: error });
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
