import { type ArnText, arnText } from './arn.ts';
import type { RequestContext } from './context.ts';
import type { Statement } from './policy.ts';
import type { RequestPrincipal } from './principal.ts';
import { isSpared, matchPrincipal, type PrincipalMatch } from './principal-set.ts';

/** What is asked. */
export interface AccessRequest {
  readonly principal: RequestPrincipal;
  /** `kms:Decrypt`, as AWS spells it: messages repeat it. */
  readonly action: string;
  /** An ARN, or `*` for an action that no resource belongs to. */
  readonly resource: string;
  /** The account that owns the resource; the principal's own for `*`. */
  readonly resourceAccount: string;
  readonly context: RequestContext;
}

/** A request made ready to be held against many statements. */
export interface PreparedRequest {
  readonly request: AccessRequest;
  readonly action: string;
  readonly resource: ArnText;
  /** Whether the user or role has a permissions boundary: `NotPrincipal` with Deny then spares nobody (see `matchWho`). */
  readonly bounded: boolean;
}

export function prepare(request: AccessRequest, bounded: boolean): PreparedRequest {
  return { request, action: request.action.toLowerCase(), resource: arnText(request.resource), bounded };
}

/** How the statement covers the requester; an identity policy is attached to it. */
export function matchWho({ principals }: Statement, { request, bounded }: PreparedRequest): PrincipalMatch {
  if (principals === null) return 'direct';
  if (!principals.negated) return matchPrincipal(principals, request.principal);
  // IAM User Guide, "Permissions boundaries": NotPrincipal with Deny denies every principal that has one, whatever it lists.
  return bounded || !isSpared(principals, request.principal) ? 'direct' : 'none';
}

/** What AWS leaves open is taken against the requester: it holds for a Deny and not for an Allow. */
export function settle(result: boolean | 'unclear', effect: Statement['effect']): boolean {
  return result === 'unclear' ? effect === 'Deny' : result;
}

export function matchResource({ resources, effect }: Statement, { request, resource }: PreparedRequest): boolean {
  return resources === null || settle(resources.covers(resource, request.context), effect);
}

/** How the statement applies to the request: not at all, or to a requester covered in one of three ways. */
export function matchStatement(statement: Statement, prepared: PreparedRequest): PrincipalMatch {
  if (!statement.actions.covers(prepared.action) || !matchResource(statement, prepared)) return 'none';
  const who = matchWho(statement, prepared);
  if (who === 'none') return 'none';
  for (const condition of statement.conditions) {
    if (!settle(condition.holds(prepared.request.context), statement.effect)) return 'none';
  }
  return who;
}
