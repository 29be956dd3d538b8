import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import {
  changePin,
  choosePinUvProtocol,
  getPinRetries,
  getTokenUsingUv,
  getUvRetries,
  PIN_PERMISSION,
} from '../../../src/core/fido/client-pin.ts';
import { COSE_ALGORITHM } from '../../../src/core/fido/cose-key.ts';
import { getAssertion, getAssertions } from '../../../src/core/fido/get-assertion.ts';
import { makeCredential } from '../../../src/core/fido/make-credential.ts';
import { resetAuthenticator } from '../../../src/core/fido/reset-authenticator.ts';
import { selectAuthenticator } from '../../../src/core/fido/select-authenticator.ts';
import { verifyAssertion } from '../../../src/core/fido/verify-assertion.ts';
import { turns } from '../../support/drive.ts';
import { agreeWith, authWith, hmacSecretOf, setFirstPin } from '../../support/platform-pin-uv.ts';
import { clientDataHash, enrol, flowLab, requestFor, rpId, verified } from './flow-lab.ts';

const failing = (code: string) => expect.objectContaining({ code });
const PIN = 'correct horse';
const { makeCredential: MC, getAssertion: GA } = PIN_PERMISSION;

describe.each([1, 2] as const)('with PIN protocol %s', (protocol) => {
  const lab = () => flowLab({ pinProtocols: [protocol] });

  test('a PIN is set, makes a credential with hmac-secret, and uses it', async () => {
    const { channel, run, info } = await lab();
    const before = await info();
    expect(before.options.get('clientPin')).toBe(false);
    expect(choosePinUvProtocol(before)).toBe(protocol);
    await run(setFirstPin(channel, protocol, PIN));
    const after = await info();
    expect(after.options.get('clientPin')).toBe(true);
    const auth = await run(authWith(channel, after, protocol, PIN, MC | GA, rpId));
    const made = await run(makeCredential(channel, requestFor({ hmacSecret: true, credProtect: 2, auth })));
    expect(made.hmacSecret).toBe(true);
    const credential = verified(made, true);
    expect(credential).toMatchObject({ algorithm: 'ES256', userVerified: true, attestation: { type: 'self' } });

    const salts = [systemRandom.bytes(32), systemRandom.bytes(32)];
    const outputs: string[][] = [];
    let { signCount } = credential;
    for (const count of [1, 2]) {
      const platform = await run(agreeWith(channel, protocol));
      const hmacSecret = hmacSecretOf(platform, salts.slice(0, count));
      const token = await run(authWith(channel, after, protocol, PIN, GA, rpId));
      const allow = [credential.credentialId];
      const assertion = await run(getAssertion(channel, { rpId, clientDataHash, allow, hmacSecret, auth: token }));
      const verdict = verifyAssertion({
        rpId,
        clientDataHash,
        signCount,
        publicKey: credential.publicKey,
        requireUserVerification: true,
        ...assertion,
      });
      expect(verdict).toMatchObject({ verified: true, userVerified: true });
      signCount = verdict.verified ? verdict.signCount : 0;
      outputs.push(platform.hmacSecretOutputs(assertion.hmacSecretEnc ?? new Uint8Array(), count).map(toHex));
    }
    const [[one] = [], both] = outputs;
    expect(both?.[0]).toBe(one);
    expect(both?.[1]).not.toBe(one);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the secret with the PIN is another than the one without', async () => {
    const flow = await lab();
    const { channel, run, info } = flow;
    const credential = await enrol(flow, { hmacSecret: true });
    await run(setFirstPin(channel, protocol, PIN));
    const secretWith = async (withPin: boolean): Promise<string> => {
      const platform = await run(agreeWith(channel, protocol));
      const hmacSecret = hmacSecretOf(platform, [new Uint8Array(32)]);
      const auth = withPin ? await run(authWith(channel, await info(), protocol, PIN, GA, rpId)) : null;
      const allow = [credential.credentialId];
      const assertion = await run(getAssertion(channel, { rpId, clientDataHash, allow, hmacSecret, auth }));
      return platform
        .hmacSecretOutputs(assertion.hmacSecretEnc ?? new Uint8Array(), 1)
        .map(toHex)
        .join();
    };
    expect(await secretWith(true)).not.toBe(await secretWith(false));
    expect(await secretWith(true)).toBe(await secretWith(true));
  });

  test('a wrong PIN counts down: three, then plugging in again, then none', async () => {
    const { channel, run, info, plug, open } = await lab();
    await run(setFirstPin(channel, protocol, PIN));
    const known = await info();
    let current = channel;
    const wrong = (): Promise<unknown> =>
      run(authWith(current, known, protocol, 'wrong horse', GA, rpId)).then(
        () => 'let in',
        (error) => error,
      );
    for (const retries of [7, 6]) {
      expect(await wrong()).toMatchObject({ code: 'PinWrong', details: { retries } });
    }
    expect(await wrong()).toEqual(failing('PinAuthBlocked'));
    expect(await run(getPinRetries(current, protocol))).toEqual({ retries: 5, powerCycle: true });
    await expect(run(authWith(current, known, protocol, PIN, GA, rpId))).rejects.toEqual(failing('PinAuthBlocked'));
    for (const rest of [
      ['PinWrong', 'PinWrong', 'PinAuthBlocked'],
      ['PinWrong', 'PinBlocked'],
    ]) {
      plug.unplug();
      plug.plug();
      current = await open();
      for (const code of rest) expect(await wrong()).toEqual(failing(code));
    }
    await expect(run(authWith(current, known, protocol, PIN, GA, rpId))).rejects.toEqual(failing('PinBlocked'));
    await run(resetAuthenticator(current));
    await run(setFirstPin(current, protocol, PIN));
    expect((await run(getPinRetries(current, protocol))).retries).toBe(8);
  });

  test('the right PIN brings the tries back', async () => {
    const { channel, run, info } = await lab();
    await run(setFirstPin(channel, protocol, PIN));
    const known = await info();
    const asked = run(authWith(channel, known, protocol, 'wrong horse', GA, rpId));
    await expect(asked).rejects.toThrow('The PIN is wrong: 7 tries are left.');
    await run(authWith(channel, known, protocol, PIN, GA, rpId));
    expect(await run(getPinRetries(channel, protocol))).toEqual({ retries: 8, powerCycle: false });
  });

  test('a PIN is changed by whoever knows it', async () => {
    const { channel, run, info } = await lab();
    await run(setFirstPin(channel, protocol, PIN));
    const change = async (from: string, to: string): Promise<void> => {
      const platform = await agreeWith(channel, protocol);
      const { platformKey } = platform;
      await changePin(channel, { protocol, platformKey, ...platform.changePin(utf8(from), utf8(to)) });
    };
    await expect(run(change('wrong horse', 'new horse'))).rejects.toMatchObject({
      code: 'PinWrong',
      details: { retries: 7 },
    });
    await run(change(PIN, 'new horse'));
    await run(authWith(channel, await info(), protocol, 'new horse', GA, rpId));
    await expect(run(authWith(channel, await info(), protocol, PIN, GA, rpId))).rejects.toEqual(failing('PinWrong'));
    await expect(run(setFirstPin(channel, protocol, 'another'))).rejects.toEqual(failing('PinRequired'));
  });
});

