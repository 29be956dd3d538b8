/** Chance that can be repeated: the same seed, the same run. Not for anything secret. */
export interface Seeded {
  /** An integer from 0 to below `bound`. */
  below(bound: number): number;
  bytes(length: number): Uint8Array;
  pick<T>(items: readonly T[]): T;
}

/** Xorshift of 32 bits (Marsaglia 2003). */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  const below = (bound: number): number => next() % bound;
  return {
    below,
    bytes: (length) => new Uint8Array(length).map(() => below(256)),
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
  };
}

/** The bytes with one to three small things wrong: bits, bytes, lengths, order. */
export function mutate(bytes: Uint8Array, chance: Seeded): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  for (let left = 1 + chance.below(3); left > 0; left -= 1) mutated = mutateOnce(mutated, chance);
  return mutated;
}

function mutateOnce(bytes: Uint8Array, chance: Seeded): Uint8Array {
  const at = chance.below(bytes.length + 1);
  const count = chance.below(8);
  switch (chance.below(7)) {
    case 0:
      return at < bytes.length ? bytes.with(at, (bytes[at] ?? 0) ^ (1 << chance.below(8))) : bytes;
    case 1:
      return at < bytes.length ? bytes.with(at, chance.below(256)) : bytes;
    case 2:
      return at < bytes.length ? bytes.with(at, chance.pick([0, 1, 0x17, 0x18, 0x7f, 0x80, 0xff])) : bytes;
    case 3:
      return bytes.slice(0, at);
    case 4:
      return Uint8Array.from([...bytes.subarray(0, at), ...chance.bytes(count), ...bytes.subarray(at)]);
    case 5:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + count)]);
    default:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - count))]);
  }
}
