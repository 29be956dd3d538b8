import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../src/core/ports.ts';
import { cborMap, encode } from './cbor.ts';
import { concat, equal } from './emulated-device.ts';
import { createPinProtocol, type PinProtocol } from './pin-protocol.ts';
import { CtapError, Request, STATUS } from './status.ts';

/** authenticatorClientPIN and its tokens (CTAP 2.1, section 6.5). */

export const PERMISSION = { makeCredential: 1, getAssertion: 2, credentialManagement: 4 } as const;
const KNOWN_PERMISSIONS = 0x07;
const MOST_RETRIES = 8;
const MOST_IN_A_ROW = 3;
const FIRST_USE_WITHIN = 30_000;
const TOKEN_LIFE = 600_000;

const SUBCOMMAND = {
  getPinRetries: 1,
  getKeyAgreement: 2,
  setPin: 3,
  changePin: 4,
  getPinToken: 5,
  getTokenUsingUv: 6,
  getUvRetries: 7,
  getTokenUsingPin: 9,
} as const;

interface Token {
  protocol: 1 | 2;
  bytes: Uint8Array;
  permissions: number;
  rpId: string | undefined;
  since: number;
  used: boolean;
  userVerified: boolean;
}

export interface ClientPin {
  readonly isSet: boolean;
  readonly retries: number;
  readonly uvRetries: number;
  handle(request: Uint8Array, verifyUser: () => Promise<void>): Promise<Uint8Array>;
  protocol(number: number | undefined): PinProtocol;
  /**
   * Checks a pinUvAuthParam over `message`; `rpId` binds a token without one. Throws `pinAuthInvalid` and tells nothing more.
   */
  authorize(options: {
    protocol: number | undefined;
    param: Uint8Array;
    message: Uint8Array;
    permission: number;
    rpId?: string;
  }): void;
  /** After a use that a touch confirmed, the token may not be used for another (section 6.5.5). */
  clearAfterTouch(): void;
  /** The built-in verification (a fingerprint): throws when it fails or is locked. */
  verifyUser(outcome: 'match' | 'mismatch'): void;
  powerOn(): void;
  reset(): void;
}

export interface ClientPinOptions {
  clock: Clock;
  protocols: readonly (1 | 2)[];
  builtInUv: boolean;
  minPinLength: number;
  /** Tokens that are good for what they were asked for, and once; those of CTAP 2.0 are good for everything, until the power goes. */
  permissions: boolean;
}