describe('a PIN', () => {
  test('that is not there, or too short for this key', async () => {
    const { channel, run, info } = await flowLab({ minPinLength: 8 });
    expect((await info()).minPinLength).toBe(8);
    const asked = run(authWith(channel, await info(), 2, PIN, GA, rpId));
    await expect(asked).rejects.toEqual(failing('PinNotSet'));
    await expect(run(setFirstPin(channel, 2, '1234567'))).rejects.toEqual(failing('PinPolicy'));
  });

  test('is not for another relying party, nor for anything else than was asked', async () => {
    const flow = await flowLab();
    const { channel, run, info } = flow;
    await run(setFirstPin(channel, 2, PIN));
    const known = await info();
    const forGetting = await run(authWith(channel, known, 2, PIN, GA, rpId));
    const made = run(makeCredential(channel, requestFor({ auth: forGetting })));
    await expect(made).rejects.toEqual(failing('PinRequired'));
    const forAnother = await run(authWith(channel, known, 2, PIN, MC, 'example.com'));
    const other = run(makeCredential(channel, requestFor({ auth: forAnother })));
    await expect(other).rejects.toEqual(failing('PinRequired'));
  });
});

describe('a touch', () => {
  test('that is refused, or does not come', async () => {
    const flow = await flowLab();
    const { channel, run, device } = flow;
    device.control.touch = 'deny';
    await expect(run(makeCredential(channel, requestFor()))).rejects.toEqual(failing('TouchRefused'));
    device.control.touch = 'never';
    await expect(run(makeCredential(channel, requestFor()))).rejects.toEqual(failing('TouchTimeout'));
    await expect(run(makeCredential(channel, requestFor(), { limitMs: 5_000 }))).rejects.toEqual(
      failing('TouchTimeout'),
    );
    expect(device.state.awaitsTouch).toBe(false);
  });

  test('that is waited for is said', async () => {
    const { channel, run, device } = await flowLab();
    device.control.touch = 'delay';
    device.control.touchDelay = 4_000;
    const said: string[] = [];
    await run(makeCredential(channel, requestFor(), { onStatus: (status) => said.push(status) }));
    expect(said).toContain('touch');
  });

  test.each(['makeCredential', 'getAssertion', 'selection', 'reset'] as const)('called off in %s', async (what) => {
    const flow = await flowLab();
    const { channel, run, device, info } = flow;
    const credential = await enrol(flow);
    const known = await info();
    device.control.touch = 'never';
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const allow = [credential.credentialId];
    const asked: Promise<unknown> = {
      makeCredential: () => makeCredential(channel, requestFor(), options),
      getAssertion: () => getAssertion(channel, { rpId, clientDataHash, allow }, options),
      selection: () => selectAuthenticator(channel, known, options),
      reset: () => resetAuthenticator(channel, options),
    }[what]();
    asked.catch(() => undefined);
    await turns(200);
    expect(device.state.awaitsTouch).toBe(true);
    abort.abort();
    await expect(run(asked)).rejects.toEqual(failing('Cancelled'));
    expect(device.state.awaitsTouch).toBe(false);
    device.control.touch = 'approve';
    await run(getAssertion(channel, { rpId, clientDataHash, allow }));
  });

  test('tells which of several keys is meant, also of those of CTAP 2.0', async () => {
    const { channel, run, device, info } = await flowLab();
    const known = await info();
    await run(selectAuthenticator(channel, known));
    const older = { ...known, versions: ['FIDO_2_0'] };
    await run(selectAuthenticator(channel, older));
    await run(setFirstPin(channel, 2, PIN));
    await run(selectAuthenticator(channel, older));
    expect(device.state.touches).toBe(3);
    device.control.touch = 'deny';
    await expect(run(selectAuthenticator(channel, older))).rejects.toEqual(failing('TouchRefused'));
    expect(device.state.credentials).toHaveLength(0);
  });
});

