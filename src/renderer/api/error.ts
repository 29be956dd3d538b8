import { KeyholdError, type WireError } from '../../contract/errors.ts';

/** Any failure as what a screen can show. */
export function asWireError(error: unknown): WireError {
  if (error instanceof KeyholdError) return error.toWire();
  return {
    code: 'Internal',
    message: 'This page met an error it did not expect. Nothing was changed; reload the page.',
    ...(error instanceof Error ? { details: { error: error.message } } : {}),
  };
}

/** Seconds until another attempt is allowed, where the error says so. */
export function retryAfter(error: unknown): number | null {
  const seconds = error instanceof KeyholdError ? error.details?.['retryAfterSeconds'] : undefined;
  return typeof seconds === 'number' && seconds > 0 ? seconds : null;
}

/** Names of what would go too, from an `InUse` error. */
export function dependents(error: unknown): string[] | null {
  if (!(error instanceof KeyholdError) || error.code !== 'InUse') return null;
  const listed = error.details?.['dependents'];
  return Array.isArray(listed) ? listed.map((one) => String(one)) : [];
}

/** Ids of what has appeared in IAM since a credential was asked for whose answer was lost, from an `InUse` error. */
export function appearedAtIam(error: unknown): string[] {
  if (!(error instanceof KeyholdError) || error.code !== 'InUse') return [];
  const appeared = error.details?.['appeared'];
  return Array.isArray(appeared) ? appeared.map((one) => String(one)) : [];
}
