import type { Origin } from '../../../contract/origins.ts';
import type { Things } from '../../things.ts';
import type { HeldOrigin } from './held-origin.ts';
import type { KeptOrigin } from './kept-origin.ts';
import { processOrigin } from './process.ts';
import { ssoOrigin } from './sso.ts';

/** As the record keeps it. Throws `NotFound` for a name that there is not. */
export function keepOrigin(things: Things, origin: Origin): KeptOrigin {
  switch (origin.kind) {
    case 'process':
      return origin;
    case 'sso':
      return { ...origin, signIn: things.byName('signIn', origin.signIn).id };
  }
}

export function heldOrigin(kept: KeptOrigin): HeldOrigin {
  switch (kept.kind) {
    case 'process':
      return processOrigin(kept);
    case 'sso':
      return ssoOrigin(kept);
  }
}
