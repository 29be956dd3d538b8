import { KeyholdError } from '../../contract/errors.ts';
import type { Found, Things } from '../things.ts';

/** A profile and its sources, down to the one that has an access key (or lives in a local account). */
export type Chain = readonly [Found<'profile'>, ...Found<'profile'>[]];

/**
 * `changed` is seen as it would be. Throws `InvalidInput`, naming the profiles, where they go in circles.
 */
export function chainOf(things: Things, profile: Found<'profile'>, changed = profile): Chain {
  const chain: [Found<'profile'>, ...Found<'profile'>[]] = [profile];
  let last = profile;
  while (last.value.source !== undefined) {
    const id = last.value.source;
    last = id === changed.id ? changed : { id, value: things.must('profile', id) };
    if (chain.some((one) => one.id === id)) {
      const names = [...chain, last].map(({ value }) => value.name);
      throw new KeyholdError(
        'InvalidInput',
        `source: ${names.join(' → ')} goes in circles. Choose a source that has an access key at its end.`,
      );
    }
    chain.push(last);
  }
  return chain;
}

/** Those profiles and all that have one of them as a source, near or far. */
export function withHeirs(things: Things, profiles: readonly Found<'profile'>[]): Found<'profile'>[] {
  const found = new Map(profiles.map((one) => [one.id, one]));
  const all = things.all('profile');
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of all) {
      if (one.value.source !== undefined && found.has(one.value.source) && !found.has(one.id)) found.set(one.id, one);
    }
  }
  return [...found.values()];
}
