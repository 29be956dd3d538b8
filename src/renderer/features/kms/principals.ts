import { partitionOf } from '../../../contract/partitions.ts';
import type { Account, Client } from '../../../contract/schemas.ts';

export function rootArn(account: Account, region: string): string {
  return `arn:${partitionOf(region)}:iam::${account.accountId}:root`;
}

/** A client that policies and grants can name. */
type PolicyClient = Client & { userName: string };

/** The principal of a client that has a policy of its own. */
export function clientArn(account: Account, region: string, { userName }: PolicyClient): string {
  return `arn:${partitionOf(region)}:iam::${account.accountId}:user/keyhold/${userName}`;
}

/** The clients of an account that policies and grants can name: of those that are one user, while a key is being replaced, the newest. */
export function policyClients(clients: readonly Client[], account: string): PolicyClient[] {
  const named = clients.filter(
    (client): client is PolicyClient => client.account === account && client.userName !== undefined,
  );
  const newest = new Map<string, PolicyClient>();
  for (const client of named) {
    const known = newest.get(client.userName);
    if (known === undefined || known.createdAt < client.createdAt) newest.set(client.userName, client);
  }
  return named.filter((client) => newest.get(client.userName) === client);
}

/** An ARN's last part, to be read at a glance: `user/keyhold/ci`, `root`. */
export function shortPrincipal(arn: string): string {
  return /^arn:[^:]*:(?:iam|sts):[^:]*:\d{12}:(.+)$/s.exec(arn)?.[1] ?? arn;
}
