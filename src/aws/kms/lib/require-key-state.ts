import { keyState, requireState, type StateBoundOperation } from '../../../core/kms/key-state.ts';
import { surroundingsOf } from '../../../core/kms/key-surroundings.ts';
import type { KmsKey } from '../../../core/kms/records.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** Throws DisabledException or KMSInvalidStateException when the key's state forbids the operation now. */
export function requireKeyState(ctx: OperationContext, operation: StateBoundOperation, key: KmsKey, arn: string): void {
  const state = keyState(key, surroundingsOf(ctx.session.things, key, ctx.now()));
  requireState(operation, state, arn, key.origin);
}
