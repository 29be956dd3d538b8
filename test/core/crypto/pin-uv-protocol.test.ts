import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { padPin } from '../../../src/core/crypto/pin.ts';
import { createPlatformPinUv, type PlatformPinUv } from '../../../src/core/crypto/pin-uv-protocol.ts';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import type { P256Point, PinUvProtocol } from '../../../src/core/fido/pin-uv.ts';
import { PIN_PROTOCOL_ONE as ONE } from '../fido/vectors.ts';

/** The authenticator's half, written down once more with node:crypto alone. */
function authenticatorHalf(protocol: PinUvProtocol) {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  const key: P256Point = { x: new Uint8Array(point.subarray(1, 33)), y: new Uint8Array(point.subarray(33)) };
  const keys = (platform: P256Point): { aes: Buffer; mac: Buffer } => {
    const z = ecdh.computeSecret(concat(Uint8Array.of(4), platform.x, platform.y));
    if (protocol === 1) {
      const both = createHash('sha256').update(z).digest();
      return { aes: both, mac: both };
    }
    const derive = (info: string) => Buffer.from(hkdfSync('sha256', z, new Uint8Array(32), info, 32));
    return { mac: derive('CTAP2 HMAC key'), aes: derive('CTAP2 AES key') };
  };
  const decrypt = (platform: P256Point, sealed: Uint8Array): string => {
    const iv = protocol === 1 ? new Uint8Array(16) : sealed.subarray(0, 16);
    const body = protocol === 1 ? sealed : sealed.subarray(16);
    const cipher = createDecipheriv('aes-256-cbc', keys(platform).aes, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(body), cipher.final()]).toString('hex');
  };
  const encrypt = (platform: P256Point, plain: Uint8Array): Uint8Array => {
    const iv = protocol === 1 ? new Uint8Array(16) : systemRandom.bytes(16);
    const cipher = createCipheriv('aes-256-cbc', keys(platform).aes, iv).setAutoPadding(false);
    const body = cipher.update(plain);
    return protocol === 1 ? body : concat(iv, body);
  };
  const mac = (macKey: Uint8Array, message: Uint8Array): string =>
    createHmac('sha256', macKey)
      .update(message)
      .digest()
      .subarray(0, protocol === 1 ? 16 : 32)
      .toString('hex');
  return { key, decrypt, encrypt, mac, sharedMac: (platform: P256Point, m: Uint8Array) => mac(keys(platform).mac, m) };
}

const PIN = utf8('1234');

describe('protocol one against published values', () => {
  const published = (): PlatformPinUv =>
    createPlatformPinUv(1, ONE.authenticator, { bytes: () => Uint8Array.from(ONE.scalar) });

  test('the platform’s key', () => {
    const { platformKey } = published();
    expect({ x: toHex(platformKey.x), y: toHex(platformKey.y) }).toEqual(ONE.platform);
  });

  test('the hash of a PIN', () => {
    expect(toHex(published().pinHash(PIN).pinHashEnc)).toBe(ONE.pinHashEnc);
  });

  test('a new PIN', () => {
    const { newPinEnc, pinUvAuthParam } = published().setPin(PIN);
    expect({ newPinEnc: toHex(newPinEnc), pinUvAuthParam: toHex(pinUvAuthParam) }).toEqual(ONE.set);
  });

  test('a PIN changed', () => {
    const { pinHashEnc, ...change } = published().changePin(PIN, utf8('4321'));
    expect(toHex(pinHashEnc)).toBe(ONE.pinHashEnc);
    expect({ newPinEnc: toHex(change.newPinEnc), pinUvAuthParam: toHex(change.pinUvAuthParam) }).toEqual(ONE.change);
  });

  test('the token', () => {
    const pinUv = published();
    pinUv.acceptToken(ONE.tokenEnc);
    const message = utf8('message');
    const mac = createHmac('sha256', ONE.token).update(message).digest('hex').slice(0, 32);
    expect(toHex(pinUv.authenticate(message))).toBe(mac);
  });
});

