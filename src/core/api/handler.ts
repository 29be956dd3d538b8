import type { Input, MethodName, Result } from '../../contract/methods.ts';
import type { Core } from '../core.ts';
import type { Actor } from '../draft.ts';

/** One call as a handler sees it. */
export interface CallContext {
  core: Core;
  actor: Actor;
  /** Aborts when the caller's connection has ended; undefined where calls have none. */
  connection?: AbortSignal;
}

/** Answers one contract method; input is already validated. Throws KeyholdError. */
export type Handler<M extends MethodName> = (call: CallContext, input: Input<M>) => Result<M> | Promise<Result<M>>;

/** The handlers of a noun, e.g. `Handlers<'account.list' | 'account.add'>`. */
export type Handlers<M extends MethodName> = { [K in M]: Handler<K> };
