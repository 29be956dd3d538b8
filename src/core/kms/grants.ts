import type { EncryptionContext } from './encryption-context.ts';
import { KmsError } from './kms-error.ts';
import type { GrantOperation, KmsGrant, KmsKey } from './records.ts';
import type { KeyUsage } from './specs.ts';

export type GrantConstraints = NonNullable<KmsGrant['constraints']>;

const ON_ANY_KEY: readonly GrantOperation[] = ['CreateGrant', 'RetireGrant', 'DescribeKey'];
const SYMMETRIC: readonly GrantOperation[] = [
  'Encrypt',
  'Decrypt',
  'ReEncryptFrom',
  'ReEncryptTo',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];
const BY_USAGE: Readonly<Record<KeyUsage, readonly GrantOperation[]>> = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GetPublicKey'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
};

/** What a grant of this key may allow (KMS Developer Guide, "Grant operations"). */
export function grantableOperations({ spec, usage }: Pick<KmsKey, 'spec' | 'usage'>): readonly GrantOperation[] {
  return [...ON_ANY_KEY, ...(takesContext({ spec }) ? SYMMETRIC : BY_USAGE[usage])];
}

/** Whether the cryptographic operations of this key take an encryption context. */
function takesContext({ spec }: Pick<KmsKey, 'spec'>): boolean {
  return spec === 'SYMMETRIC_DEFAULT';
}

const MOST_PAIRS = 8;
const MOST_VALUE_CHARACTERS = 384;

/** Throws ValidationException for what no grant of this key can be. */
export function checkGrant(key: KmsKey, operations: readonly GrantOperation[], constraints?: GrantConstraints): void {
  const refuse = (message: string): KmsError => new KmsError('ValidationException', message);
  if (operations.length === 0) throw refuse('A grant must allow at least one operation.');
  const grantable = grantableOperations(key);
  const wrong = operations.find((operation) => !grantable.includes(operation));
  if (wrong !== undefined) {
    throw refuse(
      `The operation ${wrong} is not valid in a grant of a key with KeySpec ${key.spec} and KeyUsage ${key.usage}.`,
    );
  }
  if (operations.every((operation) => operation === 'CreateGrant')) {
    throw refuse('Grants must not contain only the CreateGrant operation.');
  }
  const { equals, subset, sourceArn } = constraints ?? {};
  if (sourceArn !== undefined && !ARN.test(sourceArn)) {
    throw new KmsError('InvalidArnException', `${sourceArn} is not a valid ARN.`);
  }
  if (equals !== undefined && subset !== undefined) throw refuse('More than one constraint supplied');
  if ((equals ?? subset) !== undefined && !takesContext(key)) {
    throw refuse(`A grant of a key with KeySpec ${key.spec} cannot have an encryption context constraint.`);
  }
  const pairs = Object.entries(equals ?? subset ?? {});
  if (pairs.length > MOST_PAIRS) {
    throw refuse(`A grant constraint can have at most ${MOST_PAIRS} encryption context pairs.`);
  }
  if (pairs.some(([, value]) => value.length > MOST_VALUE_CHARACTERS)) {
    throw refuse(
      `An encryption context value in a grant constraint can have at most ${MOST_VALUE_CHARACTERS} characters.`,
    );
  }
}

const ARN = /^arn:aws[a-z-]*:[^:]+:[^:]*:[^:]*:.+$/s;
const PRINCIPAL_ARN =
  /^arn:aws[a-z-]*:(?:iam::\d{12}:(?:root|(?:user|role)\/.+)|sts::\d{12}:(?:assumed-role|federated-user)\/.+)$/;
const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?$/;

/** Throws InvalidArnException for what cannot be a grantee or retiring principal. Whether it exists is not looked at. */
export function checkGrantPrincipal(principal: string): void {
  if (PRINCIPAL_ARN.test(principal) || SERVICE.test(principal)) return;
  throw invalidPrincipal(principal);
}

/** The same for GranteeServicePrincipal and RetiringServicePrincipal. */
export function checkServicePrincipal(principal: string): void {
  if (!SERVICE.test(principal)) throw invalidPrincipal(principal);
}

/** In AWS's words, for which tools look that wait for a new role to be known. */
export function invalidPrincipal(principal: string): KmsError {
  return new KmsError('InvalidArnException', `ARN does not refer to a valid principal: ${principal}`);
}

