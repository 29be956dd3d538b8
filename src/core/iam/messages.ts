import type { PolicyType, StatementRef } from './layer.ts';
import type { AccessRequest } from './match-statement.ts';
import { principalName } from './principal.ts';

// The sentences of AWS (IAM User Guide, "Troubleshoot access denied error messages"), which tools and people search for.

const WITH_ARTICLE: Readonly<Record<PolicyType, string>> = {
  'identity-based policy': 'an identity-based policy',
  'resource-based policy': 'a resource-based policy',
  'role trust policy': 'the role trust policy',
  'permissions boundary': 'a permissions boundary',
  'session policy': 'a session policy',
  'service control policy': 'a service control policy',
  'resource control policy': 'a resource control policy',
};

function subject({ principal, action, resource }: AccessRequest, verdict: string): string {
  return `User: ${principalName(principal)} is ${verdict} to perform: ${action} on resource: ${resource}`;
}

export function explicitDenyMessage(request: AccessRequest, type: PolicyType): string {
  return `${subject(request, 'not authorized')} with an explicit deny in ${WITH_ARTICLE[type]}`;
}

export function implicitDenyMessage(request: AccessRequest, type: PolicyType): string {
  return `${subject(request, 'not authorized')} because no ${type} allows the ${request.action} action`;
}

/** AWS has no sentence for this one; it follows the others. */
export function allowedMessage(request: AccessRequest, by: StatementRef | string): string {
  const source = typeof by === 'string' ? by : `${WITH_ARTICLE[by.policyType]} (${by.policy}, ${statementName(by)})`;
  return `${subject(request, 'authorized')} by ${source}`;
}

function statementName({ sid, index }: StatementRef): string {
  return sid === undefined || sid === '' ? `statement ${index + 1}` : `statement "${sid}"`;
}
