import type { Found, Things } from '../../things.ts';
import { heldOrigin } from './origins.ts';

/** Profiles whose origin has this record: a sign-in, or whatever else origins refer to. In order of name. */
export function profilesReferringTo(things: Things, record: string): Found<'profile'>[] {
  return things
    .all('profile')
    .filter(({ value: { origin } }) => origin !== undefined && heldOrigin(origin).refersTo.includes(record))
    .sort((a, b) => (a.value.name < b.value.name ? -1 : 1));
}
