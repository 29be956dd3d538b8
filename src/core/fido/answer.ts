import type { CborKey, CborMap, CborValue } from './cbor.ts';
import { deviceFault } from './device-errors.ts';

/**
 * Members of a security key's answer by their number or name, of the type that CTAP gives them: anything else is a `DeviceFault`. Members that nobody asks
 * for are passed over, because later versions of CTAP add some.
 */
export interface Answer {
  bytes(key: CborKey): Uint8Array;
  text(key: CborKey): string;
  /** Not negative. */
  number(key: CborKey): number;
  map(key: CborKey): Answer;
  maybeBytes(key: CborKey): Uint8Array | null;
  maybeText(key: CborKey): string | null;
  maybeNumber(key: CborKey): number | null;
  maybeBoolean(key: CborKey): boolean | null;
  maybeMap(key: CborKey): Answer | null;
  /** Empty when it is not there. */
  list(key: CborKey): readonly CborValue[];
  texts(key: CborKey): string[];
  numbers(key: CborKey): number[];
  readonly members: CborMap;
}

export function answerOf(members: CborMap): Answer {
  const maybe = <T>(key: CborKey, read: (value: CborValue) => T | null): T | null => {
    const value = members.get(key);
    if (value === undefined) return null;
    const found = read(value);
    if (found === null) throw deviceFault(`answered with something else than it should (member ${key})`);
    return found;
  };
  const must = <T>(key: CborKey, value: T | null): T => {
    if (value === null) throw deviceFault(`left out a part of its answer (member ${key})`);
    return value;
  };
  const every = <T>(key: CborKey, read: (value: CborValue) => T | null): T[] =>
    answer.list(key).map((value) => {
      const found = read(value);
      if (found === null) throw deviceFault(`answered with something else than it should (member ${key})`);
      return found;
    });
  const answer: Answer = {
    members,
    bytes: (key) => must(key, answer.maybeBytes(key)),
    text: (key) => must(key, answer.maybeText(key)),
    number: (key) => must(key, answer.maybeNumber(key)),
    map: (key) => must(key, answer.maybeMap(key)),
    maybeBytes: (key) => maybe(key, (value) => (value instanceof Uint8Array ? value : null)),
    maybeText: (key) => maybe(key, asText),
    maybeNumber: (key) => maybe(key, (value) => (typeof value === 'number' && value >= 0 ? value : null)),
    maybeBoolean: (key) => maybe(key, (value) => (typeof value === 'boolean' ? value : null)),
    maybeMap: (key) => maybe(key, (value) => (isMap(value) ? answerOf(value) : null)),
    list: (key) => maybe(key, (value) => (Array.isArray(value) ? value : null)) ?? [],
    texts: (key) => every(key, asText),
    numbers: (key) => every(key, (value) => (typeof value === 'number' ? value : null)),
  };
  return answer;
}

function asText(value: CborValue): string | null {
  return typeof value === 'string' ? value : null;
}

export function isMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map;
}
