import type { HsmInput, HsmOperation } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { remember } from './state.ts';

/** What a touch may be given for ahead, because the use itself cannot be known yet: it has a one-time code in it, which is taken only for somebody who touches. */
export type Ahead = NonNullable<HsmInput<'passGate'>['ahead']>;
export const AHEAD: readonly Ahead[] = ['sign-sts', 'pass-gate'];

/** The touch that `object` was passed with allows one use of this kind more. */
export function allowAhead({ gates }: TokenState, object: string, ahead: Ahead): void {
  const touch = gates.touches.get(object);
  if (touch !== undefined) remember(gates.allowed, nameOf(object, ahead), touch);
}

/** Under which name `allowAhead` has noted a use like this one; undefined for what is never allowed ahead. */
export function aheadOfUse(op: HsmOperation, object: string, input: unknown): string | undefined {
  if (op === 'passGate') return nameOf(object, 'pass-gate');
  if (op === 'sigv4Sign' && serviceOf(input) === 'sts') return nameOf(object, 'sign-sts');
  return undefined;
}

/** No digest of a use looks like it. */
function nameOf(object: string, ahead: Ahead): string {
  return `ahead ${ahead} ${object}`;
}

function serviceOf(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('scope' in input)) return undefined;
  const { scope } = input;
  return typeof scope === 'object' && scope !== null && 'service' in scope ? scope.service : undefined;
}
