export { lazyRequestContext, type RequestContext, requestContext } from './context.ts';
export { type Decision, evaluate, type Grant, type PolicySlots } from './evaluate.ts';
export type { NamedPolicy, PolicyType, StatementRef } from './layer.ts';
export { MalformedPolicyError, type PolicyFault, type Position } from './malformed-policy.ts';
export type { AccessRequest } from './match-statement.ts';
export type { FailedElement, NearMiss } from './near-misses.ts';
export { type ParseOptions, parsePolicy } from './parse-policy.ts';
export type { ActionSet, Policy, PolicyKind, PolicyVersion, ResourceSet, Statement } from './policy.ts';
export { POLICY_SIZES, type PolicySize } from './policy-size.ts';
export {
  type AccountRoot,
  type FederatedUserSession,
  type IamUser,
  principalName,
  type RequestPrincipal,
  type RoleSession,
} from './principal.ts';
export { namesOf } from './principal-set.ts';
