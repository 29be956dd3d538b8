import { evaluateLayer, type LayerResult, type NamedPolicy, type PolicyType, type StatementRef } from './layer.ts';
import { type AccessRequest, prepare } from './match-statement.ts';
import { allowedMessage, explicitDenyMessage, implicitDenyMessage } from './messages.ts';
import { type NearMiss, nearMisses } from './near-misses.ts';
import { isOfAccount } from './principal.ts';
import { matchPrincipal, type PrincipalMatch, stronger } from './principal-set.ts';

/** A grant of a KMS key that covers the action and whose constraints the request meets: the caller has looked at those. */
export interface Grant {
  readonly id: string;
  /** An ARN of an account, user, role or session, or a service's name. */
  readonly grantee: string;
}

/**
 * The policies that apply to one request. A slot that is left out does not apply; one that is there and allows nothing denies.
 *
 * - `rcps`, `scps`: one list for each level from the root of the organization to the account; every level has to allow. RCPs are those
 *   of the resource's account, SCPs those of the principal's (not for a management account or service-linked roles).
 * - `resource`: the policy of the resource: a key policy, a role's trust policy.
 * - `resourceMustAllow`: identity policies alone are not enough. True for KMS keys, whose policy has to allow the requester or
 *   delegate to its account; always so for trust policies.
 * - `grants`: drawn only where the policies neither allow nor deny, since a grant can but add to them.
 * - `session`: the policies passed when the session was made, as one; left out when there were none.
 */
export interface PolicySlots {
  readonly identity: readonly NamedPolicy<'identity'>[];
  readonly resource?: NamedPolicy<'resource' | 'trust'> | undefined;
  readonly resourceMustAllow?: boolean;
  readonly grants?: Iterable<Grant>;
  readonly boundary?: NamedPolicy<'identity'> | undefined;
  readonly session?: readonly NamedPolicy<'identity'>[] | undefined;
  readonly scps?: readonly (readonly NamedPolicy<'identity'>[])[];
  readonly rcps?: readonly (readonly NamedPolicy<'resource'>[])[];
}

export interface Decision {
  readonly kind: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** The ARN (or `*`) that was asked about. */
  readonly resource: string;
  /** What decided. Of several policy types that deny, the first in AWS's order of evaluation. */
  readonly decidedBy: PolicyType | 'grant' | 'root user';
  /** One sentence, in AWS's words for a denial. */
  readonly message: string;
  /** The statements that applied: for an explicit deny the Deny statements, otherwise every Allow. */
  readonly matched: readonly StatementRef[];
  /** For an implicit deny, the Allow statements that nearly applied. */
  readonly nearest: readonly NearMiss[];
}

const NOBODY: ReadonlySet<string> = new Set();

function matchGrant(request: AccessRequest, { grantee }: Grant): PrincipalMatch {
  const set = {
    negated: false,
    everyone: false,
    aws: new Set([grantee]),
    service: new Set([grantee.toLowerCase()]),
    federated: NOBODY,
    canonicalUser: NOBODY,
  };
  return matchPrincipal(set, request.principal);
}

/** Whether this needs no identity policy beside it. */
function standsAlone(match: PrincipalMatch): boolean {
  return match === 'direct' || match === 'limited';
}

/**
 * Decides a request as AWS does (IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Troubleshooting AWS KMS
 * permissions"):
 *
 * 1. A Deny anywhere denies.
 * 2. Every level of RCPs and SCPs has to allow.
 * 3. In one account: a resource policy or grant that names the requester allows by itself; one that names its role or user allows
 *    within permissions boundary and session policies; otherwise identity policies, boundary and session policies all have to allow,
 *    and where the resource's policy must allow, it has to delegate to the account.
 * 4. Across accounts: both sides have to allow, the resource's policy or a grant there, and identity policies, boundary and session
 *    policies here. A KMS grant to the requester, its role or its user counts for both sides.
 * 5. Without an account (services, anonymous and federated callers): the resource's policy or a grant has to allow.
 *
 * The root user needs no identity policy. Everything else is denied.
 */
