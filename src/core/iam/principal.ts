/** Who makes a request. Ids are IAM's unique ids (`AIDA…`, `AROA…`), left out where the account has none. */
export type RequestPrincipal =
  | AccountRoot
  | IamUser
  | RoleSession
  | FederatedUserSession
  | WebIdentity
  | AwsService
  | { readonly type: 'anonymous' };

interface OfAccount {
  readonly partition: string;
  /** Twelve digits. */
  readonly account: string;
  /** The account's canonical user id, 64 hexadecimal digits, where policies may name it. */
  readonly canonicalUserId?: string | undefined;
}
export interface AccountRoot extends OfAccount {
  readonly type: 'root';
}
export interface IamUser extends OfAccount {
  readonly type: 'user';
  /** `arn:aws:iam::123456789012:user/path/name` */
  readonly arn: string;
  readonly id?: string | undefined;
}
export interface RoleSession extends OfAccount {
  readonly type: 'roleSession';
  /** `arn:aws:sts::123456789012:assumed-role/name/session` */
  readonly arn: string;
  /** `arn:aws:iam::123456789012:role/path/name` */
  readonly roleArn: string;
  readonly roleId?: string | undefined;
}
export interface FederatedUserSession extends OfAccount {
  readonly type: 'federatedUser';
  /** `arn:aws:sts::123456789012:federated-user/name` */
  readonly arn: string;
  /** The IAM user who called GetFederationToken; left out when the root user did. */
  readonly userArn?: string | undefined;
}
/** The bearer of a token or assertion in AssumeRoleWithWebIdentity or AssumeRoleWithSAML. */
interface WebIdentity {
  readonly type: 'webIdentity';
  /** A host (`accounts.google.com`) or the ARN of an IAM OIDC or SAML provider. */
  readonly provider: string;
}
interface AwsService {
  readonly type: 'service';
  /** `logs.amazonaws.com` */
  readonly service: string;
}

export type AccountPrincipal = AccountRoot | IamUser | RoleSession | FederatedUserSession;

export function isOfAccount(principal: RequestPrincipal): principal is AccountPrincipal {
  return 'account' in principal;
}

export function rootArn(principal: { readonly partition: string; readonly account: string }): string {
  return `arn:${principal.partition}:iam::${principal.account}:root`;
}

/** How AWS's messages name the principal. */
export function principalName(principal: RequestPrincipal): string {
  switch (principal.type) {
    case 'root':
      return rootArn(principal);
    case 'user':
    case 'roleSession':
    case 'federatedUser':
      return principal.arn;
    case 'webIdentity':
      return principal.provider;
    case 'service':
      return principal.service;
    case 'anonymous':
      return 'anonymous';
  }
}

/** Every key this module answers for; a request that claims another value for one of them is not believed. */
const NO_KEYS = {
  'aws:principalaccount': undefined,
  'aws:principalarn': undefined,
  'aws:principalisawsservice': undefined,
  'aws:principalservicename': undefined,
  'aws:principaltype': undefined,
  'aws:userid': undefined,
  'aws:username': undefined,
};

function lastSegment(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function withId(id: string | undefined, suffix = ''): string | undefined {
  return id === undefined ? undefined : id + suffix;
}

/**
 * The condition keys that follow from a principal (IAM User Guide, "AWS global condition context keys" and "Principal key values").
 * Names are in lower case. `aws:PrincipalArn` of a role session is the role's ARN. A key that does not apply is undefined.
 */
export function principalKeys(principal: RequestPrincipal): Readonly<Record<string, string | undefined>> {
  if (principal.type === 'anonymous') {
    return { ...NO_KEYS, 'aws:principaltype': 'Anonymous', 'aws:userid': 'anonymous' };
  }
  if (principal.type === 'webIdentity') return NO_KEYS;
  if (principal.type === 'service') {
    return { ...NO_KEYS, 'aws:principalisawsservice': 'true', 'aws:principalservicename': principal.service };
  }
  const keys = { ...NO_KEYS, 'aws:principalaccount': principal.account, 'aws:principalisawsservice': 'false' };
  switch (principal.type) {
    case 'root':
      return {
        ...keys,
        'aws:principalarn': rootArn(principal),
        'aws:principaltype': 'Account',
        'aws:userid': principal.account,
      };
    case 'user':
      return {
        ...keys,
        'aws:principalarn': principal.arn,
        'aws:principaltype': 'User',
        'aws:userid': withId(principal.id),
        'aws:username': lastSegment(principal.arn),
      };
    case 'roleSession':
      return {
        ...keys,
        'aws:principalarn': principal.roleArn,
        'aws:principaltype': 'AssumedRole',
        'aws:userid': withId(principal.roleId, `:${lastSegment(principal.arn)}`),
      };
    case 'federatedUser':
      return {
        ...keys,
        'aws:principalarn': principal.arn,
        'aws:principaltype': 'FederatedUser',
        'aws:userid': `${principal.account}:${lastSegment(principal.arn)}`,
      };
  }
}
