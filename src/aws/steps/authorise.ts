import type { RemoteDoorClient } from '../../core/door.ts';
import { AwsError } from '../protocol/aws-error.ts';

/** What is asked for: who (the client), what (service, action), where (account, region). */
export interface AuthorizationQuestion {
  client: RemoteDoorClient;
  accountId: string;
  service: string;
  region: string;
  action: string;
}

export type Decision = { allowed: true; reason: string } | { allowed: false; reason: string };

/**
 * Decides one request; nothing is allowed by silence. Today a client may do everything in the account of its own profile and nothing
 * anywhere else. The policy engine takes this place.
 */
export function decide({ client, accountId }: AuthorizationQuestion): Decision {
  if (client.account.accountId !== accountId) {
    return { allowed: false, reason: `The client "${client.name}" has no permissions in account ${accountId}.` };
  }
  return { allowed: true, reason: 'profile' };
}

/** @throws AwsError `AccessDenied` */
export function authorise(question: AuthorizationQuestion): Decision {
  const decision = decide(question);
  if (!decision.allowed) throw new AwsError('AccessDenied', decision.reason);
  return decision;
}