describe('credentials', () => {
  test('that are there already, or not at all', async () => {
    const flow = await flowLab();
    const { channel, run } = flow;
    const { credentialId } = await enrol(flow);
    const again = run(makeCredential(channel, requestFor({ exclude: [new Uint8Array(16), credentialId] })));
    await expect(again).rejects.toEqual(failing('CredentialExcluded'));
    const foreign = run(getAssertion(channel, { rpId, clientDataHash, allow: [new Uint8Array(32)] }));
    await expect(foreign).rejects.toEqual(failing('NoCredential'));
    const elsewhere = run(getAssertion(channel, { rpId: 'example.com', clientDataHash, allow: [credentialId] }));
    await expect(elsewhere).rejects.toEqual(failing('NoCredential'));
  });

  test('that are more than the key takes at once', async () => {
    const flow = await flowLab();
    const { channel, run, device, info } = flow;
    const { credentialId } = await enrol(flow);
    const limits = await info();
    expect(limits.maxCredentialCountInList).toBe(8);
    const others = Array.from({ length: 20 }, (_, at) => new Uint8Array(32).fill(at));
    const long = new Uint8Array(500);
    const again = run(makeCredential(channel, requestFor({ limits, exclude: [long, ...others, credentialId] })));
    await expect(again).rejects.toEqual(failing('CredentialExcluded'));
    const before = device.state.touches;
    await run(makeCredential(channel, requestFor({ limits, exclude: [long, ...others] })));
    expect(device.state.touches).toBe(before + 1);
    const silent = { maxCredentialCountInList: null, maxCredentialIdLength: null };
    const once = run(makeCredential(channel, requestFor({ limits: silent, exclude: [...others, credentialId] })));
    await expect(once).rejects.toEqual(failing('CredentialExcluded'));
  });

  test('are looked for without a touch', async () => {
    const flow = await flowLab();
    const { channel, run, device } = flow;
    const { credentialId } = await enrol(flow);
    device.control.touch = 'never';
    const request = { rpId, clientDataHash, userPresence: false };
    const allow = [new Uint8Array(32), credentialId];
    const found = await run(getAssertion(channel, { ...request, allow }));
    expect(toHex(found.credentialId)).toBe(toHex(credentialId));
    const missing = run(getAssertion(channel, { ...request, allow: [new Uint8Array(32)] }));
    await expect(missing).rejects.toEqual(failing('NoCredential'));
  });

  test('that the key keeps are found without their ids, every one of them', async () => {
    const flow = await flowLab();
    const { channel, run } = flow;
    const made: string[] = [];
    for (const id of [1, 2, 3]) {
      const user = { id: Uint8Array.of(id), name: `user ${id}`, displayName: 'User' };
      made.push(toHex((await enrol(flow, { user, residentKey: true })).credentialId));
    }
    const found = await run(getAssertions(channel, { rpId, clientDataHash, allow: [] }));
    expect(found.map(({ credentialId }) => toHex(credentialId))).toEqual(made.toReversed());
    expect(found.map(({ userId }) => userId?.[0])).toEqual([3, 2, 1]);
  });

  test('by a finger at the key itself', async () => {
    const flow = await flowLab({ builtInUv: true });
    const { channel, run } = flow;
    const made = await run(makeCredential(channel, requestFor({ builtInVerification: true })));
    expect(verified(made, true).userVerified).toBe(true);
    flow.device.control.finger = 'mismatch';
    const wrong = run(makeCredential(channel, requestFor({ builtInVerification: true })));
    await expect(wrong).rejects.toEqual(expect.objectContaining({ name: 'KeyholdError' }));
  });
});

