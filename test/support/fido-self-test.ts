import { toHex, utf8 } from '../../src/core/crypto/bytes.ts';
import { createPlatformPinUv } from '../../src/core/crypto/pin-uv-protocol.ts';
import { systemRandom } from '../../src/core/crypto/random.ts';
import { readCoseKey } from '../../src/core/fido/cose-key.ts';
import { verifyAssertion } from '../../src/core/fido/verify-assertion.ts';
import { verifyRegistration } from '../../src/core/fido/verify-registration.ts';
import { PIN_PROTOCOL_ONE } from '../core/fido/vectors.ts';
import { coseWithPoint, softCredential } from './soft-credential.ts';

type Check = (what: string, run: () => boolean) => Promise<void>;

const rpId = 'keyhold.test';
const clientDataHash = new Uint8Array(32).fill(1);
const given = { rpId, clientDataHash, requireUserVerification: false };

/** What security keys need of the crypto library, for `algorithms-self-test.ts`. */
export async function checkFido(check: Check): Promise<void> {
  for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
    const credential = softCredential(algorithm);
    const { publicKey } = credential;
    const assertion = credential.assert({ rpId, clientDataHash });
    const other = assertion.authData.with(36, 1);
    const asked = { ...given, ...assertion, publicKey, signCount: 0 };
    await check(`FIDO ${algorithm}`, () => verifyAssertion(asked).verified);
    await check(`FIDO ${algorithm}, another`, () => !verifyAssertion({ ...asked, authData: other }).verified);
    await check(`FIDO ${algorithm}, enrolled`, () => {
      return verifyRegistration({ ...given, ...credential.register({ rpId, clientDataHash }) }).verified;
    });
  }
  const off = coseWithPoint(new Uint8Array(32).fill(1), new Uint8Array(32).fill(1));
  await check('FIDO, a key off the curve', () => readCoseKey(off) === null);

  const { authenticator, scalar, pinHashEnc, set } = PIN_PROTOCOL_ONE;
  const published = createPlatformPinUv(1, authenticator, { bytes: () => Uint8Array.from(scalar) });
  await check('PIN protocol 1', () => toHex(published.pinHash(utf8('1234')).pinHashEnc) === pinHashEnc);
  await check('PIN protocol 1, a new PIN', () => toHex(published.setPin(utf8('1234')).newPinEnc) === set.newPinEnc);
  const platform = createPlatformPinUv(2, authenticator, systemRandom);
  await check('PIN protocol 2', () => {
    const salt = systemRandom.bytes(32);
    // Enciphered and deciphered with the same key: the device would do no other.
    const [back] = platform.hmacSecretOutputs(platform.hmacSecretInput([salt]).saltEnc, 1);
    return back !== undefined && toHex(back) === toHex(salt);
  });
  await check('PIN protocols, a key off the curve', () => {
    try {
      createPlatformPinUv(2, { x: new Uint8Array(32).fill(1), y: new Uint8Array(32).fill(1) }, systemRandom);
      return false;
    } catch {
      return true;
    }
  });
}
