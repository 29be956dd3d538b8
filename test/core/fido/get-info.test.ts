import { describe, expect, test } from 'vitest';
import { concat, toHex } from '../../../src/core/crypto/bytes.ts';
import { type CborMap, type CborValue, cborMap, encodeCbor } from '../../../src/core/fido/cbor.ts';
import { choosePinUvProtocol } from '../../../src/core/fido/client-pin.ts';
import { ctap2 } from '../../../src/core/fido/ctap2.ts';
import { CTAP_STATUS } from '../../../src/core/fido/ctap2-status.ts';
import type { CtapHid } from '../../../src/core/fido/ctaphid.ts';
import { getAssertion } from '../../../src/core/fido/get-assertion.ts';
import { getInfo } from '../../../src/core/fido/get-info.ts';
import { flowLab } from './flow-lab.ts';
import { GET_INFO, GET_INFO_EXTRA } from './vectors.ts';

const failing = (code: string) => expect.objectContaining({ code });

/** A channel on which every command is answered with these bytes. */
function answering(answer: Uint8Array): CtapHid {
  return {
    capabilities: { wink: true, cbor: true, msg: true },
    version: { major: 1, minor: 0, build: 0 },
    cbor: async () => answer,
    msg: async () => answer,
    ping: async () => undefined,
    wink: async () => undefined,
    lock: async () => undefined,
    close: async () => undefined,
  };
}
const ok = (body: Uint8Array): CtapHid => answering(concat(Uint8Array.of(0), body));
const okMap = (map: CborMap): CtapHid => ok(encodeCbor(map));

describe('authenticatorGetInfo', () => {
  test.each([
    ['of CTAP 2.0', GET_INFO],
    ['with members of later versions', GET_INFO_EXTRA],
  ])('%s', async (_, bytes) => {
    const { aaguid, options, ...info } = await getInfo(ok(bytes));
    expect(toHex(aaguid)).toBe('f8a011f38c0a4d15800617111f9edc7d');
    expect(Object.fromEntries(options)).toEqual({ rk: true, up: true, plat: false, clientPin: false });
    expect(info).toEqual({
      versions: ['U2F_V2', 'FIDO_2_0'],
      extensions: ['uvm', 'hmac-secret'],
      maxMsgSize: 1200,
      pinUvProtocols: [1],
      maxCredentialCountInList: null,
      maxCredentialIdLength: null,
      transports: [],
      algorithms: [],
      forcePinChange: false,
      minPinLength: 4,
      firmwareVersion: null,
      remainingDiscoverableCredentials: null,
    });
  });

  test('of the emulated key', async () => {
    const { info } = await flowLab();
    expect(await info()).toMatchObject({
      versions: ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1'],
      extensions: ['credProtect', 'hmac-secret'],
      pinUvProtocols: [2, 1],
      algorithms: [-7],
      transports: ['usb'],
    });
  });

  test('chooses the newer PIN protocol that both know', async () => {
    const known = await getInfo(ok(GET_INFO));
    expect(choosePinUvProtocol(known)).toBe(1);
    expect(choosePinUvProtocol({ ...known, pinUvProtocols: [1, 2] })).toBe(2);
    expect(choosePinUvProtocol({ ...known, pinUvProtocols: [] })).toBe(1);
    expect(choosePinUvProtocol({ ...known, pinUvProtocols: [], options: new Map() })).toBeNull();
  });

  const base = (key: number, value: CborValue): CtapHid =>
    okMap(
      cborMap(
        ...new Map<number, CborValue>([
          [1, ['FIDO_2_0']],
          [3, new Uint8Array(16)],
          [key, value],
        ]),
      ),
    );

  test.each([
    ['versions that are no list', base(1, 'FIDO_2_0')],
    ['a version that is no text', base(1, [2])],
    ['a model of 15 bytes', base(3, new Uint8Array(15))],
    ['a model that is text', base(3, 'model')],
    ['options that are a list', base(4, [])],
    ['a negative size', base(5, -1)],
    ['a protocol that is text', base(6, ['1'])],
    ['no model', okMap(cborMap([1, ['FIDO_2_0']]))],
    ['a list', ok(encodeCbor([]))],
    ['no CBOR', ok(Uint8Array.of(0xff))],
    ['a map that is not canonical', ok(Uint8Array.of(0xa2, 0x03, 0x00, 0x01, 0x00))],
    ['nothing', answering(new Uint8Array())],
  ])('is refused with %s', async (_, channel) => {
    await expect(getInfo(channel)).rejects.toEqual(failing('DeviceFault'));
  });
});

