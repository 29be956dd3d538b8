import { concat } from './emulated-device.ts';
import { createSigningKey, ES256 } from './signing-key.ts';

/** The key and certificate that a maker puts into all authenticators of a batch; here made for each emulator. */
export interface Attestation {
  certificate: Uint8Array;
  sign(data: Uint8Array): Uint8Array;
}

/** A certificate as WebAuthn section 8.2.1 wants it: version 3, the four names, no CA. */
export function createAttestation(commonName: string): Attestation {
  const key = createSigningKey(ES256);
  const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const name = sequence(
    attribute([0x55, 0x04, 0x06], printable('CH')),
    attribute([0x55, 0x04, 0x0a], utf8('Emulated')),
    attribute([0x55, 0x04, 0x0b], utf8('Authenticator Attestation')),
    attribute([0x55, 0x04, 0x03], utf8(commonName)),
  );
  const notCa = sequence(sequence(oid(0x55, 0x1d, 0x13), Uint8Array.of(1, 1, 0xff), der(0x04, sequence())));
  const body = sequence(
    der(0xa0, Uint8Array.of(2, 1, 2)),
    Uint8Array.of(2, 1, 1),
    ecdsaWithSha256,
    name,
    sequence(der(0x17, ascii('240101000000Z')), der(0x18, ascii('20740101000000Z'))),
    name,
    new Uint8Array(key.publicKey.export({ type: 'spki', format: 'der' })),
    der(0xa3, notCa),
  );
  const signature = key.sign(body);
  return {
    certificate: sequence(body, ecdsaWithSha256, der(0x03, concat(Uint8Array.of(0), signature))),
    sign: (data) => key.sign(data),
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return concat(Uint8Array.of(tag, ...length), body);
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
const oid = (...bytes: readonly number[]): Uint8Array => der(0x06, Uint8Array.from(bytes));
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf8 = (text: string): Uint8Array => der(0x0c, ascii(text));
const printable = (text: string): Uint8Array => der(0x13, ascii(text));
const attribute = (type: readonly number[], value: Uint8Array): Uint8Array => der(0x31, sequence(oid(...type), value));
