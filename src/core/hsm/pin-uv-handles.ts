import { KeyholdError } from '../../contract/errors.ts';
import { toHex } from '../crypto/bytes.ts';
import type { PlatformPinUv } from '../crypto/pin-uv-protocol.ts';
import { matchOf } from './input.ts';
import type { TokenState } from './state.ts';

const MOST_HANDLES = 16;
const HANDLE_BYTES = 16;

/** An exchange with one security key. */
export interface PinUvHandle {
  readonly exchange: PlatformPinUv;
  /** What the last `hmacSecretInput` was for. */
  asked: { salt: Uint8Array; clientDataHash: Uint8Array } | null;
}

/** The oldest exchange ends where there are too many: one that a daemon forgot must not keep others out. */
export function addHandle(state: TokenState, exchange: PlatformPinUv): string {
  const { pinUv } = state;
  const [oldest] = pinUv.keys();
  if (oldest !== undefined && pinUv.size >= MOST_HANDLES) endHandle(state, oldest);
  const handle = toHex(state.ports.random.bytes(HANDLE_BYTES));
  pinUv.set(handle, { exchange, asked: null });
  return handle;
}

export function handleNameOf(value: unknown): string {
  return matchOf(value, 'handle', /^[0-9a-f]{32}$/, '32 lower-case hex digits');
}

/** `StaleSealKey` for one that has ended: who asks again from the start gets another. */
export function handleOf({ pinUv }: TokenState, value: unknown): PinUvHandle {
  const found = pinUv.get(handleNameOf(value));
  if (found !== undefined) return found;
  throw new KeyholdError('StaleSealKey', 'This exchange with the security key has ended. Try again.');
}

export function endHandle({ pinUv }: TokenState, handle: string): void {
  pinUv.get(handle)?.exchange.wipe();
  pinUv.delete(handle);
}

export function endHandles(state: TokenState): void {
  for (const handle of [...state.pinUv.keys()]) endHandle(state, handle);
}
