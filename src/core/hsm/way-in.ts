import { wipe } from '../crypto/wipe.ts';
import { LONGEST_AUTHENTICATOR_DATA, LONGEST_SIGNATURE } from './fido-limits.ts';
import { bytesOf, type Fields, fieldsOf, invalid, listOf, oneOf } from './input.ts';
import { handleNameOf } from './pin-uv-handles.ts';
import { type FactorSecret, openFactorSecret, openPassword } from './secret-input.ts';
import { MOST_FACTORS } from './slot-factors.ts';
import type { TokenState } from './state.ts';
import { slotIdOf } from './vault-input.ts';

export const YUBIKEY_RESPONSE_BYTES = 20;

/** What a factor of a security key's slot was answered with. */
export type OpenedFactor =
  | { factor: 'password'; secret: Uint8Array }
  | ({ factor: 'fido2' } & AssertionInput)
  | { factor: 'yubikey-hmac-sha1'; response: Uint8Array };

export interface AssertionInput {
  handle: string;
  authData: Uint8Array;
  signature: Uint8Array;
}

/** `WayIn` (protocol-fido.ts), checked and opened. */
export type OpenedWayIn = FactorSecret | { factor: 'security-key'; slot: string; factors: OpenedFactor[] };

/** What somebody gives to open the vault; the caller wipes it (`wipeWayIn`). */
export async function openWayIn(state: TokenState, value: unknown): Promise<OpenedWayIn> {
  if (!isKeys(value)) return openFactorSecret(state, value);
  const fields = fieldsOf(value, 'secret', ['factor', 'slot', 'factors']);
  const slot = slotIdOf(fields['slot'], 'secret.slot');
  const given = listOf(fields['factors'], 'secret.factors', MOST_FACTORS, (item) => item);
  const factors: OpenedFactor[] = [];
  try {
    for (const item of given) factors.push(await openFactor(state, item));
    if (new Set(factors.map(({ factor }) => factor)).size !== factors.length || factors.length === 0) {
      throw invalid('secret.factors', 'one of each kind');
    }
    return { factor: 'security-key', slot, factors };
  } catch (error) {
    wipe(...factors.map(secretOf));
    throw error;
  }
}

export function wipeWayIn(given: OpenedWayIn): void {
  if (given.factor === 'security-key') wipe(...given.factors.map(secretOf));
  else wipe(given.secret);
}

async function openFactor(state: TokenState, value: unknown): Promise<OpenedFactor> {
  const fields = fieldsOf(value, 'secret.factors', [
    ...['factor', 'sealed', 'handle', 'authData', 'signature', 'response'],
  ]);
  const factor = oneOf(fields['factor'], 'secret.factors.factor', ['password', 'fido2', 'yubikey-hmac-sha1']);
  if (factor === 'password') return { factor, secret: await openPassword(state, fields['sealed']) };
  if (factor === 'fido2') return { factor, ...assertionOf(fields) };
  return { factor, response: responseOf(fields) };
}

export function assertionOf(fields: Fields): AssertionInput {
  return {
    handle: handleNameOf(fields['handle']),
    authData: bytesOf(fields['authData'], 'authData', 1, LONGEST_AUTHENTICATOR_DATA),
    signature: bytesOf(fields['signature'], 'signature', 1, LONGEST_SIGNATURE),
  };
}

/** A copy: the daemon's buffer is its own to wipe. */
export function responseOf(fields: Fields): Uint8Array {
  return Uint8Array.from(bytesOf(fields['response'], 'response', YUBIKEY_RESPONSE_BYTES, YUBIKEY_RESPONSE_BYTES));
}

function secretOf(given: OpenedFactor): Uint8Array | undefined {
  if (given.factor === 'password') return given.secret;
  return given.factor === 'fido2' ? undefined : given.response;
}

function isKeys(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'factor' in value && value.factor === 'security-key';
}

/** What is typed every day: the others are a touch of a key, or the way back after a lost one. */
export function isPassword(secret: unknown): boolean {
  return typeof secret === 'object' && secret !== null && 'factor' in secret && secret.factor === 'password';
}
