import { createRequire } from 'node:module';

/**
 * Stands in for `@node-rs/argon2` in tests that run in one process (vitest.config.ts): the same algorithm with the least memory and one pass, whatever cost is asked for.
 * What Keyhold asks for is checked before it gets here. Hundreds of vaults are made and opened by these tests, and at 64 MiB each they would mostly test the memory.
 */
const real: typeof import('@node-rs/argon2') = createRequire(import.meta.url)('@node-rs/argon2');

export const hashRaw: typeof real.hashRaw = (password, options) =>
  real.hashRaw(password, { ...options, memoryCost: 8, timeCost: 1 });