describe.each([1, 2] as const)('a finger in place of the PIN, with protocol %s', (protocol) => {
  test('buys a token, a wrong one counts down until the key wants the PIN', async () => {
    const flow = await flowLab({ builtInUv: true, pinProtocols: [protocol] });
    const { channel, run, device } = flow;
    const token = async () => {
      const platform = await agreeWith(channel, protocol);
      const { platformKey } = platform;
      platform.acceptToken(await getTokenUsingUv(channel, { protocol, platformKey, permissions: MC, rpId }));
      return { protocol, authenticate: async (message: Uint8Array) => platform.authenticate(message) };
    };
    const made = await run(makeCredential(channel, requestFor({ auth: await run(token()) })));
    expect(verified(made, true).userVerified).toBe(true);
    device.control.finger = 'mismatch';
    const before = await run(getUvRetries(channel, protocol));
    await expect(run(token())).rejects.toThrow('did not recognise the finger');
    expect(await run(getUvRetries(channel, protocol))).toBe(before - 1);
    for (let left = before - 1; left > 0; left -= 1) await run(token()).catch(() => undefined);
    await expect(run(token())).rejects.toEqual(failing('PinRequired'));
  });
});

describe('older and other keys', () => {
  test.each(['2.0', '2.1-pre', '2.1'] as const)('CTAP %s: a PIN, a credential, its secret', async (generation) => {
    const { channel, run, info, device } = await flowLab({ generation });
    const before = await info();
    const protocol = choosePinUvProtocol(before);
    if (protocol === null) throw new Error('no PIN protocol');
    await run(setFirstPin(channel, protocol, PIN));
    const known = await info();
    // From 2.1 on a token is good for one touch.
    const token = (permission: number) => run(authWith(channel, known, protocol, PIN, permission, rpId));
    const request = requestFor({ hmacSecret: true, auth: await token(MC) });
    const made = verified(await run(makeCredential(channel, request)), true);
    const platform = await run(agreeWith(channel, protocol));
    const hmacSecret = hmacSecretOf(platform, [new Uint8Array(32)]);
    const allow = [made.credentialId];
    const auth = await token(GA);
    const assertion = await run(getAssertion(channel, { rpId, clientDataHash, allow, hmacSecret, auth }));
    expect(platform.hmacSecretOutputs(assertion.hmacSecretEnc ?? new Uint8Array(), 1)).toHaveLength(1);
    const { publicKey, signCount } = made;
    const given = { rpId, clientDataHash, publicKey, signCount, requireUserVerification: true };
    expect(verifyAssertion({ ...given, ...assertion }).verified).toBe(true);
    const touches = device.state.touches;
    await run(selectAuthenticator(channel, known));
    expect(device.state.touches).toBe(touches + 1);
  });

  test.each(['ES256', 'EdDSA', 'RS256'] as const)('a credential with %s', async (algorithm) => {
    const flow = await flowLab({ algorithms: [COSE_ALGORITHM[algorithm]] });
    const { channel, run } = flow;
    const algorithms = ['EdDSA', 'ES256', 'RS256'] as const;
    const made = await enrol(flow, { algorithms });
    expect(made.algorithm).toBe(algorithm);
    const assertion = await run(getAssertion(channel, { rpId, clientDataHash, allow: [made.credentialId] }));
    const { publicKey, signCount } = made;
    const given = { rpId, clientDataHash, publicKey, signCount, requireUserVerification: false };
    expect(verifyAssertion({ ...given, ...assertion }).verified).toBe(true);
  });

  test('that make no key of a kind that is asked for', async () => {
    const flow = await flowLab({ algorithms: [COSE_ALGORITHM.EdDSA] });
    await expect(enrol(flow)).rejects.toEqual(failing('DeviceUnsupported'));
  });

  test('without a counter', async () => {
    const flow = await flowLab({ counter: false });
    const made = await enrol(flow);
    const allow = [made.credentialId];
    for (let left = 2; left > 0; left -= 1) {
      const assertion = await flow.run(getAssertion(flow.channel, { rpId, clientDataHash, allow }));
      const { publicKey, signCount } = made;
      const given = { rpId, clientDataHash, publicKey, signCount, requireUserVerification: false };
      expect(verifyAssertion({ ...given, ...assertion })).toMatchObject({ verified: true, signCount: 0 });
    }
  });
});

