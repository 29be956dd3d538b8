import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, toHex } from '../../../src/core/crypto/bytes.ts';
import { readAttestation } from '../../../src/core/fido/attestation.ts';
import { readAuthData } from '../../../src/core/fido/auth-data.ts';
import { type CborValue, cborMap, decodeCbor, encodeCbor } from '../../../src/core/fido/cbor.ts';
import { readCoseKey } from '../../../src/core/fido/cose-key.ts';
import { type AssertionToVerify, verifyAssertion } from '../../../src/core/fido/verify-assertion.ts';
import { type RegistrationToVerify, verifyRegistration } from '../../../src/core/fido/verify-registration.ts';
import { coseOf, FLAG, type SoftAlgorithm, softCredential } from '../../support/soft-credential.ts';
import { PACKED_CLIENT_DATA_HASH, PACKED_RESPONSE } from './vectors.ts';

const rpId = 'keyhold.local';
const clientDataHash = new Uint8Array(32).fill(7);
const ALGORITHMS: readonly SoftAlgorithm[] = ['ES256', 'EdDSA', 'RS256'];

function assertionOf(
  credential: ReturnType<typeof softCredential>,
  options: { flags?: number; signCount?: number; before?: number; extensions?: ReturnType<typeof cborMap> } = {},
): AssertionToVerify {
  const { before = 0, ...rest } = options;
  const made = credential.assert({ rpId, clientDataHash, ...rest });
  const { publicKey } = credential;
  return { rpId, publicKey, clientDataHash, signCount: before, requireUserVerification: false, ...made };
}

