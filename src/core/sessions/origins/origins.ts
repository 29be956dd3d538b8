import type { Origin } from '../../../contract/origins.ts';
import { omitUndefined } from '../../omit-undefined.ts';
import type { Things } from '../../things.ts';
import type { HeldOrigin } from './held-origin.ts';
import type { KeptOrigin } from './kept-origin.ts';
import { processOrigin } from './process.ts';
import { samlOrigin } from './saml.ts';
import { ssoOrigin } from './sso.ts';
import { webIdentityOrigin } from './web-identity.ts';

/** As the record keeps it. Throws `NotFound` for a name that there is not. */
export function keepOrigin(things: Things, origin: Origin): KeptOrigin {
  switch (origin.kind) {
    case 'process':
      return origin;
    case 'sso':
      return { ...origin, signIn: things.byName('signIn', origin.signIn).id };
    case 'saml':
      return { ...origin, signIn: things.byName('signIn', origin.signIn).id };
    case 'webIdentity':
      return omitUndefined({
        ...origin,
        signIn: origin.signIn === undefined ? undefined : things.byName('signIn', origin.signIn).id,
      });
  }
}

export function heldOrigin(kept: KeptOrigin): HeldOrigin {
  switch (kept.kind) {
    case 'process':
      return processOrigin(kept);
    case 'sso':
      return ssoOrigin(kept);
    case 'saml':
      return samlOrigin(kept);
    case 'webIdentity':
      return webIdentityOrigin(kept);
  }
}
