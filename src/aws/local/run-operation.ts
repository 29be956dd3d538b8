import { MalformedInput } from '../protocol/malformed-input.ts';
import type { Incoming, RenderedAnswer } from '../protocol/protocol-codec.ts';
import { validationMessage } from './constraints/check-constraints.ts';
import type { Protocol, ServedOperation, Service } from './define-service.ts';
import type { Authorized } from './operation.ts';
import type { OperationContext } from './operation-context.ts';
import { ServiceError } from './service-error.ts';
import { targetOf } from './target-of.ts';

/** An operation of a service, and the bytes that ask for it. */
export interface AddressedOperation {
  service: Service;
  protocol: Protocol;
  served: ServedOperation;
  incoming: Incoming;
}

/** What whoever runs an operation adds to it, and what it hears for the log. */
export interface Running {
  requestId: string;
  /** Who asks, from where; asked for once the input has been found right. */
  context(operation: string): OperationContext;
  /** The ARN of what the call is about, once that is known. */
  onTarget(arn: string): void;
  onDenied?(reason: string): void;
  onAllowed?(): void;
}

/**
 * One operation from its input to its output, both in the protocol: decode, check the model's constraints, authorise, handle, encode.
 * @throws ServiceError with the protocol's name for what is wrong; MalformedInput, and what the service throws (`asServiceError`)
 */
export async function runOperation(what: AddressedOperation, running: Running): Promise<RenderedAnswer> {
  const { service, protocol, served, incoming } = what;
  const { errors } = service.codec(protocol);
  const codec = served.codec(protocol);
  const value = codec.decode(incoming);
  const violations = served.check(value);
  if (violations.length > 0) throw failure(errors.validation, validationMessage(violations));
  if (served.operation.kind === 'refused') throw failure(errors.unsupported, served.operation.reason);
  const ctx = running.context(served.shape.name);
  const output = await served.operation.serve({ value, violations }, ctx, (authorized) => {
    const target = targetOf(authorized);
    if (target !== undefined) running.onTarget(target);
    const denial = denialOf(authorized);
    if (denial !== undefined) {
      running.onDenied?.(denial);
      throw failure(errors.accessDenied, denial);
    }
    running.onAllowed?.();
  });
  return codec.encode(output, running.requestId);
}

/** Why a call is denied; undefined when everything allows it. */
function denialOf(authorized: Authorized<unknown>): string | undefined {
  if ('unrestricted' in authorized) return undefined;
  return authorized.decisions.find(({ kind }) => kind !== 'allowed')?.message;
}

/** `named` is the protocol's name for it, and its status. */
export function failure(
  [code, status]: readonly [string, number],
  message: string,
  options: { cause?: unknown } = {},
): ServiceError {
  return new ServiceError(code, message, { ...options, status });
}

/** What an operation has thrown as the service's answer; undefined for what is none of the service's. */
export function asServiceError(error: unknown, service: Service, protocol: Protocol): ServiceError | undefined {
  if (error instanceof ServiceError) return error;
  if (error instanceof MalformedInput) {
    return failure(service.codec(protocol).errors.malformedInput, error.message, { cause: error });
  }
  return service.toServiceError?.(error);
}
