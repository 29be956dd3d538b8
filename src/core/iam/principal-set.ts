import { type AccountPrincipal, isOfAccount, type RequestPrincipal, rootArn } from './principal.ts';

/**
 * How a `Principal` element covers a requester (IAM User Guide, "AWS JSON policy elements: Principal", and "Policy evaluation for
 * requests within a single account"). The four differ in what an Allow is worth within one account:
 *
 * - `direct`: the requester itself is named (user, role session, federated session, service, `*`): enough by itself.
 * - `limited`: what the session comes from is named (its role, its user): enough, within permissions boundary and session policies.
 * - `account`: the requester's account is named, which delegates to it: its identity policies have to allow as well.
 */
export type PrincipalMatch = 'none' | 'account' | 'limited' | 'direct';

/** `Principal`, or `NotPrincipal` when negated. */
export interface PrincipalSet {
  readonly negated: boolean;
  /** `*` or `{ "AWS": "*" }`. */
  readonly everyone: boolean;
  readonly aws: ReadonlySet<string>;
  readonly service: ReadonlySet<string>;
  readonly federated: ReadonlySet<string>;
  readonly canonicalUser: ReadonlySet<string>;
}

function namesAccount(set: PrincipalSet, principal: AccountPrincipal): boolean {
  return (
    set.aws.has(principal.account) ||
    set.aws.has(rootArn(principal)) ||
    (principal.canonicalUserId !== undefined && set.canonicalUser.has(principal.canonicalUserId))
  );
}

function names(set: ReadonlySet<string>, name: string | undefined): boolean {
  return name !== undefined && set.has(name);
}

/** How `Principal` covers the requester; for a negated set, how the list behind `NotPrincipal` names it. */
export function matchPrincipal(set: PrincipalSet, principal: RequestPrincipal): PrincipalMatch {
  if (set.everyone) return 'direct';
  switch (principal.type) {
    case 'anonymous':
      return 'none';
    case 'service':
      return set.service.has(principal.service.toLowerCase()) ? 'direct' : 'none';
    case 'webIdentity':
      return set.federated.has(principal.provider) ? 'direct' : 'none';
    case 'root':
      return namesAccount(set, principal) ? 'direct' : 'none';
    case 'user':
      if (set.aws.has(principal.arn) || names(set.aws, principal.id)) return 'direct';
      break;
    case 'roleSession':
      if (set.aws.has(principal.arn)) return 'direct';
      if (set.aws.has(principal.roleArn) || names(set.aws, principal.roleId)) return 'limited';
      break;
    case 'federatedUser':
      if (set.aws.has(principal.arn)) return 'direct';
      if (names(set.aws, principal.userArn)) return 'limited';
      break;
  }
  return namesAccount(set, principal) ? 'account' : 'none';
}

/** Every name by which the AWS names of a `Principal` can cover the requester. */
export function namesOf(principal: AccountPrincipal): readonly string[] {
  const names = [principal.account, rootArn(principal)];
  switch (principal.type) {
    case 'root':
      return names;
    case 'user':
      return [principal.arn, ...(principal.id === undefined ? [] : [principal.id]), ...names];
    case 'roleSession':
      return [
        principal.arn,
        principal.roleArn,
        ...(principal.roleId === undefined ? [] : [principal.roleId]),
        ...names,
      ];
    case 'federatedUser':
      return [principal.arn, ...(principal.userArn === undefined ? [] : [principal.userArn]), ...names];
  }
}

/**
 * Whether `NotPrincipal` spares the requester (IAM User Guide, "NotPrincipal": the account is looked at first, then the user or role,
 * then the session). So a user needs its account on the list besides itself, and a role session the account and the role, as well as
 * itself when the list names sessions of that role.
 */
export function isSpared(set: PrincipalSet, principal: RequestPrincipal): boolean {
  if (set.everyone) return true;
  if (!isOfAccount(principal)) return matchPrincipal(set, principal) !== 'none';
  if (!namesAccount(set, principal)) return false;
  if (principal.type === 'roleSession') {
    if (!set.aws.has(principal.roleArn) && !names(set.aws, principal.roleId)) return false;
    const sessions = principal.arn.slice(0, principal.arn.lastIndexOf('/') + 1);
    return set.aws.has(principal.arn) || ![...set.aws].some((name) => name.startsWith(sessions));
  }
  const match = matchPrincipal(set, principal);
  return match === 'direct' || match === 'limited';
}

const STRENGTH: readonly PrincipalMatch[] = ['none', 'account', 'limited', 'direct'];

export function stronger(a: PrincipalMatch, b: PrincipalMatch): PrincipalMatch {
  return STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b;
}
