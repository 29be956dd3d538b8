import { type Cbor, type CborMap, cborMap, encode } from './cbor.ts';
import { PERMISSION } from './client-pin.ts';
import type { Credential } from './credentials.ts';
import { concat, equal, hex } from './emulated-device.ts';
import type { Machine } from './machine.ts';
import { CtapError, Request, STATUS } from './status.ts';

const SUBCOMMAND = {
  getCredsMetadata: 1,
  enumerateRpsBegin: 2,
  enumerateRpsNext: 3,
  enumerateCredentialsBegin: 4,
  enumerateCredentialsNext: 5,
  deleteCredential: 6,
  updateUserInformation: 7,
} as const;

/** Lists that a Begin opened and a Next reads on; any other command ends them. */
export interface Enumerations {
  rps: Credential[];
  credentials: Credential[];
}

export const noEnumerations = (): Enumerations => ({ rps: [], credentials: [] });

/** authenticatorCredentialManagement (CTAP 2.1, section 6.8). */
export function credentialManagement(machine: Machine, bytes: Uint8Array, open: Enumerations): Uint8Array {
  const request = Request.parse(bytes);
  const subcommand = request.number(1);
  if (subcommand === SUBCOMMAND.enumerateRpsNext) return rpOf(next(open.rps));
  if (subcommand === SUBCOMMAND.enumerateCredentialsNext) return credentialOf(next(open.credentials));

  const param = request.optionalBytes(4);
  if (param === undefined) throw new CtapError(STATUS.puatRequired);
  const params = request.raw(2);
  // The request was canonical, so that encoding it again gives the bytes that the platform signed.
  const message = concat(Uint8Array.of(subcommand), params === undefined ? new Uint8Array() : encode(params));
  machine.pin.authorize({
    protocol: request.optionalNumber(3),
    param,
    message,
    permission: PERMISSION.credentialManagement,
  });

  switch (subcommand) {
    case SUBCOMMAND.getCredsMetadata:
      return encode(
        cborMap([
          [1, machine.store.resident().length],
          [2, machine.store.remaining()],
        ]),
      );
    case SUBCOMMAND.enumerateRpsBegin: {
      const seen = new Set<string>();
      open.rps = machine.store.resident().filter(({ rpIdHash }) => {
        const key = hex(rpIdHash);
        return !seen.has(key) && seen.add(key);
      });
      const total = open.rps.length;
      return rpOf(first(open.rps), total);
    }
    case SUBCOMMAND.enumerateCredentialsBegin: {
      open.credentials = machine.store.resident(request.map(2).bytes(1));
      const total = open.credentials.length;
      return credentialOf(first(open.credentials), total);
    }
    case SUBCOMMAND.deleteCredential:
      if (!machine.store.remove(namedIn(machine, request).id)) throw new CtapError(STATUS.noCredentials);
      return new Uint8Array();
    case SUBCOMMAND.updateUserInformation: {
      const credential = namedIn(machine, request);
      const user = request.map(2).map(3);
      if (!equal(user.bytes('id'), credential.user.id)) throw new CtapError(STATUS.invalidParameter);
      credential.user.name = user.optionalText('name');
      credential.user.displayName = user.optionalText('displayName');
      return new Uint8Array();
    }
    default:
      throw new CtapError(STATUS.invalidSubcommand);
  }
}

function first(list: Credential[]): Credential {
  const credential = list.shift();
  if (credential === undefined) throw new CtapError(STATUS.noCredentials);
  return credential;
}

function next(list: Credential[]): Credential {
  const credential = list.shift();
  if (credential === undefined) throw new CtapError(STATUS.notAllowed);
  return credential;
}

function namedIn(machine: Machine, request: Request): Credential {
  const id = request.map(2).map(2).bytes('id');
  const credential = machine.store.resident().find((one) => equal(one.id, id));
  if (credential === undefined) throw new CtapError(STATUS.noCredentials);
  return credential;
}

function rpOf(credential: Credential, total?: number): Uint8Array {
  const rp: CborMap = cborMap([
    ['id', credential.rpId ?? undefined],
    ['name', credential.rpName],
  ]);
  return encode(
    cborMap([
      [3, rp],
      [4, credential.rpIdHash],
      [5, total],
    ]),
  );
}

function credentialOf(credential: Credential, total?: number): Uint8Array {
  const user: Cbor = cborMap([
    ['id', credential.user.id],
    ['name', credential.user.name],
    ['displayName', credential.user.displayName],
  ]);
  return encode(
    cborMap([
      [6, user],
      [
        7,
        cborMap([
          ['id', credential.id],
          ['type', 'public-key'],
        ]),
      ],
      [8, credential.key.cose],
      [9, total],
      [10, credential.protection],
    ]),
  );
}
