import type { HsmOperation } from '../protocol.ts';

/**
 * Operations on an object that use nothing of its secret: attributes and public halves. Whatever is not named here, and whatever is added to the protocol later, wants the touch.
 */
const OPEN: ReadonlySet<HsmOperation> = new Set<HsmOperation>(['objectInfo', 'publicKeyOf', 'lastTouch']);

export function isOpen(op: HsmOperation): boolean {
  return OPEN.has(op);
}
