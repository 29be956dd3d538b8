import type { Decision } from '../../core/iam/index.ts';
import type { OperationContext } from './operation-context.ts';

type Scalar = string | number | bigint | boolean | Uint8Array | Date | undefined | null;

/**
 * An SDK input type once the constraints have held: what the model requires is there, and blobs are bytes. (The SDK types a required member as
 * `KeyId: string | undefined`, an optional one as `DryRun?: boolean | undefined`, and a blob that is a whole body as whatever it can send.)
 */
export type Validated<T> = T extends Scalar
  ? T
  : T extends readonly (infer Item)[]
    ? Validated<Item>[]
    : T extends object
      ? { [K in keyof T]: Record<never, never> extends Pick<T, K> ? Value<T[K]> : Value<Exclude<T[K], undefined>> }
      : T;
type Value<T> = [Uint8Array] extends [T] ? Uint8Array | Extract<T, undefined> : Validated<T>;

/** An SDK output type without what the SDK adds on the client's side; a blob that is a whole body is given as bytes. */
export type Answer<O> = { [K in keyof O as K extends '$metadata' ? never : K]: Written<O[K]> };
type Written<T> = [NonNullable<T>] extends [Uint8Array | { transformToByteArray(): unknown }]
  ? [NonNullable<T>] extends [never]
    ? T
    : Uint8Array | Extract<T, undefined>
  : T;

/**
 * Why a call may go on: the decisions of the policy engine, all of which have to allow, or that AWS asks no permission for the operation
 * (with the reason). `subject` is handed to `handle`, so that what was looked up for the decision is not looked up again.
 */
export type Authorized<Subject> =
  | { readonly decisions: readonly [Decision, ...Decision[]]; readonly subject: Subject }
  | { readonly unrestricted: string; readonly subject: Subject };

export interface OperationSteps<I, O, Subject> {
  /** Finds what is asked for and decides. May throw a ServiceError (an unknown resource); changes nothing. */
  authorize(input: Validated<I>, ctx: OperationContext): Authorized<Subject> | Promise<Authorized<Subject>>;
  /** Runs only when everything allowed. */
  handle(input: Validated<I>, ctx: OperationContext, subject: Subject): Answer<O> | Promise<Answer<O>>;
}

/** What came in, read by the operation's schema, and what of the model's constraints it does not meet (AWS's sentences). */
export interface Decoded {
  readonly value: unknown;
  readonly violations: readonly string[];
}

/** Hears what was decided before anything is done; throws to stop there. */
export type OnDecided = (authorized: Authorized<unknown>) => void;

/** An operation that is served. `I` and `O` are the SDK's input and output types. */
export interface HandledOperation<I, O> {
  readonly kind: 'handled';
  /** The SDK's runtime schema (`Encrypt$`). */
  readonly schema: unknown;
  /** Authorises, then handles. */
  readonly run: (input: Validated<I>, ctx: OperationContext, onDecided: OnDecided) => Promise<Answer<O>>;
  /** The same for what a request brought. Throws a TypeError for input that violates constraints. */
  readonly serve: (decoded: Decoded, ctx: OperationContext, onDecided: OnDecided) => Promise<unknown>;
}

/** An operation that is not served, on purpose. */
export interface RefusedOperation {
  readonly kind: 'refused';
  /** The SDK's runtime schema. */
  readonly schema: unknown;
  /** One sentence for the person: why, and what to do instead. */
  readonly reason: string;
}

/** Reading by the schema and checking the model's constraints is what makes the value one of the SDK's type. */
function isValidated<I>(decoded: Decoded): decoded is Decoded & { readonly value: Validated<I> } {
  return decoded.violations.length === 0;
}

/**
 * One operation of a service, typed by the SDK's own input and output:
 *
 *     export const encrypt = operation<EncryptCommandInput, EncryptCommandOutput, KeyInUse>(Encrypt$, { authorize, handle });
 */
export function operation<I, O, Subject = undefined>(
  schema: unknown,
  steps: OperationSteps<I, O, Subject>,
): HandledOperation<I, O> {
  const run: HandledOperation<I, O>['run'] = async (input, ctx, onDecided) => {
    const authorized = await steps.authorize(input, ctx);
    onDecided(authorized);
    return steps.handle(input, ctx, authorized.subject);
  };
  return {
    kind: 'handled',
    schema,
    run,
    async serve(decoded, ctx, onDecided) {
      if (!isValidated<I>(decoded)) throw new TypeError('The input violates constraints of the model.');
      return run(decoded.value, ctx, onDecided);
    },
  };
}

/** An operation that is answered with an error that gives the reason; the coverage table repeats it. */
export function refused(schema: unknown, reason: string): RefusedOperation {
  return { kind: 'refused', schema, reason };
}
