import { describe, expect, test } from 'vitest';
import { concat, toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { readAttestation } from '../../../src/core/fido/attestation.ts';
import { readAuthData } from '../../../src/core/fido/auth-data.ts';
import { readCoseKey } from '../../../src/core/fido/cose-key.ts';
import { getInfo } from '../../../src/core/fido/get-info.ts';
import { readRegistration, u2fAuthenticate, u2fFind, u2fRegister, u2fVersion } from '../../../src/core/fido/u2f.ts';
import { verifyAssertion } from '../../../src/core/fido/verify-assertion.ts';
import { turns } from '../../support/drive.ts';
import { clientDataHash, flowLab, rpId, verified } from './flow-lab.ts';
import { U2F_APP_ID_HASH, U2F_CLIENT_DATA_HASH, U2F_REGISTRATION } from './vectors.ts';

const failing = (code: string) => expect.objectContaining({ code });
const request = { rpId, clientDataHash };

async function lab() {
  const flow = await flowLab({ kind: 'u2f' });
  const register = (exclude: Uint8Array[] = []) =>
    flow.run(u2fRegister(flow.channel, flow.clock, { ...request, exclude }));
  return { ...flow, register };
}

describe('a key from before CTAP2', () => {
  test('says so', async () => {
    const { channel, run } = await lab();
    expect(channel.capabilities).toMatchObject({ cbor: false, msg: true });
    expect(await run(u2fVersion(channel))).toBe('U2F_V2');
    await expect(run(getInfo(channel))).rejects.toEqual(failing('DeviceUnsupported'));
  });

  test('registers and authenticates, verified as CTAP2 is', async () => {
    const { channel, clock, run, register } = await lab();
    const credential = verified(await register());
    expect(credential).toMatchObject({ algorithm: 'ES256', attestation: { format: 'fido-u2f', type: 'basic' } });
    const allow = [new Uint8Array(64), new Uint8Array(300), credential.credentialId];
    const assertion = await run(u2fAuthenticate(channel, clock, { ...request, allow }));
    expect(toHex(assertion.credentialId)).toBe(toHex(credential.credentialId));
    const given = { ...request, publicKey: credential.publicKey, requireUserVerification: false, ...assertion };
    const verdict = verifyAssertion({ ...given, signCount: 0 });
    expect(verdict).toMatchObject({ verified: true, userVerified: false });
    const signCount = verdict.verified ? verdict.signCount : 0;
    expect(verifyAssertion({ ...given, signCount })).toEqual({ verified: false, flaw: 'Cloned' });
    expect(verifyAssertion({ ...given, signCount: 0, rpId: 'example.com' })).toEqual({
      verified: false,
      flaw: 'RpIdHash',
    });
  });

  test('knows its own credentials without a touch', async () => {
    const { channel, run, device, register } = await lab();
    const { credentialId } = await register();
    device.control.touch = 'never';
    expect(await run(u2fFind(channel, rpId, [new Uint8Array(64), credentialId]))).toEqual(credentialId);
    expect(await run(u2fFind(channel, 'example.com', [credentialId]))).toBeNull();
    await expect(register([credentialId])).rejects.toEqual(failing('CredentialExcluded'));
  });

  test('that knows none of them says so', async () => {
    const { channel, clock, run } = await lab();
    const asked = run(u2fAuthenticate(channel, clock, { ...request, allow: [new Uint8Array(64)] }));
    await expect(asked).rejects.toEqual(failing('NoCredential'));
  });

  test('is asked again until it is touched, and not for ever', async () => {
    const { channel, clock, run, device, register } = await lab();
    device.control.touch = 'delay';
    device.control.touchDelay = 3_000;
    const said: string[] = [];
    const made = await run(u2fRegister(channel, clock, request, { onStatus: (status) => said.push(status) }));
    expect(said).toEqual(['touch']);
    verified(made);
    device.control.touch = 'never';
    await expect(register()).rejects.toEqual(failing('TouchTimeout'));
    expect(clock.pending()).toBe(0);
  });

  test('is left alone when it is called off', async () => {
    const { channel, clock, run, device } = await lab();
    device.control.touch = 'never';
    const abort = new AbortController();
    const asked = u2fRegister(channel, clock, request, { signal: abort.signal });
    asked.catch(() => undefined);
    await turns(200);
    abort.abort();
    await expect(run(asked)).rejects.toEqual(failing('Cancelled'));
    expect(clock.pending()).toBe(0);
  });

  test('pulled out at any report', async () => {
    for (let step = 1; ; step += 1) {
      const { channel, clock, run, plug } = await lab();
      let left = step;
      plug.filter = (_, report) => {
        left -= 1;
        if (left === 0) plug.unplug();
        return report;
      };
      const outcome: unknown = await run(u2fRegister(channel, clock, request)).catch((error) => error);
      if (plug.plugged) return;
      expect(outcome).toEqual(failing('DeviceGone'));
    }
  });

  test('a key of CTAP2 speaks it too', async () => {
    const { channel, clock, run } = await flowLab();
    const credential = verified(await run(u2fRegister(channel, clock, request)));
    const allow = [credential.credentialId];
    const assertion = await run(u2fAuthenticate(channel, clock, { ...request, allow }));
    expect(assertion.authData).toHaveLength(37);
  });
});

describe('an answer of U2F_REGISTER', () => {
  test('of a real key is verified with the certificate of its maker', () => {
    const made = readRegistration(U2F_REGISTRATION, U2F_APP_ID_HASH);
    const credential = readAuthData(made.authData)?.credential;
    const publicKey = readCoseKey(credential?.publicKey ?? new Uint8Array());
    if (credential == null || publicKey === null) throw new Error('not a credential');
    const given = { ...made, rpIdHash: U2F_APP_ID_HASH, clientDataHash: U2F_CLIENT_DATA_HASH, credential, publicKey };
    expect(readAttestation(given)).toMatchObject({
      type: 'basic',
      certificate: { subject: expect.stringContaining('Yubico U2F EE Serial 249182324') },
    });
    expect(readAttestation({ ...given, clientDataHash: new Uint8Array(32) })).toBeNull();
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['of another kind', U2F_REGISTRATION.with(0, 4)],
    ['with a compressed key', U2F_REGISTRATION.with(1, 2)],
    ['without a handle', U2F_REGISTRATION.with(66, 0)],
    ['with too long a handle', U2F_REGISTRATION.with(66, 255)],
    ['without a signature', U2F_REGISTRATION.subarray(0, U2F_REGISTRATION.length - 71)],
    ['cut off in the certificate', U2F_REGISTRATION.subarray(0, 200)],
    ['with text in place of a certificate', concat(U2F_REGISTRATION.subarray(0, 131), utf8('certificate'))],
  ])('%s is refused', (_, answer) => {
    expect(() => readRegistration(answer, U2F_APP_ID_HASH)).toThrow(expect.objectContaining({ code: 'DeviceFault' }));
  });
});
