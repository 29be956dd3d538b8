import type { KeyForm } from '../client/import/credential-values.ts';
import type { Cli } from './cli.ts';

/** What keys of this account look like; one that is not there is taken for AWS's, and whatever is done with it next says that it is missing. */
export async function keyFormOf(cli: Cli, account: string): Promise<KeyForm> {
  const { accounts } = await cli.call('account.list', {});
  const same = (name: string): boolean => name.localeCompare(account, undefined, { sensitivity: 'accent' }) === 0;
  return accounts.find((one) => same(one.name))?.endpointUrl === undefined ? 'aws' : 'compatible';
}
