import { systemRandom } from '../../../src/core/crypto/random.ts';
import { type CtapHid, openCtapHid } from '../../../src/core/fido/ctaphid.ts';
import { type AuthenticatorInfo, getInfo } from '../../../src/core/fido/get-info.ts';
import { type CredentialRequest, makeCredential, type NewCredential } from '../../../src/core/fido/make-credential.ts';
import { type RegistrationVerdict, verifyRegistration } from '../../../src/core/fido/verify-registration.ts';
import { type AuthenticatorOptions, createAuthenticator } from '../../device/authenticator.ts';
import { createFakeHid } from '../../device/fake-hid.ts';
import { drive } from '../../support/drive.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

export const rpId = 'keyhold.test';
export const clientDataHash = new Uint8Array(32).fill(42);

/** An emulated security key, plugged in, and a channel to it. */
export async function flowLab(options: Partial<AuthenticatorOptions> = {}) {
  const clock = createFakeClock();
  const device = createAuthenticator({ clock, ...options });
  const hid = createFakeHid(device);
  const [plug] = hid.plugs;
  if (plug === undefined) throw new Error('no plug');
  const run = <T>(promise: Promise<T>): Promise<T> => drive(clock, promise);
  const open = async (): Promise<CtapHid> =>
    run(openCtapHid(await hid.open(plug.path), { clock, random: systemRandom }));
  const channel = await open();
  const info = async (): Promise<AuthenticatorInfo> => run(getInfo(channel));
  return { clock, device, hid, plug, channel, run, open, info };
}

export function requestFor(change: Partial<CredentialRequest> = {}): CredentialRequest {
  return {
    clientDataHash,
    rp: { id: rpId, name: 'Keyhold' },
    user: { id: Uint8Array.of(1, 2, 3), name: 'maria', displayName: 'María' },
    ...change,
  };
}

export function verified(
  made: NewCredential,
  requireUserVerification = false,
): Extract<RegistrationVerdict, { verified: true }> {
  const verdict = verifyRegistration({ rpId, clientDataHash, requireUserVerification, ...made });
  if (!verdict.verified) throw new Error(`not verified: ${verdict.flaw}`);
  return verdict;
}

export async function enrol(
  lab: Awaited<ReturnType<typeof flowLab>>,
  change: Partial<CredentialRequest> = {},
): Promise<ReturnType<typeof verified>> {
  return verified(await lab.run(makeCredential(lab.channel, requestFor(change))));
}
