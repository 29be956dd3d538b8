import {
  ListRetirableGrants$,
  type ListRetirableGrantsCommandInput,
  type ListRetirableGrantsCommandOutput,
} from '@aws-sdk/client-kms';
import { accountOfPrincipal, invalidPrincipal } from '../../core/kms/grants.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { operation, type Validated } from '../local/operation.ts';
import { decideOnAccount, kmsThings } from './lib/authorize-key.ts';
import { grantEntry } from './lib/grant-list.ts';
import { page } from './lib/pages.ts';

/** The principal that is asked about, of the caller's own account. */
function principalOf(input: Validated<ListRetirableGrantsCommandInput>, accountId: string): string {
  const { RetiringPrincipal: principal } = input;
  if (principal === undefined || input.RetiringServicePrincipal !== undefined) {
    throw new KmsError(
      'ValidationException',
      'Specify RetiringPrincipal; RetiringServicePrincipal is for services of AWS.',
    );
  }
  const account = accountOfPrincipal(principal);
  if (account === null) throw invalidPrincipal(principal);
  if (account === accountId) return principal;
  throw new KmsError('ValidationException', `${principal} is not a principal of the account ${accountId}.`);
}

export const listRetirableGrants = operation<ListRetirableGrantsCommandInput, ListRetirableGrantsCommandOutput, string>(
  ListRetirableGrants$,
  {
    authorize(input, ctx) {
      const principal = principalOf(input, ctx.account.accountId);
      return { decisions: [decideOnAccount(ctx, 'ListRetirableGrants', principal)], subject: principal };
    },

    async handle(input, ctx, principal) {
      const things = await kmsThings(ctx);
      const grants = things.kms.retirableBy(principal, ctx.region);
      const { items, ...more } = await page(ctx, input, grants, {
        name: ({ value }) => value.grantId,
        usual: 50,
        most: 100,
      });
      return { Grants: items.map((grant) => grantEntry(things, grant)), ...more };
    },
  },
);
