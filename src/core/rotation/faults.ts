import { KeyholdError } from '../../contract/errors.ts';

/**
 * What a failed call of AWS means here. `network` and `server`: it may have been done all the same. `slow`: it was not, and may be later. `badKey`: the access key that signed it is not
 * known or not active. `expired`: a session is over.
 */
export type Fault =
  | 'network'
  | 'server'
  | 'slow'
  | 'badKey'
  | 'expired'
  | 'denied'
  | 'mfa'
  | 'quota'
  | 'missing'
  | 'other';

const BY_NAME: Readonly<Record<string, Fault>> = {
  Throttling: 'slow',
  ThrottlingException: 'slow',
  ThrottledException: 'slow',
  RequestLimitExceeded: 'slow',
  TooManyRequestsException: 'slow',
  RequestThrottled: 'slow',
  ConcurrentModification: 'slow',
  EntityTemporarilyUnmodifiable: 'slow',
  ServiceUnavailable: 'server',
  ServiceFailure: 'server',
  InternalFailure: 'server',
  InvalidClientTokenId: 'badKey',
  UnrecognizedClientException: 'badKey',
  InvalidAccessKeyId: 'badKey',
  ExpiredToken: 'expired',
  ExpiredTokenException: 'expired',
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  AuthFailure: 'denied',
  LimitExceeded: 'quota',
  NoSuchEntity: 'missing',
};

const SERVER_ERROR = 500;
/** An operation that this IAM does not have: asking again is of no use. */
const NOT_IMPLEMENTED = 501;

/** Null for what is no failure of a call: a locked vault, a defect. */
export function faultOf(error: unknown): Fault | null {
  if (!(error instanceof KeyholdError)) return null;
  if (error.code === 'Unreachable' || error.code === 'Timeout') return 'network';
  if (error.code !== 'ServiceRefused') return null;
  const { name, status } = error.details ?? {};
  if (/MultiFactorAuthentication failed/i.test(error.message)) return 'mfa';
  // The machine slept while it was on its way; the next one is signed anew.
  if (/Signature (?:expired|not yet current)/i.test(error.message)) return 'slow';
  const known = typeof name === 'string' && Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (known !== undefined) return known;
  return typeof status === 'number' && status >= SERVER_ERROR && status !== NOT_IMPLEMENTED ? 'server' : 'other';
}

export function isFault(error: unknown, ...faults: readonly Fault[]): boolean {
  const fault = faultOf(error);
  return fault !== null && faults.includes(fault);
}

/** AWS has not said for sure that it refused: a proxy on the way may have answered in its place. */
export function mayHaveBeenDone(error: unknown): boolean {
  if (isUnnamed(error)) return true;
  const fault = faultOf(error);
  if (fault === 'network' || fault === 'server') return true;
  // An answer that could not be read is no refusal.
  return fault === 'other' && !hasStatus(error);
}

/** A status without an error of AWS's in it. */
function isUnnamed(error: unknown): boolean {
  return error instanceof KeyholdError && String(error.details?.['name'] ?? '').startsWith('HTTP ');
}

function hasStatus(error: unknown): boolean {
  const details = error instanceof Error && 'details' in error ? error.details : undefined;
  return typeof details === 'object' && details !== null && 'status' in details;
}
