import { type Cbor, CborError, type CborKey, type CborMap, decode } from './cbor.ts';

/** Status codes of CTAP 2.1, section 8.2. */
export const STATUS = {
  ok: 0x00,
  invalidCommand: 0x01,
  invalidParameter: 0x02,
  invalidLength: 0x03,
  cborUnexpectedType: 0x11,
  invalidCbor: 0x12,
  missingParameter: 0x14,
  unsupportedExtension: 0x16,
  credentialExcluded: 0x19,
  unsupportedAlgorithm: 0x26,
  operationDenied: 0x27,
  keyStoreFull: 0x28,
  unsupportedOption: 0x2b,
  invalidOption: 0x2c,
  keepaliveCancel: 0x2d,
  noCredentials: 0x2e,
  userActionTimeout: 0x2f,
  notAllowed: 0x30,
  pinInvalid: 0x31,
  pinBlocked: 0x32,
  pinAuthInvalid: 0x33,
  pinAuthBlocked: 0x34,
  pinNotSet: 0x35,
  puatRequired: 0x36,
  pinPolicyViolation: 0x37,
  uvBlocked: 0x3c,
  uvInvalid: 0x3f,
  invalidSubcommand: 0x3e,
  unauthorizedPermission: 0x40,
} as const;

/** Ends a command with this status. */
export class CtapError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status 0x${status.toString(16)}`);
    this.status = status;
  }
}

/** Reads the members of a request: a wrong type is `cborUnexpectedType`, an absent one `missingParameter`. */
export class Request {
  readonly #map: CborMap;

  constructor(map: CborMap) {
    this.#map = map;
  }

  static parse(bytes: Uint8Array): Request {
    if (bytes.length === 0) return new Request(new Map());
    let document: Cbor;
    try {
      document = decode(bytes);
    } catch (error) {
      if (error instanceof CborError) throw new CtapError(STATUS.invalidCbor);
      throw error;
    }
    if (!(document instanceof Map)) throw new CtapError(STATUS.cborUnexpectedType);
    return new Request(document);
  }

  has(key: CborKey): boolean {
    return this.#map.has(key);
  }

  keys(): CborKey[] {
    return [...this.#map.keys()];
  }

  raw(key: CborKey): Cbor | undefined {
    return this.#map.get(key);
  }

  optionalBytes(key: CborKey): Uint8Array | undefined {
    const value = this.#map.get(key);
    if (value === undefined || value instanceof Uint8Array) return value;
    throw new CtapError(STATUS.cborUnexpectedType);
  }

  optionalNumber(key: CborKey): number | undefined {
    const value = this.#map.get(key);
    if (value === undefined || typeof value === 'number') return value;
    throw new CtapError(STATUS.cborUnexpectedType);
  }

  optionalText(key: CborKey): string | undefined {
    const value = this.#map.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw new CtapError(STATUS.cborUnexpectedType);
  }

  optionalFlag(key: CborKey): boolean | undefined {
    const value = this.#map.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw new CtapError(STATUS.cborUnexpectedType);
  }

  optionalMap(key: CborKey): Request | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    if (value instanceof Map) return new Request(value);
    throw new CtapError(STATUS.cborUnexpectedType);
  }

  /** A list of maps. */
  optionalList(key: CborKey): Request[] | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw new CtapError(STATUS.cborUnexpectedType);
    return value.map((one) => {
      if (one instanceof Map) return new Request(one);
      throw new CtapError(STATUS.cborUnexpectedType);
    });
  }

  bytes(key: CborKey): Uint8Array {
    return present(this.optionalBytes(key));
  }

  number(key: CborKey): number {
    return present(this.optionalNumber(key));
  }

  text(key: CborKey): string {
    return present(this.optionalText(key));
  }

  map(key: CborKey): Request {
    return present(this.optionalMap(key));
  }

  list(key: CborKey): Request[] {
    return present(this.optionalList(key));
  }
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new CtapError(STATUS.missingParameter);
  return value;
}
