import { KeyholdError } from '../../contract/errors.ts';
import type { Found, Things } from '../things.ts';

/**
 * Remote accounts of AWS itself, by their numbers. One with an endpoint of its own is somebody else's with the same number: an assertion or a session token goes there only where a person
 * names it.
 */
export function awsAccounts(things: Things): Map<string, Found<'account'>> {
  const aws = things
    .all('account')
    .filter(({ value: { kind, endpointUrl } }) => kind === 'remote' && endpointUrl === undefined);
  // The first one there is.
  return new Map(aws.reverse().map((account) => [account.value.accountId, account]));
}

/** The account of a role that was chosen: the one that is named, whatever its endpoint, else AWS's; undefined where that has to be added. */
export function accountOfChoice(
  things: Things,
  aws: ReadonlyMap<string, Found<'account'>>,
  { accountId, account }: { accountId: string; account?: string | undefined },
): Found<'account'> | undefined {
  if (account === undefined) return aws.get(accountId);
  const found = things.byName('account', account);
  if (found.value.kind === 'remote' && found.value.accountId === accountId) return found;
  throw new KeyholdError(
    'InvalidInput',
    `choices: the role is in the AWS account ${accountId}, and ${found.value.name} is another one. Name an account with that id, or none.`,
  );
}