describe.each([1, 2] as const)('protocol %s', (protocol) => {
  const device = authenticatorHalf(protocol);
  const create = (): PlatformPinUv => createPlatformPinUv(protocol, device.key, systemRandom);

  test('enciphers the hash of a PIN', () => {
    const pinUv = create();
    const hash = createHash('sha256').update(PIN).digest('hex').slice(0, 32);
    expect(device.decrypt(pinUv.platformKey, pinUv.pinHash(PIN).pinHashEnc)).toBe(hash);
  });

  test('sets and changes a PIN', () => {
    const pinUv = create();
    const set = pinUv.setPin(PIN);
    expect(device.decrypt(pinUv.platformKey, set.newPinEnc)).toBe('31323334'.padEnd(128, '0'));
    expect(toHex(set.pinUvAuthParam)).toBe(device.sharedMac(pinUv.platformKey, set.newPinEnc));
    const change = pinUv.changePin(PIN, utf8('65535'));
    expect(device.decrypt(pinUv.platformKey, change.newPinEnc)).toBe('3635353335'.padEnd(128, '0'));
    const both = concat(change.newPinEnc, change.pinHashEnc);
    expect(toHex(change.pinUvAuthParam)).toBe(device.sharedMac(pinUv.platformKey, both));
  });

  test('uses the token for whatever is to be authenticated', () => {
    const pinUv = create();
    expect(() => pinUv.authenticate(PIN)).toThrow(expect.objectContaining({ code: 'PinRequired' }));
    const token = systemRandom.bytes(32);
    pinUv.acceptToken(device.encrypt(pinUv.platformKey, token));
    expect(toHex(pinUv.authenticate(PIN))).toBe(device.mac(token, PIN));
  });

  test.each([0, 15, 24, 48, 64])('refuses a token of %s bytes', (length) => {
    const pinUv = create();
    const sealed =
      length % 16 === 0 ? device.encrypt(pinUv.platformKey, new Uint8Array(length)) : new Uint8Array(length);
    expect(() => pinUv.acceptToken(sealed)).toThrow(expect.objectContaining({ code: 'DeviceFault' }));
  });

  test('hmac-secret with one and two salts', () => {
    const salts = [systemRandom.bytes(32), systemRandom.bytes(32)];
    for (const count of [1, 2]) {
      const pinUv = create();
      const given = salts.slice(0, count);
      const { saltEnc, saltAuth } = pinUv.hmacSecretInput(given);
      expect(device.decrypt(pinUv.platformKey, saltEnc)).toBe(toHex(concat(...given)));
      expect(toHex(saltAuth)).toBe(device.sharedMac(pinUv.platformKey, saltEnc));
      const sealed = device.encrypt(pinUv.platformKey, concat(...given));
      expect(pinUv.hmacSecretOutputs(sealed, count).map(toHex)).toEqual(given.map(toHex));
      expect(() => pinUv.hmacSecretOutputs(sealed, 3 - count)).toThrow(
        expect.objectContaining({ code: 'DeviceFault' }),
      );
    }
    expect(() => create().hmacSecretInput([])).toThrow(RangeError);
    expect(() => create().hmacSecretInput([new Uint8Array(31)])).toThrow(RangeError);
    expect(() => create().hmacSecretOutputs(new Uint8Array(7), 1)).toThrow(
      expect.objectContaining({ code: 'DeviceFault' }),
    );
  });

  test('does nothing once it is wiped', () => {
    const pinUv = create();
    pinUv.acceptToken(device.encrypt(pinUv.platformKey, new Uint8Array(32)));
    pinUv.wipe();
    const uses = [
      () => pinUv.authenticate(PIN),
      () => pinUv.pinHash(PIN),
      () => pinUv.setPin(PIN),
      () => pinUv.acceptToken(new Uint8Array(48)),
      () => pinUv.hmacSecretInput([new Uint8Array(32)]),
      () => pinUv.hmacSecretOutputs(new Uint8Array(48), 1),
    ];
    for (const use of uses) expect(use).toThrow(expect.objectContaining({ code: 'Internal' }));
  });

  test.each([
    ['off the curve', { x: new Uint8Array(32).fill(1), y: new Uint8Array(32).fill(1) }],
    ['nothing', { x: new Uint8Array(32), y: new Uint8Array(32) }],
    ['too short', { x: new Uint8Array(31), y: new Uint8Array(32) }],
    ['above the field', { x: new Uint8Array(32).fill(255), y: new Uint8Array(32).fill(255) }],
  ])('refuses a key that is %s', (_, key) => {
    expect(() => createPlatformPinUv(protocol, key, systemRandom)).toThrow(
      expect.objectContaining({ code: 'DeviceFault' }),
    );
  });
});

test('protocol two never enciphers the same way twice', () => {
  const pinUv = createPlatformPinUv(2, authenticatorHalf(2).key, systemRandom);
  expect(toHex(pinUv.pinHash(PIN).pinHashEnc)).not.toBe(toHex(pinUv.pinHash(PIN).pinHashEnc));
});

describe('a PIN', () => {
  test('fills a block', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 4, maxLength: 12 }), (text) => {
        const normal = Buffer.from(text.normalize('NFC'), 'utf8');
        fc.pre(normal.length <= 63 && normal.at(-1) !== 0);
        const { bytes, block } = padPin(utf8(text));
        expect(toHex(bytes)).toBe(normal.toString('hex'));
        expect(toHex(block)).toBe(normal.toString('hex').padEnd(128, '0'));
      }),
    );
  });

  test('is taken in normal form C', () => {
    expect(toHex(padPin(utf8('pine\u0301')).bytes)).toBe(toHex(utf8('pin\u00e9')));
  });

  test.each([
    ['three characters', utf8('123')],
    ['three characters of many bytes', utf8('🔑🔑🔑')],
    ['64 bytes', utf8('1'.repeat(64))],
    ['a zero at its end', utf8('1234\0')],
    ['no text', fromHex('ff313233')],
    ['nothing', new Uint8Array()],
  ])('is refused: %s', (_, pin) => {
    expect(() => padPin(pin)).toThrow(expect.objectContaining({ code: 'PinPolicy' }));
  });
});
