import type { ArnText } from './arn.ts';
import type { Condition } from './condition.ts';
import type { RequestContext } from './context.ts';
import type { Position } from './malformed-policy.ts';
import type { PrincipalSet } from './principal-set.ts';

/**
 * The two flavours of IAM's language, and one in between. `identity`: no Principal, Resource required (also permissions boundaries,
 * session policies and SCPs). `resource`: Principal and Resource required (also RCPs). `trust`: a role's trust policy, which has a
 * Principal and no Resource.
 */
export type PolicyKind = 'identity' | 'resource' | 'trust';

export type PolicyVersion = '2008-10-17' | '2012-10-17';

/** A policy, read and compiled once. Strings are as written; what evaluates them is beside them. */
export interface Policy<K extends PolicyKind = PolicyKind> {
  readonly kind: K;
  /** 2008-10-17 when the document has none. */
  readonly version: PolicyVersion;
  readonly id: string | undefined;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly index: number;
  readonly position: Position;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** Null in identity policies. */
  readonly principals: PrincipalSet | null;
  readonly actions: ActionSet;
  /** Null in trust policies. */
  readonly resources: ResourceSet | null;
  readonly conditions: readonly Condition[];
}

/** `Action`, or `NotAction` when negated. */
export interface ActionSet {
  readonly negated: boolean;
  readonly values: readonly string[];
  /** Whether the element covers an action given in lower case. */
  readonly covers: (action: string) => boolean;
}

/** `Resource`, or `NotResource` when negated. */
export interface ResourceSet {
  readonly negated: boolean;
  readonly values: readonly string[];
  /** `unclear`: a variable of a NotResource has no value, so what it excludes is unknown. Taken against the requester. */
  readonly covers: (resource: ArnText, context: RequestContext) => boolean | 'unclear';
}
