import type { JsonMember, JsonNode, JsonObject } from './json.ts';
import { type MalformedPolicyError, malformed } from './malformed-policy.ts';

/** What the readers of a policy's elements share: the text, for positions, and what the policy's kind and version allow. */
export interface Reading {
  readonly text: string;
  /** Whether the version knows policy variables. */
  readonly variables: boolean;
}

export interface ReadString {
  readonly offset: number;
  readonly value: string;
}

export function at(reading: Reading, offset: number, reason: string): MalformedPolicyError {
  return malformed(reading.text, offset, reason);
}

export function readObject(reading: Reading, node: JsonNode, what: string): JsonObject {
  if (node.type !== 'object') throw at(reading, node.offset, `Syntax errors in policy: ${what} is an object.`);
  return node;
}

export function readString(reading: Reading, node: JsonNode, what: string): ReadString {
  if (node.type !== 'string') throw at(reading, node.offset, `Syntax errors in policy: ${what} is a string.`);
  return node;
}

/** A string or a list of strings, at least one. */
export function readStrings(reading: Reading, node: JsonNode, what: string, whenEmpty: string): readonly ReadString[] {
  if (node.type !== 'array') return [readString(reading, node, what)];
  if (node.items.length === 0) throw at(reading, node.offset, whenEmpty);
  return node.items.map((item) => readString(reading, item, `each entry of ${what}`));
}

/** Exactly one of `name` and `Not…name`; null when neither is there. */
export function readEither(
  reading: Reading,
  members: ReadonlyMap<string, JsonMember>,
  name: string,
): { readonly negated: boolean; readonly name: string; readonly member: JsonMember } | null {
  const plain = members.get(name);
  const negated = members.get(`Not${name}`);
  if (plain !== undefined && negated !== undefined) {
    throw at(reading, negated.keyOffset, `A statement has ${name} or Not${name}, not both.`);
  }
  if (plain !== undefined) return { negated: false, name, member: plain };
  return negated === undefined ? null : { negated: true, name: `Not${name}`, member: negated };
}
