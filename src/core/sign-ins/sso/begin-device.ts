import { KeyholdError } from '../../../contract/errors.ts';
import type { Clock } from '../../ports.ts';
import type { Found } from '../../things.ts';
import { type Begun, type Login, type SignInParts, settingsOf } from '../driver.ts';
import { orAborted } from '../or-aborted.ts';
import type { DeviceAuthorization } from './aws-sso.ts';
import { loginOf } from './login-of.ts';
import { placeOf } from './place.ts';
import { asRegistered, type Registered } from './register.ts';
import { requireWebAddress } from './require-web-address.ts';

/** What `slow_down` adds to the interval (RFC 8628 section 3.5). */
const SLOWER_MS = 5000;

/** The device authorization grant (RFC 8628): a code is confirmed in a browser anywhere. */
export async function beginDevice(parts: SignInParts, signIn: Found<'signIn'>, signal: AbortSignal): Promise<Begun> {
  const { ports, outside } = parts;
  const settings = settingsOf(signIn, 'sso');
  const { result: device, ...who } = await asRegistered(parts, signIn, 'device', (client) =>
    outside.sso.startDeviceAuthorization(placeOf(settings), client, settings.startUrl),
  );
  try {
    const attempt = {
      flow: 'device' as const,
      url: requireWebAddress(device.verificationUriComplete, settings),
      verificationUrl: requireWebAddress(device.verificationUri, settings),
      userCode: device.userCode,
      expiresAt: ports.clock.now() + device.expiresInSeconds * 1000,
    };
    return { attempt, done: poll(parts, signIn, { ...who, device }, signal) };
  } catch (error) {
    for (const secret of [who.client.clientSecret, who.made?.secret, device.deviceCode]) secret?.fill(0);
    throw error;
  }
}

async function poll(
  { ports, outside }: SignInParts,
  signIn: Found<'signIn'>,
  { client, made, device }: Registered & { device: DeviceAuthorization },
  signal: AbortSignal,
): Promise<Login> {
  const place = placeOf(settingsOf(signIn, 'sso'));
  let wait = device.intervalSeconds * 1000;
  try {
    for (;;) {
      await orAborted(signal, pause(ports.clock, wait));
      const asked = ports.clock.now();
      try {
        const { deviceCode } = device;
        return loginOf(await outside.sso.createToken(place, client, { type: 'device_code', deviceCode }), asked, made);
      } catch (error) {
        wait = waitAfter(error, wait, signIn.value.name);
      }
    }
  } catch (error) {
    made?.secret.fill(0);
    throw error;
  } finally {
    device.deviceCode.fill(0);
    client.clientSecret.fill(0);
  }
}

/** How long to wait before asking again; throws what no waiting helps with. */
function waitAfter(error: unknown, wait: number, name: string): number {
  if (!(error instanceof KeyholdError)) throw error;
  // A lost network is no answer: the code is good until it ends.
  if (error.code === 'Unreachable' || error.code === 'Timeout') return wait + SLOWER_MS;
  switch (error.details?.['name']) {
    case 'authorization_pending':
      return wait;
    case 'slow_down':
      return wait + SLOWER_MS;
    case 'expired_token':
      throw new KeyholdError('Timeout', `Nobody signed in to ${name} in time. Try again.`, undefined, { cause: error });
    case 'access_denied':
      throw new KeyholdError(
        'ServiceRefused',
        `Signing in to ${name} was refused in the browser. Sign in again, and allow it.`,
        error.details,
        { cause: error },
      );
    default:
      throw error;
  }
}

function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(milliseconds, resolve);
  });
}
