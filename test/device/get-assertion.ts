import { createHmac } from 'node:crypto';
import { type Cbor, cborMap, encode } from './cbor.ts';
import { PERMISSION } from './client-pin.ts';
import { type Credential, sha256 } from './credentials.ts';
import { concat } from './emulated-device.ts';
import { FLAG, type Machine } from './machine.ts';
import { counterBytes } from './make-credential.ts';
import { CtapError, Request, STATUS } from './status.ts';
import { verifyUserOf } from './user-verification.ts';

/** What getNextAssertion goes on with. */
export interface Pending {
  left: Credential[];
  sign(credential: Credential): Uint8Array;
}

/** authenticatorGetAssertion (CTAP 2.1, section 6.2); `keep` takes what is left for getNextAssertion. */
export async function getAssertion(
  machine: Machine,
  bytes: Uint8Array,
  keep: (pending: Pending) => void,
): Promise<Uint8Array> {
  const request = Request.parse(bytes);
  const rpId = request.text(1);
  const clientDataHash = request.bytes(2);
  if (clientDataHash.length !== 32) throw new CtapError(STATUS.invalidLength);
  const options = request.optionalMap(5);
  const up = options?.optionalFlag('up') ?? true;
  if (options?.has('rk') === true) throw new CtapError(STATUS.invalidOption);
  const uv = options?.optionalFlag('uv') ?? false;
  const hmacSecret = machine.extensions.includes('hmac-secret')
    ? request.optionalMap(4)?.optionalMap('hmac-secret')
    : undefined;
  if (hmacSecret !== undefined && !up) throw new CtapError(STATUS.unsupportedOption);

  const verified = await verifyUserOf(
    machine,
    request,
    { param: 6, protocol: 7 },
    { up, uv, permission: PERMISSION.getAssertion, rpId },
  );
  const allowList = request.optionalList(3);
  const rpIdHash = sha256(rpId);
  const candidates = applicable(machine, rpIdHash, allowList, verified.userVerified);
  const [first, ...others] = candidates;
  if (first === undefined) throw new CtapError(STATUS.noCredentials);
  const salts = hmacSecret === undefined ? undefined : openSalts(machine, hmacSecret);
  if (up && !verified.touched) await machine.presence();
  if (up) machine.pin.clearAfterTouch();

  const withList = allowList !== undefined;
  const sign = (credential: Credential, number?: number): Uint8Array => {
    const output = salts === undefined ? undefined : hmacSecretOf(credential, verified.userVerified, salts);
    const flags =
      (up ? FLAG.userPresent : 0) |
      (verified.userVerified ? FLAG.userVerified : 0) |
      (output === undefined ? 0 : FLAG.extensions);
    const authData = concat(
      rpIdHash,
      Uint8Array.of(flags),
      counterBytes(machine.nextCounter()),
      output === undefined ? new Uint8Array() : encode(cborMap([['hmac-secret', output]])),
    );
    const user = userOf(credential, verified.userVerified && candidates.length > 1 && !withList);
    return encode(
      cborMap([
        [
          1,
          cborMap([
            ['id', credential.id],
            ['type', 'public-key'],
          ]),
        ],
        [2, authData],
        [3, credential.key.sign(concat(authData, clientDataHash))],
        [4, user],
        [5, number],
      ]),
    );
  };
  if (!withList && others.length > 0) {
    keep({ left: others, sign: (credential) => sign(credential) });
    return sign(first, candidates.length);
  }
  return sign(first);
}

function applicable(
  machine: Machine,
  rpIdHash: Uint8Array,
  allowList: Request[] | undefined,
  userVerified: boolean,
): Credential[] {
  if (allowList !== undefined) {
    return allowList
      .map((one) => machine.store.find(one.bytes('id'), rpIdHash))
      .filter((one) => one !== undefined)
      .filter((one) => one.protection < 3 || userVerified);
  }
  return machine.store.resident(rpIdHash).filter((one) => one.protection < 2 || userVerified);
}

function userOf(credential: Credential, whole: boolean): Cbor | undefined {
  if (!credential.resident) return undefined;
  return cborMap([
    ['id', credential.user.id],
    ['name', whole ? credential.user.name : undefined],
    ['displayName', whole ? credential.user.displayName : undefined],
  ]);
}

interface Salts {
  one: Uint8Array;
  two: Uint8Array | undefined;
  seal(plaintext: Uint8Array): Uint8Array;
}

/** The hmac-secret extension's input (CTAP 2.1, section 12.5). */
function openSalts(machine: Machine, input: Request): Salts {
  const half = machine.pin.protocol(input.optionalNumber(4) ?? 1);
  const shared = half.decapsulate(input.map(1));
  const [saltEnc, saltAuth] = [input.bytes(2), input.bytes(3)];
  if (!half.verify(shared, saltEnc, saltAuth)) throw new CtapError(STATUS.pinAuthInvalid);
  const salts = half.decrypt(shared, saltEnc);
  if (salts.length !== 32 && salts.length !== 64) throw new CtapError(STATUS.invalidLength);
  return {
    one: salts.slice(0, 32),
    two: salts.length === 64 ? salts.slice(32) : undefined,
    seal: (plaintext) => half.encrypt(shared, plaintext),
  };
}

function hmacSecretOf(credential: Credential, userVerified: boolean, salts: Salts): Uint8Array | undefined {
  if (credential.random === null) return undefined;
  const key = userVerified ? credential.random.withUv : credential.random.withoutUv;
  const of = (salt: Uint8Array): Uint8Array => new Uint8Array(createHmac('sha256', key).update(salt).digest());
  return salts.seal(salts.two === undefined ? of(salts.one) : concat(of(salts.one), of(salts.two)));
}