export function createClientPin(options: ClientPinOptions): ClientPin {
  const { clock, protocols, builtInUv, minPinLength } = options;
  const halves = protocols.map(createPinProtocol);
  let pinHash: Uint8Array | undefined;
  let retries = MOST_RETRIES;
  let uvRetries = MOST_RETRIES;
  let wrongInARow = 0;
  let token: Token | undefined;

  function protocol(number: number | undefined): PinProtocol {
    if (number === undefined) throw new CtapError(STATUS.missingParameter);
    const half = halves.find((one) => one.number === number);
    if (half === undefined) throw new CtapError(STATUS.invalidParameter);
    return half;
  }

  function checkBlocks(): void {
    if (retries === 0) throw new CtapError(STATUS.pinBlocked);
    if (wrongInARow >= MOST_IN_A_ROW) throw new CtapError(STATUS.pinAuthBlocked);
  }

  function checkPin(half: PinProtocol, shared: Uint8Array, pinHashEnc: Uint8Array): void {
    retries -= 1;
    if (pinHash !== undefined && equal(half.decrypt(shared, pinHashEnc), pinHash)) {
      retries = MOST_RETRIES;
      wrongInARow = 0;
      return;
    }
    half.regenerate();
    wrongInARow += 1;
    if (retries === 0) throw new CtapError(STATUS.pinBlocked);
    throw new CtapError(wrongInARow >= MOST_IN_A_ROW ? STATUS.pinAuthBlocked : STATUS.pinInvalid);
  }

  function storePin(half: PinProtocol, shared: Uint8Array, newPinEnc: Uint8Array): void {
    const padded = half.decrypt(shared, newPinEnc);
    if (padded.length !== 64) throw new CtapError(STATUS.invalidParameter);
    const end = padded.findLastIndex((byte) => byte !== 0) + 1;
    const pin = new TextDecoder('utf-8', { ignoreBOM: true }).decode(padded.subarray(0, end));
    if (end > 63 || [...pin].length < minPinLength) throw new CtapError(STATUS.pinPolicyViolation);
    pinHash = new Uint8Array(createHash('sha256').update(padded.subarray(0, end)).digest()).slice(0, 16);
    retries = MOST_RETRIES;
    wrongInARow = 0;
    token = undefined;
  }

  function issue(half: PinProtocol, shared: Uint8Array, permissions: number, rpId: string | undefined): Uint8Array {
    token = {
      protocol: half.number,
      bytes: new Uint8Array(randomBytes(32)),
      permissions,
      rpId,
      since: clock.monotonic(),
      used: false,
      userVerified: true,
    };
    return encode(cborMap([[2, half.encrypt(shared, token.bytes)]]));
  }

  /** The permissions a platform asks for, checked (section 6.5.5.7). */
  function wantedPermissions(request: Request): { permissions: number; rpId: string | undefined } {
    const permissions = request.number(9);
    const rpId = request.optionalText(10);
    if (permissions === 0) throw new CtapError(STATUS.invalidParameter);
    if ((permissions & ~KNOWN_PERMISSIONS) !== 0) throw new CtapError(STATUS.unauthorizedPermission);
    if ((permissions & (PERMISSION.makeCredential | PERMISSION.getAssertion)) !== 0 && rpId === undefined) {
      throw new CtapError(STATUS.missingParameter);
    }
    return { permissions, rpId };
  }

  function setPin(request: Request): Uint8Array {
    const half = protocol(request.optionalNumber(1));
    const shared = half.decapsulate(request.map(3));
    const [newPinEnc, param] = [request.bytes(5), request.bytes(4)];
    if (pinHash !== undefined) throw new CtapError(STATUS.pinAuthInvalid);
    if (!half.verify(shared, newPinEnc, param)) throw new CtapError(STATUS.pinAuthInvalid);
    storePin(half, shared, newPinEnc);
    return new Uint8Array();
  }

  function changePin(request: Request): Uint8Array {
    const half = protocol(request.optionalNumber(1));
    const platformKey = request.map(3);
    const [newPinEnc, pinHashEnc, param] = [request.bytes(5), request.bytes(6), request.bytes(4)];
    if (pinHash === undefined) throw new CtapError(STATUS.pinNotSet);
    checkBlocks();
    const shared = half.decapsulate(platformKey);
    if (!half.verify(shared, concat(newPinEnc, pinHashEnc), param)) throw new CtapError(STATUS.pinAuthInvalid);
    checkPin(half, shared, pinHashEnc);
    storePin(half, shared, newPinEnc);
    return new Uint8Array();
  }

  function tokenForPin(request: Request, wanted: { permissions: number; rpId: string | undefined }): Uint8Array {
    const half = protocol(request.optionalNumber(1));
    const platformKey = request.map(3);
    const pinHashEnc = request.bytes(6);
    if (pinHash === undefined) throw new CtapError(STATUS.pinNotSet);
    checkBlocks();
    const shared = half.decapsulate(platformKey);
    checkPin(half, shared, pinHashEnc);
    return issue(half, shared, wanted.permissions, wanted.rpId);
  }

  return {
    get isSet() {
      return pinHash !== undefined;
    },
    get retries() {
      return retries;
    },
    get uvRetries() {
      return uvRetries;
    },
    protocol,

    async handle(bytes, verifyUser) {
      const request = Request.parse(bytes);
      switch (request.number(2)) {
        case SUBCOMMAND.getPinRetries:
          return encode(
            cborMap([
              [3, retries],
              [4, wrongInARow >= MOST_IN_A_ROW ? true : undefined],
            ]),
          );
        case SUBCOMMAND.getKeyAgreement:
          return encode(cborMap([[1, protocol(request.optionalNumber(1)).publicKey()]]));
        case SUBCOMMAND.setPin:
          return setPin(request);
        case SUBCOMMAND.changePin:
          return changePin(request);
        case SUBCOMMAND.getPinToken:
          if (request.has(9) || request.has(10)) throw new CtapError(STATUS.invalidParameter);
          return tokenForPin(request, {
            permissions: options.permissions ? PERMISSION.makeCredential | PERMISSION.getAssertion : KNOWN_PERMISSIONS,
            rpId: undefined,
          });
        case SUBCOMMAND.getTokenUsingPin:
          if (!options.permissions) throw new CtapError(STATUS.invalidParameter);
          return tokenForPin(request, wantedPermissions(request));
        case SUBCOMMAND.getTokenUsingUv: {
          if (!builtInUv || !options.permissions) throw new CtapError(STATUS.invalidSubcommand);
          const half = protocol(request.optionalNumber(1));
          const { permissions, rpId } = wantedPermissions(request);
          const shared = half.decapsulate(request.map(3));
          await verifyUser();
          return issue(half, shared, permissions, rpId);
        }
        case SUBCOMMAND.getUvRetries:
          if (!builtInUv) throw new CtapError(STATUS.invalidSubcommand);
          return encode(cborMap([[5, uvRetries]]));
        default:
          throw new CtapError(STATUS.invalidSubcommand);
      }
    },

    authorize({ protocol: number, param, message, permission, rpId }) {
      const half = protocol(number);
      const now = clock.monotonic();
      const age = token === undefined ? 0 : now - token.since;
      const old = age > TOKEN_LIFE || (token?.used === false && age > FIRST_USE_WITHIN);
      if (old && options.permissions) token = undefined;
      if (
        token === undefined ||
        token.protocol !== half.number ||
        !half.verify(token.bytes, message, param) ||
        (token.permissions & permission) === 0 ||
        !token.userVerified ||
        (token.rpId !== undefined && rpId !== undefined && token.rpId !== rpId)
      ) {
        throw new CtapError(STATUS.pinAuthInvalid);
      }
      token.used = true;
      if (options.permissions) token.rpId ??= rpId;
    },

    clearAfterTouch() {
      if (token === undefined || !options.permissions) return;
      token.permissions = 0;
      token.userVerified = false;
    },

    verifyUser(outcome) {
      if (uvRetries === 0) throw new CtapError(STATUS.uvBlocked);
      if (outcome === 'match') {
        uvRetries = MOST_RETRIES;
        return;
      }
      uvRetries -= 1;
      throw new CtapError(uvRetries === 0 ? STATUS.uvBlocked : STATUS.uvInvalid);
    },

    powerOn() {
      wrongInARow = 0;
      token = undefined;
      for (const half of halves) half.regenerate();
    },

    reset() {
      pinHash = undefined;
      retries = MOST_RETRIES;
      uvRetries = MOST_RETRIES;
      wrongInARow = 0;
      token = undefined;
    },
  };
}
