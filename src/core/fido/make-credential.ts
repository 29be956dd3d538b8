import { readAuthData } from './auth-data.ts';
import { cborMap, encodeCbor } from './cbor.ts';
import { COSE_ALGORITHM, type CoseAlgorithm } from './cose-key.ts';
import { credentialDescriptors } from './credential-descriptor.ts';
import { CTAP_COMMAND, ctap2 } from './ctap2.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { deviceFault } from './device-errors.ts';
import { type ListLimits, narrowExcludeList } from './exclude-list.ts';
import type { PinUvAuth } from './pin-uv.ts';

export interface CredentialRequest {
  clientDataHash: Uint8Array;
  rp: { id: string; name: string };
  user: { id: Uint8Array; name: string; displayName: string };
  /** The most wanted first. ES256 alone unless told otherwise, which every security key has. */
  algorithms?: readonly CoseAlgorithm[];
  /** Credentials, one of which makes the security key answer `CredentialExcluded`. */
  exclude?: readonly Uint8Array[];
  /** What the security key says of lists of credentials, for an `exclude` that may be longer than it takes. */
  limits?: ListLimits;
  /** Kept on the security key, so that it is found without its id. */
  residentKey?: boolean;
  /** Verifies the person at the security key itself (a finger). Not together with `auth`. */
  builtInVerification?: boolean;
  hmacSecret?: boolean;
  /** 1: no verification needed; 2: needed unless the id is known; 3: always needed. */
  credProtect?: 1 | 2 | 3;
  auth?: PinUvAuth | null;
}

/** What `verifyRegistration` takes. */
export interface NewCredential {
  format: string;
  /** The attestation statement as CBOR. */
  statement: Uint8Array;
  authData: Uint8Array;
  credentialId: Uint8Array;
  /** Whether the security key has made it one with hmac-secret. */
  hmacSecret: boolean;
}

const REQUEST = {
  clientDataHash: 0x01,
  rp: 0x02,
  user: 0x03,
  pubKeyCredParams: 0x04,
  excludeList: 0x05,
  extensions: 0x06,
  options: 0x07,
  pinUvAuthParam: 0x08,
  pinUvAuthProtocol: 0x09,
} as const;
const RESPONSE = { format: 0x01, authData: 0x02, statement: 0x03 } as const;

/** authenticatorMakeCredential (CTAP 2.1, section 6.1). Waits for a touch. What comes back is not verified here. */
export async function makeCredential(
  channel: CtapHid,
  request: CredentialRequest,
  options?: ExchangeOptions,
): Promise<NewCredential> {
  const { clientDataHash, rp, user, auth, algorithms = ['ES256'], limits } = request;
  const asked = request.exclude ?? [];
  const exclude = limits === undefined ? asked : await narrowExcludeList(channel, limits, rp.id, asked, options);
  const extensions = cborMap(
    ['credProtect', request.credProtect],
    ['hmac-secret', request.hmacSecret === true ? true : undefined],
  );
  const wanted = cborMap(
    ['rk', request.residentKey === true ? true : undefined],
    ['uv', request.builtInVerification === true ? true : undefined],
  );
  const parameters = cborMap(
    [REQUEST.clientDataHash, clientDataHash],
    [REQUEST.rp, cborMap(['id', rp.id], ['name', rp.name])],
    [REQUEST.user, cborMap(['id', user.id], ['name', user.name], ['displayName', user.displayName])],
    [
      REQUEST.pubKeyCredParams,
      algorithms.map((name) => cborMap(['alg', COSE_ALGORITHM[name]], ['type', 'public-key'])),
    ],
    [REQUEST.excludeList, exclude.length === 0 ? undefined : credentialDescriptors(exclude)],
    [REQUEST.extensions, extensions.size === 0 ? undefined : extensions],
    [REQUEST.options, wanted.size === 0 ? undefined : wanted],
    [REQUEST.pinUvAuthParam, await auth?.authenticate(clientDataHash)],
    [REQUEST.pinUvAuthProtocol, auth?.protocol],
  );
  const answer = await ctap2(channel, CTAP_COMMAND.makeCredential, parameters, options);
  const authData = answer.bytes(RESPONSE.authData).slice();
  const data = readAuthData(authData);
  if (data?.credential == null) throw deviceFault('sent a credential that is none');
  return {
    authData,
    format: answer.text(RESPONSE.format),
    // The format `none` has none.
    statement: encodeCbor(answer.maybeMap(RESPONSE.statement)?.members ?? cborMap()),
    credentialId: data.credential.credentialId.slice(),
    hmacSecret: data.extensions?.get('hmac-secret') === true,
  };
}
