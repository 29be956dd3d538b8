import { AHEAD, allowAhead } from '../gates/ahead.ts';
import { fieldsOf, oneOf, textOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { loadObject, requireNotExpired } from '../use-object.ts';

const LONGEST_PURPOSE = 1024;

/** The gate itself is before every operation (gates/require-touch.ts); this one has nothing behind it. */
export function passGate(state: TokenState, input: unknown): HsmOutput<'passGate'> {
  const fields = fieldsOf(input, 'input', ['key', 'purpose', 'ahead']);
  textOf(fields['purpose'], 'purpose', 1, LONGEST_PURPOSE);
  const ahead = fields['ahead'] === undefined ? undefined : oneOf(fields['ahead'], 'ahead', AHEAD);
  const { attributes } = loadObject(state, fields['key']);
  requireNotExpired(state, attributes);
  if (ahead !== undefined && attributes.policy.mfa !== undefined) allowAhead(state, attributes.id, ahead);
  return {};
}

export function lastTouch(state: TokenState, input: unknown): HsmOutput<'lastTouch'> {
  const fields = fieldsOf(input, 'input', ['key']);
  const touch = state.gates.touches.get(loadObject(state, fields['key']).attributes.id);
  if (touch === undefined) return { touch: null };
  return { touch: { key: touch.key, agoMs: Math.max(0, state.ports.clock.monotonic() - touch.at) } };
}
