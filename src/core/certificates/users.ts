import type { Found, Things } from '../things.ts';

/** The profiles that sign in with a certificate, in order of name. */
export function profilesOf(things: Things, certificate: string): Found<'profile'>[] {
  return things
    .all('profile')
    .filter(({ value }) => value.origin?.kind === 'rolesAnywhere' && value.origin.certificate === certificate)
    .sort((a, b) => (a.value.name < b.value.name ? -1 : 1));
}
