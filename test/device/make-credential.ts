import { cborMap, encode } from './cbor.ts';
import { PERMISSION } from './client-pin.ts';
import { type Credential, sha256 } from './credentials.ts';
import { concat } from './emulated-device.ts';
import { FLAG, type Machine } from './machine.ts';
import { isAlgorithm } from './signing-key.ts';
import { CtapError, Request, STATUS } from './status.ts';
import { verifyUserOf } from './user-verification.ts';

interface Extensions {
  hmacSecret: boolean;
  protection: 1 | 2 | 3 | undefined;
}

/** authenticatorMakeCredential (CTAP 2.1, section 6.1). */
export async function makeCredential(machine: Machine, bytes: Uint8Array): Promise<Uint8Array> {
  const request = Request.parse(bytes);
  const clientDataHash = request.bytes(1);
  const rp = request.map(2);
  const user = request.map(3);
  const rpId = rp.text('id');
  const account = {
    id: user.bytes('id'),
    name: user.optionalText('name'),
    displayName: user.optionalText('displayName'),
  };
  const offered = request.list(4).map((one) => ({ type: one.text('type'), algorithm: one.number('alg') }));
  const chosen = offered.find((one) => one.type === 'public-key' && machine.algorithms.includes(one.algorithm));
  if (chosen === undefined || !isAlgorithm(chosen.algorithm)) throw new CtapError(STATUS.unsupportedAlgorithm);
  const { resident, uv } = optionsOf(request.optionalMap(7));
  const extensions = extensionsOf(machine, request.optionalMap(6));
  if (clientDataHash.length !== 32) throw new CtapError(STATUS.invalidLength);

  const withoutPin = !uv && !request.has(8);
  if (machine.pin.isSet && withoutPin && (resident || machine.generation === '2.0'))
    throw new CtapError(STATUS.puatRequired);
  const verified = await verifyUserOf(
    machine,
    request,
    { param: 8, protocol: 9 },
    { up: true, uv, permission: PERMISSION.makeCredential, rpId },
  );
  const rpIdHash = sha256(rpId);
  const excluded = (request.optionalList(5) ?? [])
    .map((one) => machine.store.find(one.bytes('id'), rpIdHash))
    .some((one) => one !== undefined && (one.protection < 3 || verified.userVerified));
  if (!verified.touched) await machine.presence();
  if (excluded) throw new CtapError(STATUS.credentialExcluded);
  machine.pin.clearAfterTouch();

  const credential = machine.store.create({
    rpIdHash,
    rpId,
    rpName: rp.optionalText('name'),
    user: account,
    resident,
    protection: extensions.protection ?? 1,
    hmacSecret: extensions.hmacSecret,
    algorithm: chosen.algorithm,
  });
  const authData = newAuthData(machine, credential, verified.userVerified, extensions);
  const signed = concat(authData, clientDataHash);
  const statement =
    machine.attestation === null
      ? cborMap([
          ['alg', credential.key.algorithm],
          ['sig', credential.key.sign(signed)],
        ])
      : cborMap([
          ['alg', -7],
          ['sig', machine.attestation.sign(signed)],
          ['x5c', [machine.attestation.certificate]],
        ]);
  return encode(
    cborMap([
      [1, 'packed'],
      [2, authData],
      [3, statement],
    ]),
  );
}

function optionsOf(options: Request | undefined): { resident: boolean; uv: boolean } {
  if (options?.optionalFlag('up') === false) throw new CtapError(STATUS.invalidOption);
  return { resident: options?.optionalFlag('rk') ?? false, uv: options?.optionalFlag('uv') ?? false };
}

function extensionsOf(machine: Machine, extensions: Request | undefined): Extensions {
  const protection = machine.extensions.includes('credProtect') ? extensions?.optionalNumber('credProtect') : undefined;
  if (protection !== undefined && protection !== 1 && protection !== 2 && protection !== 3) {
    throw new CtapError(STATUS.invalidParameter);
  }
  const hmacSecret = machine.extensions.includes('hmac-secret') && extensions?.optionalFlag('hmac-secret') === true;
  return { hmacSecret, protection };
}

function newAuthData(
  machine: Machine,
  credential: Credential,
  userVerified: boolean,
  { hmacSecret, protection }: Extensions,
): Uint8Array {
  const outputs = cborMap([
    ['credProtect', protection],
    ['hmac-secret', hmacSecret ? true : undefined],
  ]);
  const flags =
    FLAG.userPresent |
    FLAG.attestedCredential |
    (userVerified ? FLAG.userVerified : 0) |
    (outputs.size > 0 ? FLAG.extensions : 0);
  const length = Uint8Array.of(credential.id.length >> 8, credential.id.length & 0xff);
  return concat(
    credential.rpIdHash,
    Uint8Array.of(flags),
    counterBytes(machine.nextCounter()),
    machine.aaguid,
    length,
    credential.id,
    encode(credential.key.cose),
    outputs.size > 0 ? encode(outputs) : new Uint8Array(),
  );
}

export function counterBytes(counter: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(counter);
  return new Uint8Array(out);
}
