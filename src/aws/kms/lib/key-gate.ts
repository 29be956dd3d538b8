import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** The gate of a key whose material is not in this HSM, which therefore cannot ask by itself. Throws `TouchRequired`. */
export async function passKeyGate(
  { session, operation, requestId }: OperationContext,
  { key }: ResolvedKey,
): Promise<void> {
  // As it is now: it may have got its gate while the token was waited for.
  const gate = session.things.get('kmsKey', key.id)?.gate?.object;
  if (gate === undefined) return;
  await session.hsm.call('passGate', { key: session.objectRef(gate.id), purpose: `${operation} ${requestId}` });
}