describe('a status', () => {
  test.each([
    ['INVALID_COMMAND', 'DeviceUnsupported'],
    ['CHANNEL_BUSY', 'DeviceBusy'],
    ['CREDENTIAL_EXCLUDED', 'CredentialExcluded'],
    ['OPERATION_DENIED', 'TouchRefused'],
    ['KEY_STORE_FULL', 'DeviceUnsupported'],
    ['KEEPALIVE_CANCEL', 'Cancelled'],
    ['NO_CREDENTIALS', 'NoCredential'],
    ['USER_ACTION_TIMEOUT', 'TouchTimeout'],
    ['NOT_ALLOWED', 'TouchRefused'],
    ['PIN_INVALID', 'PinWrong'],
    ['PIN_BLOCKED', 'PinBlocked'],
    ['PIN_AUTH_INVALID', 'PinRequired'],
    ['PIN_AUTH_BLOCKED', 'PinAuthBlocked'],
    ['PIN_NOT_SET', 'PinNotSet'],
    ['PUAT_REQUIRED', 'PinRequired'],
    ['PIN_POLICY_VIOLATION', 'PinPolicy'],
    ['UV_BLOCKED', 'PinRequired'],
    ['UV_INVALID', 'PinWrong'],
  ] as const)('%s is %s', async (name, code) => {
    await expect(ctap2(answering(Uint8Array.of(CTAP_STATUS[name])), 1, null)).rejects.toEqual(failing(code));
  });

  test('of any other number is a fault, with one sentence', async () => {
    const known = new Set<number>(Object.values(CTAP_STATUS));
    for (let status = 1; status < 256; status += 1) {
      const failed = await ctap2(answering(Uint8Array.of(status)), 1, null).then(
        () => new Error('taken'),
        (error: Error) => error,
      );
      if (!known.has(status)) expect(failed).toEqual(failing('DeviceFault'));
      expect(failed.message).toMatch(/^[A-Z][^.]*\.$/);
    }
  });
});

describe('an assertion', () => {
  const authData = concat(new Uint8Array(32), Uint8Array.of(1, 0, 0, 0, 0));
  const id = new Uint8Array(16).fill(1);
  const request = { rpId: 'keyhold.test', clientDataHash: new Uint8Array(32) };
  const answer = (...entries: [number, CborValue][]): CtapHid =>
    okMap(cborMap([2, authData], [3, new Uint8Array(70)], ...entries));

  test('need not say which credential it was of one', async () => {
    expect((await getAssertion(answer(), { ...request, allow: [id] })).credentialId).toEqual(id);
  });

  test.each([
    ['says nothing of several', answer(), [id, new Uint8Array(3)]],
    ['says nothing of none', answer(), []],
    ['names another', answer([1, cborMap(['id', new Uint8Array(16)])]), [id]],
    ['has no id', answer([1, cborMap(['type', 'public-key'])]), [id]],
    ['has no signature', okMap(cborMap([2, authData])), [id]],
    ['has broken data', okMap(cborMap([2, new Uint8Array(36)], [3, new Uint8Array(70)])), [id]],
  ])('that %s is a fault', async (_, channel, allow) => {
    await expect(getAssertion(channel, { ...request, allow })).rejects.toEqual(failing('DeviceFault'));
  });
});
