import { ARGON2_CEILING, ARGON2_FLOOR, ARGON2_SALT_BYTES, type Argon2Cost, argon2id } from '../../crypto/kdf.ts';
import { fieldsOf, integerOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

const SHORTEST_TARGET_MS = 50;
const LONGEST_TARGET_MS = 10_000;
/** No more than this, so that the vault still opens on a smaller machine. */
const MOST_MEMORY_KIB = 1024 * 1024;
const MEMORY_SHARE = 16;
const KIB = 1024;
/** Doubling the memory can cost more than twice the time; this much too slow is still "about" the target. */
const OVERSHOOT = 1.1;
/** How often the passes are corrected by what they took. */
const PASS_ROUNDS = 3;

/** More memory first (that is what costs an attacker), up to a sixteenth of this machine's; then more passes. */
export async function calibrate(state: TokenState, input: unknown): Promise<HsmOutput<'calibrate'>> {
  const fields = fieldsOf(input, 'input', ['targetMs']);
  const targetMs = integerOf(fields['targetMs'], 'targetMs', SHORTEST_TARGET_MS, LONGEST_TARGET_MS);
  return state.exclusively(async () => {
    const mostMemory = Math.min(MOST_MEMORY_KIB, state.ports.memoryBytes / KIB / MEMORY_SHARE);
    let cost: Argon2Cost = { ...ARGON2_FLOOR };
    // The first run also pays for touching the memory; a busy moment must not make the vault weaker for ever.
    let measuredMs = Math.min(await time(state, cost), await time(state, cost));
    while (cost.memoryKiB * 2 <= mostMemory && measuredMs * 2 <= targetMs) {
      const doubled = { ...cost, memoryKiB: cost.memoryKiB * 2 };
      const doubledMs = await time(state, doubled);
      if (doubledMs > targetMs * OVERSHOOT) break;
      cost = doubled;
      measuredMs = doubledMs;
    }
    for (let round = 0; round < PASS_ROUNDS; round++) {
      const wanted = Math.floor((cost.passes * targetMs) / Math.max(measuredMs, 1));
      const passes = Math.min(Math.max(wanted, ARGON2_FLOOR.passes), ARGON2_CEILING.passes);
      if (passes === cost.passes) break;
      cost = { ...cost, passes };
      measuredMs = await time(state, cost);
    }
    return { ...cost, measuredMs };
  });
}

async function time(state: TokenState, cost: Argon2Cost): Promise<number> {
  const salt = state.ports.random.bytes(ARGON2_SALT_BYTES);
  const start = state.ports.clock.monotonic();
  await argon2id(salt, salt, cost);
  return state.ports.clock.monotonic() - start;
}
