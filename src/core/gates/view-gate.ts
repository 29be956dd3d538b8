import type { Gate } from '../../contract/schemas.ts';
import type { Things } from '../things.ts';
import { gateKeyOf } from './enrolled-keys.ts';
import type { KeptGate } from './kept-gate.ts';

/** Names in the place of ids. Of use once the kind `securityKey` has been read. */
export function viewGate(things: Things, { withinSeconds, keys }: KeptGate): Gate {
  if (keys === 'any') return { withinSeconds, keys };
  return { withinSeconds, keys: keys.map((id) => keyNamed(things, id)) };
}

export function keyNamed(things: Things, id: string): string {
  return gateKeyOf(things, id)?.record.value.name ?? `removed key ${id.slice(0, 8)}`;
}

export function gateMember(things: Things, gate: KeptGate | undefined): { gate?: Gate } {
  return gate === undefined ? {} : { gate: viewGate(things, gate) };
}