describe('an assertion', () => {
  test.each(ALGORITHMS)('by %s is verified', (algorithm) => {
    const assertion = assertionOf(softCredential(algorithm), { signCount: 5, before: 4 });
    expect(verifyAssertion(assertion)).toEqual({
      verified: true,
      signCount: 5,
      userVerified: false,
      extensions: null,
    });
  });

  test('tells whether the person was verified, and its extensions', () => {
    const extensions = cborMap(['hmac-secret', new Uint8Array(48)]);
    const verdict = verifyAssertion(assertionOf(softCredential(), { flags: FLAG.UP | FLAG.UV, extensions }));
    expect(verdict).toEqual({ verified: true, signCount: 0, userVerified: true, extensions });
  });

  test.each([
    [0, 0, true],
    [0, 1, true],
    [7, 8, true],
    [0xffff_fffe, 0xffff_ffff, true],
    [1, 0, false],
    [7, 7, false],
    [7, 6, false],
  ])('with counter %s before and %s now: %s', (before, signCount, fine) => {
    const verdict = verifyAssertion(assertionOf(softCredential(), { before, signCount }));
    expect(verdict).toMatchObject(fine ? { verified: true, signCount } : { verified: false, flaw: 'Cloned' });
  });

  const credential = softCredential();
  const good = assertionOf(credential, { before: 3, signCount: 4 });
  const wrong: readonly (readonly [string, Partial<AssertionToVerify>, string])[] = [
    ['for another relying party', { rpId: 'keyhold.loca1' }, 'RpIdHash'],
    ['of another challenge', { clientDataHash: new Uint8Array(32) }, 'Signature'],
    ['of a short challenge', { clientDataHash: new Uint8Array(31) }, 'Malformed'],
    ['by another key', { publicKey: softCredential().publicKey }, 'Signature'],
    ['by a key of another kind', { publicKey: softCredential('EdDSA').publicKey }, 'Signature'],
    ['by no key', { publicKey: new Uint8Array() }, 'PublicKey'],
    ['without a signature', { signature: new Uint8Array() }, 'Signature'],
    ['without verification of the person', { requireUserVerification: true }, 'UserNotVerified'],
    ['without a touch', assertionOf(credential, { flags: 0, signCount: 4 }), 'UserNotPresent'],
    ['with verification alone', assertionOf(credential, { flags: FLAG.UV, signCount: 4 }), 'UserNotPresent'],
    ['backed up without being able to', assertionOf(credential, { flags: FLAG.UP | FLAG.BS }), 'Malformed'],
    ['that says it has extensions', assertionOf(credential, { flags: FLAG.UP | FLAG.ED }), 'Malformed'],
    ['that registers', { authData: credential.register({ rpId, clientDataHash }).authData }, 'Malformed'],
    ['with bytes behind', { authData: concat(good.authData, Uint8Array.of(0)) }, 'Malformed'],
    ['cut off', { authData: good.authData.subarray(0, 36) }, 'Malformed'],
    ['signed by a clone', { signCount: 9 }, 'Cloned'],
  ];

  test.each(wrong)('%s is refused', (_, change, flaw) => {
    expect(verifyAssertion({ ...good, ...change })).toEqual({ verified: false, flaw });
  });

  test('no flipped bit of it is taken', () => {
    const parts = ['authData', 'signature', 'clientDataHash', 'publicKey'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.nat(), fc.integer({ min: 0, max: 7 }), (part, at, bit) => {
        const bytes = good[part].slice();
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        expect(verifyAssertion({ ...good, [part]: bytes }).verified).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a registration', () => {
  function registrationOf(credential = softCredential(), flags?: number): RegistrationToVerify {
    const made = credential.register({ rpId, clientDataHash, signCount: 1, ...(flags === undefined ? {} : { flags }) });
    return { rpId, clientDataHash, requireUserVerification: false, ...made };
  }

  test.each(ALGORITHMS)('by %s is verified', (algorithm) => {
    const credential = softCredential(algorithm);
    expect(verifyRegistration(registrationOf(credential))).toEqual({
      verified: true,
      algorithm,
      credentialId: credential.credentialId,
      publicKey: credential.publicKey,
      aaguid: new Uint8Array(16),
      signCount: 1,
      userVerified: false,
      extensions: null,
      attestation: { format: 'packed', type: 'self', certificate: null },
    });
  });

  test('needs no attestation', () => {
    const none = { ...registrationOf(), format: 'none', statement: encodeCbor(cborMap()) };
    expect(verifyRegistration(none)).toMatchObject({ verified: true, attestation: { type: 'none' } });
    const unknown = { ...registrationOf(), format: 'tpm' };
    expect(verifyRegistration(unknown)).toMatchObject({ verified: true, attestation: { type: 'unknown' } });
  });

  const good = registrationOf();
  const selfBy = (alg: number, sig: CborValue) => ({ statement: encodeCbor(cborMap(['alg', alg], ['sig', sig])) });
  const wrong: readonly (readonly [string, Partial<RegistrationToVerify>, string])[] = [
    ['for another relying party', { rpId: 'example.com' }, 'RpIdHash'],
    ['of another challenge', { clientDataHash: new Uint8Array(32) }, 'Attestation'],
    ['without a touch', registrationOf(softCredential(), 0), 'UserNotPresent'],
    ['without verification of the person', { requireUserVerification: true }, 'UserNotVerified'],
    ['without a credential', softCredential().assert({ rpId, clientDataHash }), 'Malformed'],
    ['with a wrong self attestation', selfBy(-7, new Uint8Array(70)), 'Attestation'],
    ['with a self attestation of another algorithm', selfBy(-8, new Uint8Array(64)), 'Attestation'],
    ['with a self attestation without bytes', selfBy(-7, 'text'), 'Attestation'],
    ['with a statement that is no map', { statement: encodeCbor([]) }, 'Attestation'],
    ['with a statement that is no CBOR', { statement: new Uint8Array() }, 'Attestation'],
    ['with a statement of no attestation', { format: 'none' }, 'Attestation'],
    ['with the statement of another', { format: 'fido-u2f' }, 'Attestation'],
  ];

  test.each(wrong)('%s is refused', (_, change, flaw) => {
    expect(verifyRegistration({ ...good, ...change })).toEqual({ verified: false, flaw });
  });

  test('of a real key, with the certificate of its maker', () => {
    const answer = decodeCbor(PACKED_RESPONSE);
    if (!answer.ok || !(answer.value instanceof Map)) throw new Error('not CBOR');
    const authData = answer.value.get(2);
    const statement = answer.value.get(3);
    if (!(authData instanceof Uint8Array) || !(statement instanceof Map)) throw new Error('not a registration');
    const data = readAuthData(authData);
    const publicKey = readCoseKey(data?.credential?.publicKey ?? new Uint8Array());
    if (data?.credential == null || publicKey === null) throw new Error('not a credential');
    expect(toHex(data.credential.aaguid)).toBe('f8a011f38c0a4d15800617111f9edc7d');
    const read = (change: Record<string, CborValue>, aaguid = data.credential?.aaguid ?? new Uint8Array()) =>
      readAttestation({
        format: 'packed',
        statement: encodeCbor(cborMap(...new Map([...statement, ...Object.entries(change)]))),
        authData,
        rpIdHash: data.rpIdHash,
        clientDataHash: PACKED_CLIENT_DATA_HASH,
        credential: { aaguid, credentialId: new Uint8Array(), publicKey: new Uint8Array() },
        publicKey,
      });
    expect(read({})).toMatchObject({
      type: 'basic',
      certificate: { subject: expect.stringContaining('CN=Yubico U2F EE Serial 489763597') },
    });
    expect(read({ sig: new Uint8Array(70) })).toBeNull();
    expect(read({}, new Uint8Array(16))).toBeNull();
    expect(read({ x5c: [new Uint8Array(3)] })).toMatchObject({ type: 'unknown' });
    expect(read({ alg: -65_535 })).toMatchObject({ type: 'unknown' });
  });
});

describe('a COSE key', () => {
  const ec = coseOf('ES256', generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
  const ed = coseOf('EdDSA', generateKeyPairSync('ed25519').publicKey);
  const rsa = coseOf('RS256', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
  const change = (map: Map<number, CborValue>, key: number, value?: CborValue): Uint8Array => {
    const changed = new Map(map);
    if (value === undefined) changed.delete(key);
    else changed.set(key, value);
    return encodeCbor(changed);
  };

  test.each([
    ['of another type', change(ec, 1, 1)],
    ['of another curve', change(ec, -1, 2)],
    ['of no algorithm', change(ec, 3)],
    ['of an unknown algorithm', change(ec, 3, -47)],
    ['for key agreement', change(ec, 3, -25)],
    ['off the curve', change(ec, -3, new Uint8Array(32).fill(1))],
    ['of short coordinates', change(ec, -2, new Uint8Array(31))],
    ['of a sign instead of a coordinate', change(ec, -3, true)],
    ['with something more', change(ec, 4, 1)],
    ['Ed25519 of 33 bytes', change(ed, -2, new Uint8Array(33))],
    ['Ed25519 of another curve', change(ed, -1, 7)],
    ['Ed25519 with something more', change(ed, 2, 1)],
    ['RSA of 1024 bits', change(rsa, -1, new Uint8Array(128).fill(255))],
    ['RSA with a leading zero', change(rsa, -1, new Uint8Array(257).fill(255, 1))],
    ['RSA of 8192 bits', change(rsa, -1, new Uint8Array(1024).fill(255))],
    ['RSA with the exponent 1', change(rsa, -2, Uint8Array.of(1))],
    ['RSA with an even exponent', change(rsa, -2, Uint8Array.of(1, 0, 0))],
    ['RSA without an exponent', change(rsa, -2, new Uint8Array())],
    ['that is no map', encodeCbor([])],
  ])('%s is refused', (_, encoded) => {
    expect(readCoseKey(encoded)).toBeNull();
  });
});
