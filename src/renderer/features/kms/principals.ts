import { partitionOf } from '../../../contract/partitions.ts';
import type { Account, Client } from '../../../contract/schemas.ts';

export function rootArn(account: Account, region: string): string {
  return `arn:${partitionOf(region)}:iam::${account.accountId}:root`;
}

/** The principal of a client that has a policy of its own: its name as IAM spells user names, what IAM does not allow as `=` and hexadecimal UTF-8. */
export function clientArn(account: Account, region: string, client: Client): string {
  const name = client.name.replace(/[^\w+,.@-]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `arn:${partitionOf(region)}:iam::${account.accountId}:user/keyhold/${name}`;
}

/** The clients of an account that policies and grants can name. */
export function policyClients(clients: readonly Client[], account: string): Client[] {
  return clients.filter((client) => client.account === account && client.principal === 'policy');
}

/** An ARN's last part, to be read at a glance: `user/keyhold/ci`, `root`. */
export function shortPrincipal(arn: string): string {
  return /^arn:[^:]*:(?:iam|sts):[^:]*:\d{12}:(.+)$/s.exec(arn)?.[1] ?? arn;
}