/** The account in a principal's ARN; null for a service or anything else. */
export function accountOfPrincipal(principal: string): string | null {
  return PRINCIPAL_ARN.test(principal) ? (principal.split(':')[4] ?? null) : null;
}

/** Keys of a constraint are compared without case, values with it (GrantConstraints). */
function hasPair(context: EncryptionContext, key: string, value: string): boolean {
  const folded = key.toLowerCase();
  return Object.entries(context).some(([name, other]) => other === value && name.toLowerCase() === folded);
}

function includesPairs(context: EncryptionContext, wanted: EncryptionContext): boolean {
  return Object.entries(wanted).every(([key, value]) => hasPair(context, key, value));
}

function isSame(a: EncryptionContext, b: EncryptionContext): boolean {
  return Object.keys(a).length === Object.keys(b).length && includesPairs(a, b) && includesPairs(b, a);
}

/** What constraints are held against. */
export interface ConstrainedRequest {
  /** The request's encryption context; left out for management, to which constraints of the context do not apply. */
  readonly context?: EncryptionContext | undefined;
  /** The resource on whose behalf a service of AWS asks; nobody else has one. */
  readonly sourceArn?: string | undefined;
}

/**
 * The encryption context that constraints are held against. Keys whose operations take none get no grant with such constraints
 * (CreateGrantRequest, Constraints); one that has them all the same, from before that was looked at, meets none.
 */
export function constrainedContext(
  key: Pick<KmsKey, 'spec'>,
  operation: GrantOperation,
  context: EncryptionContext | undefined,
): EncryptionContext | undefined {
  if (ON_ANY_KEY.includes(operation)) return undefined;
  return takesContext(key) ? (context ?? {}) : {};
}

/** Whether the constraints let a request through. */
export function meetsConstraints(
  constraints: GrantConstraints | undefined,
  { context, sourceArn }: ConstrainedRequest,
): boolean {
  const { equals, subset } = constraints ?? {};
  if (constraints?.sourceArn !== undefined && constraints.sourceArn !== sourceArn) return false;
  if (context === undefined) return true;
  if (equals !== undefined && !isSame(equals, context)) return false;
  return subset === undefined || includesPairs(context, subset);
}

/** Whether a grant lets its grantee do this. */
export function covers(
  grant: Pick<KmsGrant, 'operations' | 'constraints'>,
  operation: GrantOperation,
  request: ConstrainedRequest,
): boolean {
  return grant.operations.includes(operation) && meetsConstraints(grant.constraints, request);
}

/**
 * Whether a grantee may pass this on: a grant made by right of another grant allows no operation that that one does not, and holds its
 * users to at least the same encryption context.
 */
export function isNoMoreThan(
  parent: KmsGrant,
  child: { operations: readonly GrantOperation[]; constraints?: GrantConstraints | undefined },
): boolean {
  if (!child.operations.every((operation) => parent.operations.includes(operation))) return false;
  const { equals, subset, sourceArn } = parent.constraints ?? {};
  const own = child.constraints ?? {};
  if (sourceArn !== undefined && own.sourceArn !== sourceArn) return false;
  if (equals !== undefined) return own.equals !== undefined && isSame(equals, own.equals);
  return subset === undefined || includesPairs(own.equals ?? own.subset ?? {}, subset);
}

/** Whether two requests ask for the same grant: CreateGrant with a name is made once (CreateGrantRequest, Name). */
export function isSameGrant(a: KmsGrant, b: Omit<KmsGrant, 'grantId' | 'createdAt'>): boolean {
  const same = (one: EncryptionContext | undefined, other: EncryptionContext | undefined): boolean =>
    one === undefined || other === undefined ? one === other : canonical(one) === canonical(other);
  return (
    a.key === b.key &&
    a.name === b.name &&
    a.grantee === b.grantee &&
    a.retiring === b.retiring &&
    a.issuer === b.issuer &&
    a.serviceGrantee === b.serviceGrantee &&
    a.serviceRetiring === b.serviceRetiring &&
    a.constraints?.sourceArn === b.constraints?.sourceArn &&
    [...a.operations].sort().join() === [...b.operations].sort().join() &&
    same(a.constraints?.equals, b.constraints?.equals) &&
    same(a.constraints?.subset, b.constraints?.subset)
  );
}

function canonical(context: EncryptionContext): string {
  return JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));
}
