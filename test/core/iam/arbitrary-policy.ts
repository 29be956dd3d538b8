import fc from 'fast-check';
import type { LooseStatement } from './support.ts';
import { ACCOUNT, ALICE, BOB, FEDERATED, OTHER_ACCOUNT, ROLE_ARN, ROOT_ARN, SESSION } from './support.ts';

// Policies from a small world, so that statements and requests meet often.

function oneOrMore<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> {
  return fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));
}

function either(name: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<LooseStatement> {
  return fc
    .tuple(fc.constantFrom(false, false, false, true), value)
    .map(([negated, chosen]) => ({ [negated ? `Not${name}` : name]: chosen }));
}

export const ACTIONS = ['kms:Decrypt', 'kms:DescribeKey', 's3:GetObject'] as const;
export const RESOURCES = [
  `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1`,
  `arn:aws:kms:us-east-1:${ACCOUNT}:key/2`,
  'arn:aws:s3:::home/Alice/a',
] as const;
export const VALUES = ['a', 'b', 'ab', 'A', '1', '2', '', 'a*'] as const;
export const SINGLE_KEYS = ['aws:PrincipalTag/team', 'aws:RequestedRegion', 'kms:ViaService'] as const;
export const MULTI_KEYS = ['aws:TagKeys', 'kms:EncryptionContextKeys'] as const;

const action = fc.constantFrom('*', '*', 'kms:*', 'kms:De*', 'KMS:decrypt', 'kms:De?crypt', ...ACTIONS);
const resource = fc.constantFrom(
  '*',
  '*',
  '*',
  'arn:aws:kms:*',
  `arn:aws:kms:*:${ACCOUNT}:key/*`,
  `arn:aws:kms:eu-*:*:key/?`,
  `arn:aws:s3:::home/\${aws:username}/*`,
  `arn:aws:s3:::home/\${aws:PrincipalTag/team, 'Alice'}/a`,
  `arn:aws:s3:::home/\${*}`,
  ...RESOURCES,
);
const text = fc.constantFrom<string>(
  ...VALUES,
  'a?',
  '*',
  `\${aws:PrincipalTag/team}`,
  `\${kms:ViaService, 'b'}`,
  `\${*}`,
);
const arn = fc.constantFrom('arn:aws:iam::*:user/*', `arn:aws:iam::${ACCOUNT}:*`, ALICE.arn, `\${aws:PrincipalArn}`);
const range = fc.constantFrom('10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '0.0.0.0/0');
const number = fc.constantFrom<unknown>('1', '2', 1.5, '-3', 2);
const date = fc.constantFrom('2026-01-01T00:00:00Z', '2025', '1767225600', '2026-06-01');
const truth = fc.constantFrom<unknown>('true', 'false', true, false);

const STRING_OPERATORS = ['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'];
const ORDERS = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];

const stringKey = fc.constantFrom(...SINGLE_KEYS, ...MULTI_KEYS, 'AWS:principaltag/TEAM', 'aws:Absent');

function named(operators: readonly string[], prefix: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'),
      fc.constantFrom(...operators),
      fc.constantFrom('', '', 'IfExists'),
    )
    .map(([set, operator, suffix]) => `${set}${prefix}${operator}${suffix}`);
}

function block(operator: fc.Arbitrary<string>, key: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>) {
  return fc
    .tuple(operator, key, oneOrMore(value))
    .map(([name, keyName, chosen]) => ({ [name]: { [keyName]: chosen } }));
}

const conditions = fc
  .array(
    fc.oneof(
      { arbitrary: block(named(STRING_OPERATORS, 'String'), stringKey, text), weight: 4 },
      block(named(['Equals', 'Like', 'NotEquals', 'NotLike'], 'Arn'), fc.constant('aws:PrincipalArn'), arn),
      block(named(ORDERS, 'Numeric'), fc.constantFrom('aws:MultiFactorAuthAge', ...SINGLE_KEYS), number),
      block(named(ORDERS, 'Date'), fc.constant('aws:CurrentTime'), date),
      block(named(['IpAddress', 'NotIpAddress'], ''), fc.constant('aws:SourceIp'), range),
      block(named(['Bool'], ''), fc.constant('aws:SecureTransport'), truth),
      block(fc.constant('Null'), stringKey, truth),
    ),
    { maxLength: 2 },
  )
  .map((blocks) => (blocks.length === 0 ? {} : { Condition: Object.assign({}, ...blocks) }));

const condition = fc.oneof(fc.constant({}), fc.constant({}), conditions);

const principal = fc.oneof(
  fc.constant('*'),
  fc
    .tuple(
      oneOrMore(
        fc.constantFrom(
          '*',
          ACCOUNT,
          OTHER_ACCOUNT,
          ROOT_ARN,
          ALICE.arn,
          BOB.arn,
          ROLE_ARN,
          SESSION.arn,
          FEDERATED.arn,
          'AIDAALICE0000000EXAMPLE',
        ),
      ),
      fc.constantFrom({}, { Service: 'logs.amazonaws.com' }, { Federated: ['accounts.google.com'] }),
    )
    .map(([AWS, more]) => ({ AWS, ...more })),
);

const effect = fc.constantFrom('Allow', 'Allow', 'Allow', 'Allow', 'Allow', 'Deny');

export const identityStatement: fc.Arbitrary<LooseStatement> = fc
  .tuple(effect, either('Action', oneOrMore(action)), either('Resource', oneOrMore(resource)), condition)
  .map(([Effect, ...elements]) => Object.assign({ Effect }, ...elements));

export const resourceStatement: fc.Arbitrary<LooseStatement> = fc
  .tuple(identityStatement, fc.boolean(), principal)
  .map(([statement, negated, who]) => ({
    ...statement,
    [negated && statement['Effect'] === 'Deny' ? 'NotPrincipal' : 'Principal']: who,
  }));

/** The condition keys of a request, as a service would give them. */
export const keys: fc.Arbitrary<Record<string, string | string[]>> = fc
  .record(
    {
      single: fc.dictionary(fc.constantFrom(...SINGLE_KEYS), fc.constantFrom(...VALUES)),
      multi: fc.dictionary(fc.constantFrom(...MULTI_KEYS), fc.array(fc.constantFrom(...VALUES), { maxLength: 3 })),
      'aws:MultiFactorAuthAge': fc.constantFrom('1', '2', '3'),
      'aws:CurrentTime': fc.constantFrom('2026-01-01T00:00:00Z', '2026-03-01T12:00:00+01:00'),
      'aws:SourceIp': fc.constantFrom('10.1.2.3', '192.0.2.1', '2001:db8::1'),
      'aws:SecureTransport': fc.constantFrom('true', 'false'),
    },
    { requiredKeys: ['single', 'multi'] },
  )
  .map(({ single, multi, ...rest }) => ({ ...single, ...multi, ...rest }));
