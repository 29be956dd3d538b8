import type { SecretKey } from '../../crypto/secret-key.ts';
import type { Gate } from '../protocol.ts';
import type { EnrolledKey } from '../security-key.ts';

/** A use that was refused for want of a touch. */
export interface AskedUse {
  object: string;
  gate: Gate;
}

export interface OpenChallenge {
  /** What its touch allows; null for nothing, when a key is tried. */
  wanted: (AskedUse & { use: string }) | null;
  clientDataHash: Uint8Array;
  keys: readonly EnrolledKey[];
  /** Monotonic milliseconds. */
  until: number;
}

/** A touch as it was verified; `at` in monotonic milliseconds. */
export interface Touch {
  key: string;
  at: number;
}

/** What this process knows of touches: in memory alone, gone with the lock. */
export interface GatesState {
  /** Digests of uses are made with it, so that they tell nothing about inputs that could be guessed. */
  readonly digestKey: SecretKey;
  readonly asked: Map<string, AskedUse>;
  readonly challenges: Map<string, OpenChallenge>;
  /** Uses that a touch has allowed and that have not taken place yet. */
  readonly allowed: Map<string, Touch>;
  /** The last touch for each object. */
  readonly touches: Map<string, Touch>;
  /** The last signature of each request whose body is still being signed, chunk by chunk, and the object that signs. */
  readonly continued: Map<string, string>;
  /** The highest counter that each security key has shown here. */
  readonly counters: Map<string, number>;
  /** Security keys that were removed: they open nothing here any more, whatever is shown of them. */
  readonly removed: Set<string>;
  /** The highest version in which each object was seen with a gate. */
  readonly newest: Map<string, number>;
}

export function newGatesState(digestKey: SecretKey): GatesState {
  return {
    digestKey,
    asked: new Map(),
    challenges: new Map(),
    allowed: new Map(),
    touches: new Map(),
    continued: new Map(),
    counters: new Map(),
    removed: new Set(),
    newest: new Map(),
  };
}

const MOST_ENTRIES = 1024;

/** Keeps a map of a caller's making from growing: the oldest goes. */
export function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  for (const oldest of map.keys()) {
    if (map.size < MOST_ENTRIES) break;
    map.delete(oldest);
  }
  map.set(key, value);
}

export function forgetGates({ digestKey: _kept, ...known }: GatesState): void {
  for (const one of Object.values(known)) one.clear();
}

/** Ends what a security key has opened or could still answer. */
export function forgetKeyIn({ challenges, allowed, touches, removed }: GatesState, id: string): void {
  removed.add(id);
  for (const map of [allowed, touches]) for (const [name, { key }] of map) if (key === id) map.delete(name);
  for (const [name, { keys }] of challenges) {
    if (keys.some(({ object }) => object.attributes.id === id)) challenges.delete(name);
  }
}
