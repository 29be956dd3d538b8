import { equal } from '../crypto/equal.ts';
import type { Answer } from './answer.ts';
import { readAuthData } from './auth-data.ts';
import { cborMap } from './cbor.ts';
import { agreementKey } from './cose-key.ts';
import { credentialDescriptors } from './credential-descriptor.ts';
import { CTAP_COMMAND, ctap2 } from './ctap2.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { deviceFault } from './device-errors.ts';
import type { HmacSecretInput, PinUvAuth } from './pin-uv.ts';

export interface AssertionRequest {
  rpId: string;
  clientDataHash: Uint8Array;
  /** Ids of the credentials that may answer. None: whichever the security key keeps for this relying party. */
  allow: readonly Uint8Array[];
  /** False only asks whether there is such a credential, without a touch. */
  userPresence?: boolean;
  /** Verifies the person at the security key itself (a finger). Not together with `auth`. */
  builtInVerification?: boolean;
  hmacSecret?: HmacSecretInput | null;
  auth?: PinUvAuth | null;
}

/** What `verifyAssertion` takes. */
export interface Assertion {
  credentialId: Uint8Array;
  authData: Uint8Array;
  signature: Uint8Array;
  /** Enciphered for the HSM process; null when the credential has no hmac-secret. */
  hmacSecretEnc: Uint8Array | null;
  /** Of a credential that was found without its id. */
  userId: Uint8Array | null;
}

const REQUEST = {
  rpId: 0x01,
  clientDataHash: 0x02,
  allowList: 0x03,
  extensions: 0x04,
  options: 0x05,
  pinUvAuthParam: 0x06,
  pinUvAuthProtocol: 0x07,
} as const;
const RESPONSE = { credential: 0x01, authData: 0x02, signature: 0x03, user: 0x04, numberOfCredentials: 0x05 } as const;
const HMAC_SECRET = { keyAgreement: 0x01, saltEnc: 0x02, saltAuth: 0x03, pinUvAuthProtocol: 0x04 } as const;
/** No security key keeps more for one relying party. */
const MOST_ASSERTIONS = 256;

/** authenticatorGetAssertion (CTAP 2.1, section 6.2). Waits for a touch. What comes back is not verified here. */
export async function getAssertion(
  channel: CtapHid,
  request: AssertionRequest,
  options?: ExchangeOptions,
): Promise<Assertion> {
  return (await begin(channel, request, options)).first;
}

/** With authenticatorGetNextAssertion (section 6.3): one for each credential that fits, newest first. One touch is for all. */
export async function getAssertions(
  channel: CtapHid,
  request: AssertionRequest,
  options?: ExchangeOptions,
): Promise<Assertion[]> {
  const { first, count } = await begin(channel, request, options);
  if (count > MOST_ASSERTIONS) throw deviceFault('says that it has more credentials than it can have');
  const assertions = [first];
  while (assertions.length < count) {
    const answer = await ctap2(channel, CTAP_COMMAND.getNextAssertion, null, options);
    assertions.push(readAssertion(answer, request.allow));
  }
  return assertions;
}

async function begin(
  channel: CtapHid,
  request: AssertionRequest,
  options: ExchangeOptions | undefined,
): Promise<{ first: Assertion; count: number }> {
  const { rpId, clientDataHash, allow, auth, hmacSecret } = request;
  const wanted = cborMap(
    ['up', request.userPresence === false ? false : undefined],
    ['uv', request.builtInVerification === true ? true : undefined],
  );
  const parameters = cborMap(
    [REQUEST.rpId, rpId],
    [REQUEST.clientDataHash, clientDataHash],
    [REQUEST.allowList, allow.length === 0 ? undefined : credentialDescriptors(allow)],
    [REQUEST.extensions, hmacSecret == null ? undefined : cborMap(['hmac-secret', hmacSecretOf(hmacSecret)])],
    [REQUEST.options, wanted.size === 0 ? undefined : wanted],
    [REQUEST.pinUvAuthParam, await auth?.authenticate(clientDataHash)],
    [REQUEST.pinUvAuthProtocol, auth?.protocol],
  );
  const answer = await ctap2(channel, CTAP_COMMAND.getAssertion, parameters, options);
  return { first: readAssertion(answer, allow), count: answer.maybeNumber(RESPONSE.numberOfCredentials) ?? 1 };
}

function hmacSecretOf({ protocol, platformKey, saltEnc, saltAuth }: HmacSecretInput) {
  return cborMap(
    [HMAC_SECRET.keyAgreement, agreementKey(platformKey)],
    [HMAC_SECRET.saltEnc, saltEnc],
    [HMAC_SECRET.saltAuth, saltAuth],
    // Keys of CTAP 2.0 know protocol one alone and no such member.
    [HMAC_SECRET.pinUvAuthProtocol, protocol === 1 ? undefined : protocol],
  );
}

function readAssertion(answer: Answer, allow: readonly Uint8Array[]): Assertion {
  const authData = answer.bytes(RESPONSE.authData).slice();
  const data = readAuthData(authData);
  if (data === null) throw deviceFault('sent an assertion that is none');
  const hmacSecretEnc = data.extensions?.get('hmac-secret');
  return {
    authData,
    credentialId: credentialOf(answer, allow).slice(),
    signature: answer.bytes(RESPONSE.signature).slice(),
    hmacSecretEnc: hmacSecretEnc instanceof Uint8Array ? hmacSecretEnc.slice() : null,
    userId: answer.maybeMap(RESPONSE.user)?.maybeBytes('id')?.slice() ?? null,
  };
}

/** A security key may leave out which credential it was when it was given one alone. */
function credentialOf(answer: Answer, allow: readonly Uint8Array[]): Uint8Array {
  const [only, ...more] = allow;
  const named = answer.maybeMap(RESPONSE.credential)?.bytes('id') ?? (more.length === 0 ? only : undefined);
  if (named === undefined) throw deviceFault('does not say which credential it used');
  if (allow.length > 0 && !allow.some((id) => equal(id, named))) throw deviceFault('used a credential of another');
  return named;
}
