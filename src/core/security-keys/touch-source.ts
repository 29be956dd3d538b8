import { KeyholdError } from '../../contract/errors.ts';
import type { ExchangeOptions } from '../fido/ctaphid.ts';
import { type Assertion, type AssertionRequest, getAssertion } from '../fido/get-assertion.ts';
import type { AuthenticatorInfo } from '../fido/get-info.ts';
import { u2fAuthenticate } from '../fido/u2f.ts';
import type { TouchAnswer, TouchRequest, TouchSource } from '../gates/touch-source.ts';
import type { PluggedIn } from './devices.ts';
import { type FidoKey, withFidoKey } from './fido-key.ts';
import { holds } from './held-credentials.ts';
import { alwaysVerifies, alwaysWantsPin } from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** Touches for gates: of whichever enrolled key is plugged in, or will be. */
export function createTouchSource(keys: SecurityKeys): TouchSource {
  return {
    getAssertion: (request, signal) =>
      keys.run('gate', signal, (use) => firstTouched(keys, use, request), request.withinMs),
  };
}

async function firstTouched(keys: SecurityKeys, use: KeyUse, request: TouchRequest): Promise<TouchAnswer> {
  for (;;) {
    const devices = await pluggedIn(keys, use, request);
    const answer = await askAll(keys, use, devices, request);
    if (answer !== null) return answer;
    // None of these is asked for: wait until others are there.
    const known = new Set(devices.map(({ id }) => id));
    use.ask('insert', [], request.message);
    await use.orGivenUp(keys.devices.waitFor((now) => fido(now).some(({ id }) => !known.has(id)), use.signal));
  }
}

function fido(devices: readonly PluggedIn[]): PluggedIn[] {
  return devices.filter(({ kind }) => kind === 'fido');
}

async function pluggedIn({ devices }: SecurityKeys, use: KeyUse, request: TouchRequest): Promise<PluggedIn[]> {
  const now = fido(await devices.list());
  if (now.length > 0) return now;
  use.ask('insert', [], request.message);
  return fido(await use.orGivenUp(devices.waitFor((all) => fido(all).length > 0, use.signal)));
}

/** All that have one of the credentials blink; the first that is touched answers, and the others are told to stop. Null when none has one. */
async function askAll(
  keys: SecurityKeys,
  use: KeyUse,
  devices: readonly PluggedIn[],
  request: TouchRequest,
): Promise<TouchAnswer | null> {
  const others = new AbortController();
  const signal = AbortSignal.any([use.signal, others.signal]);
  const blinking: PluggedIn[] = [];
  const onTouch = (device: PluggedIn) => (): void => {
    if (!blinking.includes(device)) blinking.push(device);
    use.ask('touch', blinking, request.message);
  };
  const asked = devices.map((device) =>
    withFidoKey(keys, { ...use, signal }, device, (key) =>
      askOne(keys, { ...use, signal }, key, request, onTouch(device)),
    ),
  );
  try {
    return await Promise.any(asked);
  } catch (error) {
    use.signal.throwIfAborted();
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    const said = errors.find((one) => !(one instanceof KeyholdError && one.code === 'NoCredential'));
    if (said === undefined) return null;
    throw said;
  } finally {
    others.abort(new KeyholdError('Cancelled', 'Another security key was touched.'));
    await Promise.allSettled(asked);
    use.asked();
  }
}

async function askOne(
  keys: SecurityKeys,
  use: KeyUse,
  key: FidoKey,
  { rpId, clientDataHash, credentials }: TouchRequest,
  onTouch: () => void,
): Promise<TouchAnswer> {
  const options = {
    signal: use.signal,
    onStatus: (status: string): void => {
      if (status === 'touch') onTouch();
    },
  };
  const ids = credentials.map(({ credentialId }) => credentialId);
  const answer =
    key.info === null
      ? await u2fAuthenticate(key.channel, keys.ports.clock, { rpId, clientDataHash, allow: ids }, options)
      : await assertionOf(key, key.info, { rpId, clientDataHash, allow: await heldBy(key, use, rpId, ids) }, options);
  return { credentialId: answer.credentialId, authenticatorData: answer.authData, signature: answer.signature };
}

/** A key that verifies its person whatever it does has to do so by itself: here is nobody who types a PIN. */
async function assertionOf(
  { channel, device }: FidoKey,
  info: AuthenticatorInfo,
  request: AssertionRequest,
  options: ExchangeOptions,
): Promise<Assertion> {
  if (alwaysWantsPin(info)) throw wantsPin(device);
  try {
    return await getAssertion(channel, { ...request, builtInVerification: alwaysVerifies(info) }, options);
  } catch (error) {
    throw error instanceof KeyholdError && error.code === 'PinRequired' ? wantsPin(device) : error;
  }
}

function wantsPin({ name }: PluggedIn): KeyholdError {
  return new KeyholdError(
    'DeviceUnsupported',
    `${name} does nothing without its PIN (alwaysUv), which no gate can ask for. Touch another key, or set this one so that a touch is enough.`,
  );
}

/** Asked without a touch, so that no key blinks in vain. Throws `NoCredential`. */
async function heldBy(key: FidoKey, use: KeyUse, rpId: string, ids: readonly Uint8Array[]): Promise<Uint8Array[]> {
  for (const credentialId of ids) if (await holds(key, use, { rpId, credentialId })) return [credentialId];
  throw new KeyholdError('NoCredential', 'This security key is not the one that is asked for. Use another one.');
}
