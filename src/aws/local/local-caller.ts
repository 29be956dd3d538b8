import type { LocalDoorClient } from '../../core/door.ts';
import { MalformedPolicyError, type NamedPolicy, parsePolicy } from '../../core/iam/index.ts';
import type { Session } from '../../core/session.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { LocalCaller } from './operation-context.ts';

/** Policies by their text, forgotten with the session: a client's requests come with the same one again and again. */
const parsed = new WeakMap<Session, Map<string, NamedPolicy<'identity'>>>();
const MAX_PARSED = 1000;

/** The policy of a client. One that does not parse denies everything, and says so. */
function policyOf(session: Session, client: LocalDoorClient, document: string): NamedPolicy<'identity'> {
  let known = parsed.get(session);
  if (known === undefined || known.size >= MAX_PARSED) {
    known = new Map();
    parsed.set(session, known);
  }
  const key = `${client.id} ${document}`;
  let policy = known.get(key);
  if (policy === undefined) {
    try {
      policy = { name: `policy of client "${client.name}"`, policy: parsePolicy(document, { kind: 'identity' }) };
    } catch (cause) {
      if (!(cause instanceof MalformedPolicyError)) throw cause;
      throw new AwsError(
        'AccessDenied',
        `The policy of the client "${client.name}" cannot be read: ${cause.message} Give the client another policy.`,
        { cause },
      );
    }
    known.set(key, policy);
  }
  return policy;
}

/** Who a client of a local account is to the policy engine. Throws AwsError `AccessDenied` for a policy that cannot be read. */
export function localCaller(client: LocalDoorClient, partition: string, session: Session): LocalCaller {
  const { accountId } = client.account;
  const ofAccount = { partition, account: accountId };
  if (client.principal.type === 'root') {
    return {
      type: 'root',
      arn: `arn:${partition}:iam::${accountId}:root`,
      accessKeyId: client.accessKeyId,
      principal: { type: 'root', ...ofAccount },
      policies: [],
    };
  }
  const arn = `arn:${partition}:iam::${accountId}:user/keyhold/${client.principal.userName}`;
  return {
    type: 'client',
    arn,
    accessKeyId: client.accessKeyId,
    principal: { type: 'user', ...ofAccount, arn },
    policies: [policyOf(session, client, client.principal.document)],
  };
}
