import type { Caller } from './authenticate.ts';
import type { StrictRole, StrictState, StrictUser } from './state.ts';
import { Refusal } from './xml.ts';

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

/** What an account's own guide exempts from "no IAM without MFA", so that a device can be found and enrolled. */
const WITHOUT_MFA = new Set([
  'iam:CreateVirtualMFADevice',
  'iam:EnableMFADevice',
  'iam:GetUser',
  'iam:GetMFADevice',
  'iam:ListMFADevices',
  'iam:ListVirtualMFADevices',
  'iam:ResyncMFADevice',
]);

export interface Question {
  principal: StrictUser | StrictRole;
  action: string;
  resource: string;
  /** When MFA proved the caller. */
  mfaAt?: number | undefined;
  /** When the caller's session was given out. */
  issuedAt?: number | undefined;
  sessionPolicies?: readonly string[];
}

/** What identity-based and session policies say. Documents are read by an independent evaluator, which is loaded only where there are some. */
export async function decide(question: Question, state: StrictState): Promise<Decision> {
  const { principal, action, mfaAt, sessionPolicies = [] } = question;
  const matches = (patterns: readonly string[]): boolean => patterns.some((pattern) => isMatch(pattern, action));
  const isUser = 'mfa' in principal && 'createdAt' in principal;
  if (matches(principal.deny)) return 'explicitDeny';
  if (isUser && principal.mfa && mfaAt === undefined && action.startsWith('iam:') && !WITHOUT_MFA.has(action)) {
    return 'explicitDeny';
  }
  const documents = [...principal.policies.values()];
  if (documents.length === 0 && sessionPolicies.length === 0) {
    return matches(principal.allow) ? 'allowed' : 'implicitDeny';
  }
  return simulate(question, documents, state);
}

async function simulate(question: Question, documents: readonly string[], state: StrictState): Promise<Decision> {
  const { runSimulation } = await import('@cloud-copilot/iam-simulate');
  const { principal, action, resource, mfaAt, issuedAt, sessionPolicies = [] } = question;
  const now = state.now();
  const contextVariables: Record<string, string> = { 'aws:CurrentTime': new Date(now).toISOString() };
  if ('createdAt' in principal) contextVariables['aws:username'] = principal.name;
  if (issuedAt !== undefined) {
    contextVariables['aws:TokenIssueTime'] = new Date(issuedAt).toISOString();
    contextVariables['aws:MultiFactorAuthPresent'] = String(mfaAt !== undefined);
  }
  if (mfaAt !== undefined) {
    contextVariables['aws:MultiFactorAuthPresent'] = 'true';
    contextVariables['aws:MultiFactorAuthAge'] = String(Math.floor((now - mfaAt) / 1000));
  }
  const base = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: principal.allow, Resource: '*' }] };
  const policies = [
    ...(principal.allow.length === 0 ? [] : [base]),
    ...documents.map((document): unknown => JSON.parse(document)),
  ];
  const ask = async (documentsOf: readonly unknown[]): Promise<Decision> => {
    const result = await runSimulation(
      {
        request: {
          principal: principal.arn,
          action,
          resource: { resource, accountId: state.account },
          contextVariables,
        },
        identityPolicies: documentsOf.map((policy, index) => ({ name: `policy${index}`, policy })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
    if (result.overallResult === 'Allowed') return 'allowed';
    return result.overallResult === 'ExplicitlyDenied' ? 'explicitDeny' : 'implicitDeny';
  };
  const decision = await ask(policies);
  if (decision !== 'allowed' || sessionPolicies.length === 0) return decision;
  // A session has what both give it.
  return ask(sessionPolicies.map((document): unknown => JSON.parse(document)));
}

/** @throws Refusal `AccessDenied` with the words of its service */
export async function authorize(caller: Caller, action: string, resource: string, state: StrictState): Promise<void> {
  const principal = caller.user ?? caller.session?.role?.role;
  if (principal === undefined) throw new Error('a caller is a user or a role');
  const decision = await decide(
    {
      principal,
      action,
      resource,
      mfaAt: caller.session?.mfaAt,
      issuedAt: caller.session?.issuedAt,
      sessionPolicies: caller.session?.policies ?? [],
    },
    state,
  );
  if (decision !== 'allowed') throw denied(caller, action, resource, decision);
}

export function denied(caller: Caller, action: string, resource: string, decision: Decision): Refusal {
  // IAM names what it refuses by its kind and name, and STS by its ARN.
  const named = action.startsWith('iam:') ? resource.replace(/^.*:(user|role)\/(?:.*\/)?/, '$1 ') : resource;
  const why =
    decision === 'explicitDeny'
      ? ' with an explicit deny in an identity-based policy'
      : action.startsWith('iam:')
        ? ` because no identity-based policy allows the ${action} action`
        : '';
  return new Refusal(
    403,
    'AccessDenied',
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${named}${why}`,
  );
}

function isMatch(pattern: string, action: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i').test(action);
}
