import { createPlatformPinUv } from '../../crypto/pin-uv-protocol.ts';
import { wipe } from '../../crypto/wipe.ts';
import { bytesOf, fieldsOf, integerOf } from '../input.ts';
import { addHandle, endHandle, handleNameOf, handleOf } from '../pin-uv-handles.ts';
import type { CoordinatePair, HsmOutput } from '../protocol.ts';
import { openSealed } from '../secret-input.ts';
import type { TokenState } from '../state.ts';

const COORDINATE_BYTES = 32;
const LONGEST_TOKEN = 256;
const LONGEST_MESSAGE = 8192;

/** Handles are named only once every input of the operation is there: a PIN is opened before, and the exchange may have ended meanwhile. */

export function pinUvBegin(state: TokenState, input: unknown): HsmOutput<'pinUvBegin'> {
  const fields = fieldsOf(input, 'input', ['protocol', 'authenticatorKey']);
  const protocol = integerOf(fields['protocol'], 'protocol', 1, 2) === 1 ? 1 : 2;
  const exchange = createPlatformPinUv(protocol, pointOf(fields['authenticatorKey']), state.ports.random);
  const { x, y } = exchange.platformKey;
  return { handle: addHandle(state, exchange), platformKey: { x, y } };
}

function pointOf(value: unknown): CoordinatePair {
  const fields = fieldsOf(value, 'authenticatorKey', ['x', 'y']);
  return {
    x: bytesOf(fields['x'], 'authenticatorKey.x', COORDINATE_BYTES, COORDINATE_BYTES),
    y: bytesOf(fields['y'], 'authenticatorKey.y', COORDINATE_BYTES, COORDINATE_BYTES),
  };
}

export async function pinUvPinHash(state: TokenState, input: unknown): Promise<HsmOutput<'pinUvPinHash'>> {
  const fields = fieldsOf(input, 'input', ['handle', 'pin']);
  const pin = await openSealed(state, fields['pin'], 'pin', 'security-key-pin');
  try {
    return handleOf(state, fields['handle']).exchange.pinHash(pin);
  } finally {
    wipe(pin);
  }
}

export async function pinUvNewPin(state: TokenState, input: unknown): Promise<HsmOutput<'pinUvNewPin'>> {
  const fields = fieldsOf(input, 'input', ['handle', 'pin', 'current']);
  const pin = await openSealed(state, fields['pin'], 'pin', 'security-key-pin');
  let current: Uint8Array | undefined;
  try {
    if (fields['current'] === undefined) {
      return { ...handleOf(state, fields['handle']).exchange.setPin(pin), pinHashEnc: null };
    }
    current = await openSealed(state, fields['current'], 'current', 'security-key-pin');
    return handleOf(state, fields['handle']).exchange.changePin(current, pin);
  } finally {
    wipe(pin, current);
  }
}

export function pinUvToken(state: TokenState, input: unknown): HsmOutput<'pinUvToken'> {
  const fields = fieldsOf(input, 'input', ['handle', 'token']);
  handleOf(state, fields['handle']).exchange.acceptToken(bytesOf(fields['token'], 'token', 1, LONGEST_TOKEN));
  return {};
}

export function pinUvAuthenticate(state: TokenState, input: unknown): HsmOutput<'pinUvAuthenticate'> {
  const fields = fieldsOf(input, 'input', ['handle', 'message']);
  const message = bytesOf(fields['message'], 'message', 1, LONGEST_MESSAGE);
  return { pinUvAuthParam: handleOf(state, fields['handle']).exchange.authenticate(message) };
}

export function pinUvEnd(state: TokenState, input: unknown): HsmOutput<'pinUvEnd'> {
  const fields = fieldsOf(input, 'input', ['handle']);
  endHandle(state, handleNameOf(fields['handle']));
  return {};
}