describe('a reset', () => {
  test('is for the first ten seconds', async () => {
    const { channel, run, clock, plug, open, device } = await flowLab();
    await run(setFirstPin(channel, 2, PIN));
    clock.advance(11_000);
    await expect(run(resetAuthenticator(channel))).rejects.toThrow('within ten seconds');
    expect(device.state.pinSet).toBe(true);
    plug.unplug();
    plug.plug();
    const again = await open();
    device.control.touch = 'deny';
    await expect(run(resetAuthenticator(again))).rejects.toThrow('refused at the security key');
    device.control.touch = 'approve';
    await run(resetAuthenticator(again));
    expect(device.state.pinSet).toBe(false);
  });
});

describe('the connection', () => {
  test('while another program waits for a touch is busy', async () => {
    const flow = await flowLab();
    const { channel, run, device, open } = flow;
    const other = await open();
    device.control.touch = 'never';
    const waiting = other.cbor(Uint8Array.of(0x0b));
    waiting.catch(() => undefined);
    await turns();
    await expect(run(makeCredential(channel, requestFor()))).rejects.toEqual(failing('DeviceBusy'));
    device.control.press();
    await run(waiting);
    device.control.touch = 'approve';
    await run(makeCredential(channel, requestFor()));
  });

  test('pulled out at any report ends with that, and works once it is plugged in again', async () => {
    for (let step = 1; ; step += 1) {
      const flow = await flowLab();
      const { channel, run, plug, info } = flow;
      let left = step;
      plug.filter = (_, report) => {
        left -= 1;
        if (left === 0) plug.unplug();
        return report;
      };
      const everything = async (): Promise<string> => {
        const known = await info();
        await setFirstPin(channel, 2, PIN);
        const auth = await authWith(channel, known, 2, PIN, MC | GA, rpId);
        const made = await makeCredential(channel, requestFor({ hmacSecret: true, auth }));
        await getAssertion(channel, { rpId, clientDataHash, allow: [made.credentialId] });
        return 'done';
      };
      const outcome: unknown = await run(everything()).catch((error) => error);
      if (plug.plugged) {
        expect(outcome).toBe('done');
        expect(step).toBeGreaterThan(20);
        return;
      }
      expect(outcome).toEqual(failing('DeviceGone'));
      plug.plug();
      await flow.open();
    }
  });

  test('that loses a report ends within its time', async () => {
    for (let step = 1; step <= 12; step += 1) {
      const { channel, run, plug, clock } = await flowLab();
      let left = step;
      plug.filter = (_, report) => {
        left -= 1;
        return left === 0 ? false : report;
      };
      const before = clock.monotonic();
      const outcome: unknown = await run(makeCredential(channel, requestFor())).then(
        () => 'done',
        (error) => error,
      );
      if (left > 0) return;
      expect(['done', failing('DeviceFault')]).toContainEqual(outcome);
      expect(clock.monotonic() - before).toBeLessThan(10_000);
      plug.filter = (_, report) => report;
      expect((await run(makeCredential(channel, requestFor()))).format).toBe('packed');
    }
    throw new Error('more reports than expected');
  });
});