export function evaluate(request: AccessRequest, slots: PolicySlots): Decision {
  const { principal } = request;
  const prepared = prepare(request, slots.boundary !== undefined);
  const run = (type: PolicyType, policies: readonly NamedPolicy[]): LayerResult =>
    evaluateLayer({ type, policies }, prepared);

  const resourceType = slots.resource?.policy.kind === 'trust' ? 'role trust policy' : 'resource-based policy';
  const guardrails: LayerResult[] = [];
  for (const level of slots.rcps ?? []) guardrails.push(run('resource control policy', level));
  for (const level of slots.scps ?? []) guardrails.push(run('service control policy', level));
  const resource = run(resourceType, slots.resource === undefined ? [] : [slots.resource]);
  const identity = run('identity-based policy', slots.identity);
  const limits: LayerResult[] = [];
  if (slots.boundary !== undefined) limits.push(run('permissions boundary', [slots.boundary]));
  if (slots.session !== undefined) limits.push(run('session policy', slots.session));
  const results = [...guardrails, resource, identity, ...limits];

  const denying = results.find(({ denies }) => denies.length > 0);
  if (denying !== undefined) {
    return {
      kind: 'explicitDeny',
      resource: request.resource,
      decidedBy: denying.layer.type,
      message: explicitDenyMessage(request, denying.layer.type),
      matched: results.flatMap(({ denies }) => denies),
      nearest: [],
    };
  }

  const ofAccount = isOfAccount(principal);
  const sameAccount = ofAccount && principal.account === request.resourceAccount;
  const isRoot = principal.type === 'root';
  const resourceNeeded = !sameAccount || slots.resourceMustAllow === true || resourceType === 'role trust policy';

  /** What stands in for identity policies: a resource policy's Allow does so in one account only, a grant everywhere. */
  const standIn = (byGrant: PrincipalMatch): PrincipalMatch =>
    sameAccount || !ofAccount ? stronger(resource.match, byGrant) : byGrant;
  const missingWith = (byGrant: PrincipalMatch): LayerResult | undefined => {
    const there = stronger(resource.match, byGrant);
    const here = standIn(byGrant);
    const needed = [...guardrails];
    // In one account the resource's policy comes first, since without it nothing else can help.
    if (resourceNeeded && sameAccount && there === 'none') needed.push(resource);
    if (!standsAlone(here) && !isRoot && ofAccount) needed.push(identity);
    if (here !== 'direct' && ofAccount) needed.push(...limits);
    if (resourceNeeded && there === 'none') needed.push(resource);
    return needed.find(({ allows }) => allows.length === 0);
  };
  const byPolicies = missingWith('none') === undefined;
  const grants = byPolicies
    ? []
    : Array.from(slots.grants ?? [], (grant) => ({ grant, match: matchGrant(request, grant) }));
  const byGrant = grants.reduce<PrincipalMatch>((best, { match }) => stronger(best, match), 'none');
  const missing = missingWith(byGrant);
  if (missing !== undefined) {
    const { type } = missing.layer;
    const couldAllow = missing === identity && sameAccount ? [identity.layer, resource.layer] : [missing.layer];
    return {
      kind: 'implicitDeny',
      resource: request.resource,
      decidedBy: type,
      message: implicitDenyMessage(request, type),
      matched: results.flatMap(({ allows }) => allows),
      nearest: nearMisses(couldAllow, prepared),
    };
  }

  const matched: StatementRef[] = [];
  for (const { allows } of results) matched.push(...allows);
  const allowed = (decidedBy: Decision['decidedBy'], by: StatementRef | string): Decision => ({
    kind: 'allowed',
    resource: request.resource,
    decidedBy,
    message: allowedMessage(request, by),
    matched,
    nearest: [],
  });
  const here = standIn(byGrant);
  const byItself = standsAlone(here);
  if (byItself && resource.match !== here) {
    const id = grants.find(({ match }) => match === here)?.grant.id ?? '';
    return allowed('grant', `grant ${id}`);
  }
  if (byItself && resource.best !== null) return allowed(resourceType, resource.best);
  if (isRoot || identity.best === null) return allowed('root user', 'being the root user of its account');
  return allowed('identity-based policy', identity.best);
}
