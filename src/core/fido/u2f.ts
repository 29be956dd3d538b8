import type { KeyholdError } from '../../contract/errors.ts';
import { concat, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { Clock } from '../ports.ts';
import { cborMap, encodeCbor } from './cbor.ts';
import { es256Key } from './cose-key.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { credentialExcluded, deviceFault, deviceUnsupported, noCredential, touchTimeout } from './device-errors.ts';
import type { Assertion } from './get-assertion.ts';
import type { NewCredential } from './make-credential.ts';
import { sleep } from './sleep.ts';

/**
 * CTAP1/U2F (FIDO U2F Raw Message Formats 1.2; CTAP 2.1, section 7), for security keys from before CTAP2. What they answer is put into CTAP2's form, so that
 * one verification serves both; the bytes that they sign stay the same.
 */

const INSTRUCTION = { register: 0x01, authenticate: 0x02, version: 0x03 } as const;
const CONTROL = { none: 0x00, enforceTouch: 0x03, checkOnly: 0x07 } as const;
const STATUS = { ok: 0x9000, touchNeeded: 0x6985, unknownHandle: 0x6a80, unknownInstruction: 0x6d00 } as const;
const HASH_BYTES = 32;
const POINT_BYTES = 65;
const COORDINATE_BYTES = 32;
const AAGUID_BYTES = 16;
const REGISTERED = 0x05;
const MOST_HANDLE_BYTES = 255;
const FLAG_UP = 0x01;
const FLAG_AT = 0x40;
const SHORTEST_ASSERTION = 6;

/** What such a key says to a touch that has not come: the same question again. */
const POLL_MS = 200;
const LIMIT_MS = 30_000;

export interface U2fRequest {
  rpId: string;
  /** 32 bytes. */
  clientDataHash: Uint8Array;
}

/** `U2F_V2` for every one that there is. */
export async function u2fVersion(channel: CtapHid, options?: ExchangeOptions): Promise<string> {
  const { status, data } = await apdu(channel, INSTRUCTION.version, CONTROL.none, new Uint8Array(), options);
  if (status !== STATUS.ok) throw unexpected(status);
  return new TextDecoder('utf-8').decode(data);
}

/** U2F_REGISTER, with a touch. `CredentialExcluded` when the key has made one of `exclude`. */
export async function u2fRegister(
  channel: CtapHid,
  clock: Clock,
  request: U2fRequest & { exclude?: readonly Uint8Array[] },
  options: ExchangeOptions = {},
): Promise<NewCredential> {
  const rpIdHash = sha256(utf8(request.rpId));
  if ((await u2fFind(channel, request.rpId, request.exclude ?? [], options)) !== null) {
    throw credentialExcluded();
  }
  const data = concat(request.clientDataHash, rpIdHash);
  const answer = await untilTouched(clock, options, () =>
    apdu(channel, INSTRUCTION.register, CONTROL.none, data, options),
  );
  return readRegistration(answer, rpIdHash);
}

/** Which of these credentials the key has made, without a touch; null when none. */
export async function u2fFind(
  channel: CtapHid,
  rpId: string,
  credentialIds: readonly Uint8Array[],
  options?: ExchangeOptions,
): Promise<Uint8Array | null> {
  const rpIdHash = sha256(utf8(rpId));
  for (const id of credentialIds) {
    if (id.length > MOST_HANDLE_BYTES) continue;
    const data = concat(new Uint8Array(HASH_BYTES), rpIdHash, Uint8Array.of(id.length), id);
    const { status } = await apdu(channel, INSTRUCTION.authenticate, CONTROL.checkOnly, data, options);
    if (status === STATUS.touchNeeded) return id;
    if (status === STATUS.unknownInstruction) throw deviceUnsupported('do this');
  }
  return null;
}

/** U2F_AUTHENTICATE, with a touch. `NoCredential` when the key has made none of `allow`. */
export async function u2fAuthenticate(
  channel: CtapHid,
  clock: Clock,
  request: U2fRequest & { allow: readonly Uint8Array[] },
  options: ExchangeOptions = {},
): Promise<Assertion> {
  const credentialId = await u2fFind(channel, request.rpId, request.allow, options);
  if (credentialId === null) throw noCredential();
  const rpIdHash = sha256(utf8(request.rpId));
  const data = concat(request.clientDataHash, rpIdHash, Uint8Array.of(credentialId.length), credentialId);
  const answer = await untilTouched(clock, options, () =>
    apdu(channel, INSTRUCTION.authenticate, CONTROL.enforceTouch, data, options),
  );
  if (answer.length < SHORTEST_ASSERTION) throw deviceFault('sent an assertion that is none');
  return {
    credentialId: credentialId.slice(),
    // User presence and counter as they were signed: authenticator data of CTAP2 begins the same way.
    authData: concat(rpIdHash, answer.subarray(0, 5)),
    signature: answer.slice(5),
    hmacSecretEnc: null,
    userId: null,
  };
}

/** The answer of U2F_REGISTER (section 4.3) as a credential with an attestation of the format fido-u2f. */
export function readRegistration(answer: Uint8Array, rpIdHash: Uint8Array): NewCredential {
  const handleLength = answer[1 + POINT_BYTES];
  const handleAt = 2 + POINT_BYTES;
  if (answer[0] !== REGISTERED || answer[1] !== 4 || handleLength === undefined || handleLength === 0) {
    throw notARegistration();
  }
  const certificateAt = handleAt + handleLength;
  const signatureAt = certificateAt + derLength(answer, certificateAt);
  if (signatureAt >= answer.length) throw notARegistration();
  const point = answer.subarray(1, 1 + POINT_BYTES);
  const credentialId = answer.slice(handleAt, certificateAt);
  const publicKey = encodeCbor(
    es256Key({ x: point.subarray(1, 1 + COORDINATE_BYTES), y: point.subarray(1 + COORDINATE_BYTES) }),
  );
  const authData = concat(
    rpIdHash,
    Uint8Array.of(FLAG_UP | FLAG_AT, 0, 0, 0, 0),
    new Uint8Array(AAGUID_BYTES),
    Uint8Array.of(0, handleLength),
    credentialId,
    publicKey,
  );
  const statement = encodeCbor(
    cborMap(['sig', answer.subarray(signatureAt)], ['x5c', [answer.subarray(certificateAt, signatureAt)]]),
  );
  return { format: 'fido-u2f', statement, authData, credentialId, hmacSecret: false };
}

/** How long the DER SEQUENCE at this place is, its head included. */
function derLength(bytes: Uint8Array, at: number): number {
  const [tag, first, high, low] = bytes.subarray(at, at + 4);
  // A certificate is longer than 255 bytes and shorter than 64 KiB.
  if (tag !== 0x30 || first !== 0x82 || high === undefined || low === undefined) throw notARegistration();
  return 4 + high * 256 + low;
}

async function untilTouched(
  clock: Clock,
  options: ExchangeOptions,
  ask: () => Promise<{ status: number; data: Uint8Array }>,
): Promise<Uint8Array> {
  const until = clock.monotonic() + (options.limitMs ?? LIMIT_MS);
  for (let told = false; ; told = true) {
    const { status, data } = await ask();
    if (status === STATUS.ok) return data;
    if (status !== STATUS.touchNeeded) throw unexpected(status);
    if (!told) options.onStatus?.('touch');
    if (clock.monotonic() >= until) throw touchTimeout();
    await sleep(clock, POLL_MS, options.signal);
  }
}

/** One APDU in the extended form (section 3.1.2), and the status at the end of its answer. */
async function apdu(
  channel: CtapHid,
  instruction: number,
  control: number,
  data: Uint8Array,
  options: ExchangeOptions | undefined,
): Promise<{ status: number; data: Uint8Array }> {
  if (!channel.capabilities.msg) throw deviceUnsupported('speak U2F');
  const length = Uint8Array.of(0, data.length >> 8, data.length & 0xff);
  const request = concat(Uint8Array.of(0, instruction, control, 0), length, data, Uint8Array.of(0, 0));
  const answer = await channel.msg(request, { signal: options?.signal });
  const [high, low] = answer.subarray(-2);
  if (high === undefined || low === undefined) throw deviceFault('sent an empty answer');
  return { status: high * 256 + low, data: answer.subarray(0, -2) };
}

function unexpected(status: number): KeyholdError {
  if (status === STATUS.unknownInstruction) return deviceUnsupported('do this');
  if (status === STATUS.unknownHandle) return deviceFault('forgot a credential that it just knew');
  return deviceFault(`failed with the error 0x${status.toString(16)}`);
}

function notARegistration(): KeyholdError {
  return deviceFault('sent a registration that is none');
}
