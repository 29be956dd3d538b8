import { matchStatement, type PreparedRequest } from './match-statement.ts';
import type { Policy, PolicyKind, Statement } from './policy.ts';
import { type PrincipalMatch, stronger } from './principal-set.ts';

/** A policy under the name that explanations give it: a policy's name or ARN, a key's ARN, … */
export interface NamedPolicy<K extends PolicyKind = PolicyKind> {
  readonly name: string;
  readonly policy: Policy<K>;
}

/** The kinds of policy that take part in a decision, under AWS's names for them. */
export type PolicyType =
  | 'identity-based policy'
  | 'resource-based policy'
  | 'role trust policy'
  | 'permissions boundary'
  | 'session policy'
  | 'service control policy'
  | 'resource control policy';

/** Policies of one type that are alternatives to each other: one Allow in any of them is enough. */
export interface Layer {
  readonly type: PolicyType;
  readonly policies: readonly NamedPolicy[];
}

/** A statement, pointed at. `line` and `column` count from 1 in the policy's text. */
export interface StatementRef {
  readonly policyType: PolicyType;
  readonly policy: string;
  readonly sid: string | undefined;
  readonly index: number;
  readonly line: number;
  readonly column: number;
  readonly effect: Statement['effect'];
}

export interface LayerResult {
  readonly layer: Layer;
  readonly allows: readonly StatementRef[];
  readonly denies: readonly StatementRef[];
  /** The best way in which an Allow covers the requester, and the first statement that does so. */
  readonly match: PrincipalMatch;
  readonly best: StatementRef | null;
}

export function refer(layer: Layer, { name }: NamedPolicy, statement: Statement): StatementRef {
  const { sid, index, position, effect } = statement;
  return { policyType: layer.type, policy: name, sid, index, line: position.line, column: position.column, effect };
}

/** Holds every statement of a layer against the request. */
export function evaluateLayer(layer: Layer, prepared: PreparedRequest): LayerResult {
  const allows: StatementRef[] = [];
  const denies: StatementRef[] = [];
  let match: PrincipalMatch = 'none';
  let best: StatementRef | null = null;
  for (const named of layer.policies) {
    for (const statement of named.policy.statements) {
      const who = matchStatement(statement, prepared);
      if (who === 'none') continue;
      const ref = refer(layer, named, statement);
      (statement.effect === 'Deny' ? denies : allows).push(ref);
      if (statement.effect === 'Allow' && who !== match && stronger(match, who) === who) {
        match = who;
        best = ref;
      }
    }
  }
  return { layer, allows, denies, match, best };
}
