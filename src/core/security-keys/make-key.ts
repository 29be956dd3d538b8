import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Attestation } from '../fido/attestation.ts';
import { makeCredential, type NewCredential } from '../fido/make-credential.ts';
import { KEYHOLD_RP_ID } from '../fido/rp-id.ts';
import { u2fRegister } from '../fido/u2f.ts';
import { verifyRegistration } from '../fido/verify-registration.ts';
import type { Hsm } from '../hsm/protocol.ts';
import type { PluggedIn } from './devices.ts';
import { type FidoKey, touching, withFidoKey } from './fido-key.ts';
import {
  alwaysVerifies,
  alwaysWantsPin,
  beginPinUv,
  endPinUv,
  type Verified,
  verification,
  verifyPerson,
} from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

const USER_ID_BYTES = 16;
const HASH_BYTES = 32;
/**
 * Found without its id only by its verified person (CTAP 2.1, section 12.1). Not 3, which answers to nobody else at all: the same credential opens gates by a touch alone, and is
 * looked for without one.
 */
const CREDENTIAL_PROTECTION = 2 as const;

export interface NewKeyRequest {
  name: string;
  pin?: Sealed;
  /** False: a touch alone. Undefined: with verification where the device can. */
  userVerification: boolean | undefined;
  /** Credentials that the vault knows already. */
  exclude: readonly Uint8Array[];
}

export interface MadeKey {
  kind: 'fido2' | 'u2f';
  credentialId: Uint8Array;
  publicKey: Uint8Array;
  /** As the device sent it: what the HSM process reads the credential from. */
  authData: Uint8Array;
  aaguid: string | null;
  attestation: string;
  uv: boolean;
  /** The device does nothing for a touch alone: no gate can use it. */
  alwaysPin: boolean;
  hmacSecret: boolean;
  signCount: number;
}

/** A new credential on the device. It is not kept there (no resident key): its id is in the vault, and a key that is found tells nobody whose it is. */
export async function makeKey(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  request: NewKeyRequest,
): Promise<MadeKey> {
  return withFidoKey(keys, use, device, async (key) => {
    const clientDataHash = keys.ports.random.bytes(HASH_BYTES);
    const uv = request.userVerification ?? (key.info !== null && verification(key.info) !== null);
    const made =
      key.info === null
        ? await makeU2f(keys, use, key, clientDataHash, request)
        : await makeFido2(keys, hsm, use, key, clientDataHash, { ...request, uv });
    use.asked();
    const verdict = verifyRegistration({
      rpId: KEYHOLD_RP_ID,
      authData: made.authData,
      clientDataHash,
      format: made.format,
      statement: made.statement,
      requireUserVerification: key.info !== null && uv,
    });
    if (!verdict.verified) {
      throw new KeyholdError(
        'DeviceFault',
        `What ${device.name} answered does not verify (${verdict.flaw}). Nothing was enrolled; try again or use another one.`,
      );
    }
    return {
      kind: key.info === null ? 'u2f' : 'fido2',
      credentialId: verdict.credentialId,
      publicKey: verdict.publicKey,
      authData: made.authData,
      aaguid: key.info === null ? null : toHex(verdict.aaguid),
      attestation: inWords(verdict.attestation),
      uv: verdict.userVerified,
      alwaysPin: key.info !== null && alwaysWantsPin(key.info),
      hmacSecret: made.hmacSecret,
      signCount: verdict.signCount,
    };
  });
}

async function makeFido2(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  key: FidoKey,
  clientDataHash: Uint8Array,
  { name, pin, uv, exclude }: NewKeyRequest & { uv: boolean },
): Promise<NewCredential> {
  const { info } = key;
  if (info === null) throw new KeyholdError('Internal', 'A U2F key was taken for a FIDO2 one. Try again.');
  // A device that has a PIN wants it for a new credential, unless it says otherwise.
  const verifies =
    uv || alwaysVerifies(info) || (verification(info) !== null && info.options.get('makeCredUvNotRqd') !== true);
  const session = verifies ? await beginPinUv(hsm, key, info, use) : null;
  try {
    const sealed = pin === undefined ? {} : { pin };
    const person: Verified =
      session === null
        ? {}
        : await verifyPerson(hsm, key, info, use, session, {
            ...{ permissions: ['makeCredential'], rpId: KEYHOLD_RP_ID, ...sealed },
          });
    const request = {
      clientDataHash,
      rp: { id: KEYHOLD_RP_ID, name: 'Keyhold' },
      user: { id: keys.ports.random.bytes(USER_ID_BYTES), name, displayName: name },
      exclude,
      hmacSecret: info.extensions.includes('hmac-secret'),
      ...(info.extensions.includes('credProtect') ? { credProtect: CREDENTIAL_PROTECTION } : {}),
      ...person,
    };
    return await makeCredential(key.channel, request, touching(use, key.device));
  } finally {
    if (session !== null) await endPinUv(keys, hsm, session.handle);
  }
}

async function makeU2f(
  keys: SecurityKeys,
  use: KeyUse,
  { channel, device }: FidoKey,
  clientDataHash: Uint8Array,
  { userVerification, exclude }: NewKeyRequest,
): Promise<NewCredential> {
  if (userVerification === true) {
    throw new KeyholdError(
      'DeviceUnsupported',
      `${device.name} is of the older kind (U2F), which has no PIN. Enrol it for a touch alone.`,
    );
  }
  const request = { rpId: KEYHOLD_RP_ID, clientDataHash, exclude };
  return u2fRegister(channel, keys.ports.clock, request, touching(use, device));
}

function inWords({ format, type, certificate }: Attestation): string {
  if (certificate !== null) return `${format}, ${type}: ${certificate.subject.replaceAll(/\s+/g, ' ').slice(0, 200)}`;
  return type === 'none' ? 'none' : `${format}, ${type}`;
}
