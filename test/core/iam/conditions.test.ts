import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, parsePolicy, requestContext } from '../../../src/core/iam/index.ts';
import { ALICE, ANONYMOUS, ask, FEDERATED, GOOGLE, identity, type Keys, LOGS, ROOT, SESSION } from './support.ts';

type Block = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Whether an Allow with this condition applies; for a clear condition a Deny with it applies in the same requests. */
function holds(Condition: Block, keys: Keys = {}): boolean {
  const request = ask(ALICE, { keys });
  const allows = evaluate(request, { identity: [identity({ Condition })] }).kind === 'allowed';
  const denies = evaluate(request, { identity: [identity({ Effect: 'Deny', Condition })] }).kind === 'explicitDeny';
  expect(denies).toBe(allows);
  return allows;
}

const KEY = 'test:Key';
const at = (operator: string, value: unknown): Block => ({ [operator]: { [KEY]: value } });

describe('a condition operator', () => {
  it.each<[string, unknown, string, boolean]>([
    ['StringEquals', 'Blue', 'Blue', true],
    ['StringEquals', 'Blue', 'blue', false],
    ['StringEquals', ['red', 'Blue'], 'Blue', true],
    ['StringEquals', 'B*', 'Blue', false],
    ['StringEquals', 'B*', 'B*', true],
    ['StringEquals', '', '', true],
    ['StringEquals', 5, '5', true],
    ['StringEquals', true, 'true', true],
    ['StringNotEquals', 'Blue', 'Blue', false],
    ['StringNotEquals', ['red', 'Blue'], 'Blue', false],
    ['StringNotEquals', ['red', 'green'], 'Blue', true],
    ['StringEqualsIgnoreCase', 'bLUE', 'Blue', true],
    ['StringEqualsIgnoreCase', 'ÄRGER', 'ärger', true],
    ['StringNotEqualsIgnoreCase', 'bLUE', 'Blue', false],
    ['StringLike', 'B*e', 'Blue', true],
    ['StringLike', 'b*e', 'Blue', false],
    ['StringLike', 'Bl?e', 'Blue', true],
    ['StringLike', '', 'Blue', false],
    ['StringLike', '*', '', true],
    ['StringNotLike', 'B*', 'Blue', false],
    ['StringNotLike', ['a*', 'c*'], 'Blue', true],

    ['NumericEquals', '10', '10.0', true],
    ['NumericEquals', 10, '1e1', true],
    ['NumericNotEquals', '10', '11', true],
    ['NumericLessThan', '10', '9.99', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThan', ['1', '20'], '10', true],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '-1', '0', true],
    ['NumericGreaterThan', '9', '10', true],
    ['NumericGreaterThanEquals', '10', '9', false],
    ['NumericGreaterThan', '0', 'many', false],
    ['NumericEquals', '0', '', false],

    ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', true],
    ['DateEquals', '2026-01-01T00:00:00Z', '1767225600', true],
    ['DateEquals', '1767225600', '2026-01-01', true],
    ['DateEquals', '2026', '2026-01-01T00:00Z', true],
    ['DateNotEquals', '2026-01-01', '2026-01-02', true],
    ['DateLessThan', '2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00.25Z', true],
    ['DateLessThan', '2026-06', '2026-05-31T23:59:59Z', true],
    ['DateLessThanEquals', '2026-06-01', '2026-06-01T00:00:01Z', false],
    ['DateGreaterThan', '2020-01-01T00:00:01Z', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThanEquals', '2026-01-01', '2025-12-31T23:59:59-00:30', true],
    ['DateGreaterThan', '2020-01-01', 'yesterday', false],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', '1767225600.5', true],
    ['DateEquals', '2026-01-01T00:00:00.123Z', '1767225600.123', true],
    ['DateLessThan', '-1', '-1.5', true],
    ['DateGreaterThan', '2020-01-01', '1767225600.', false],

    ['Bool', 'true', 'true', true],
    ['Bool', 'TRUE', 'true', true],
    ['Bool', true, 'True', true],
    ['Bool', 'false', 'true', false],
    ['Bool', 'false', 'no', false],

    ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', true],
    ['BinaryEquals', 'QmluYXJ5', 'qmluYXJ5', false],

    ['IpAddress', '203.0.113.0/24', '203.0.113.255', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.0', false],
    ['IpAddress', '203.0.113.128/25', '203.0.113.127', false],
    ['IpAddress', '203.0.113.7', '203.0.113.7', true],
    ['IpAddress', '203.0.113.7', '203.0.113.8', false],
    ['IpAddress', '0.0.0.0/0', '203.0.113.8', true],
    ['IpAddress', '0.0.0.0/0', '2001:db8::1', false],
    ['IpAddress', ['203.0.113.0/24', '2001:DB8:1234:5678::/64'], '2001:db8:1234:5678:9::1', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5679::1', false],
    ['IpAddress', '::/0', '2001:db8::1', true],
    ['IpAddress', '2001:db8::1', '2001:0db8:0:0:0:0:0:1', true],
    ['IpAddress', '127.0.0.0/8', '::ffff:127.0.0.1', true],
    ['IpAddress', '::ffff:127.0.0.0/104', '127.0.0.1', true],
    ['IpAddress', '64:ff9b::192.0.2.33', '64:ff9b::c000:221', true],
    ['IpAddress', '203.0.113.0/24', '203.0.113.07', false],
    ['IpAddress', '203.0.113.0/24', 'somewhere', false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.9', false],
    ['NotIpAddress', '203.0.113.0/24', '198.51.100.1', true],
    ['NotIpAddress', '203.0.113.0/24', 'somewhere', true],

    ['ArnEquals', 'arn:aws:sns:us-east-1:111122223333:topic', 'arn:aws:sns:us-east-1:111122223333:topic', true],
    ['ArnEquals', 'arn:aws:sns:*:111122223333:*', 'arn:aws:sns:us-east-1:111122223333:topic', true],
    ['ArnLike', 'arn:aws:sns:*:111122223333:t?pic', 'arn:aws:sns:us-east-1:111122223333:topic', true],
    ['ArnLike', 'arn:aws:sns:*:111122223333:*', 'arn:aws:sns:us-east-1:444455556666:topic', false],
    ['ArnNotEquals', 'arn:aws:sns:*:111122223333:*', 'arn:aws:sns:us-east-1:444455556666:topic', true],
    ['ArnNotLike', 'arn:aws:sns:*:111122223333:*', 'arn:aws:sns:us-east-1:111122223333:topic', false],
    ['ArnLike', 'arn:aws:sns:*:111122223333:*', 'topic', false],
    // AWS's example of where ARN operators and StringLike differ.
    [
      'ArnLike',
      'arn:aws:someservice:*:111122223333:finance/*',
      'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt',
      false,
    ],
    [
      'StringLike',
      'arn:aws:someservice:*:111122223333:finance/*',
      'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt',
      true,
    ],
  ])('%s %j and %j: %s', (operator, wanted, given, expected) => {
    expect(holds(at(operator, wanted), { [KEY]: given })).toBe(expected);
    // With the key there, IfExists changes nothing.
    expect(holds(at(`${operator}IfExists`, wanted), { [KEY]: given })).toBe(expected);
    // And a set of one value is that value, except that AWS counts a lone empty string as no value.
    if (given === '') return;
    expect(holds(at(`ForAllValues:${operator}`, wanted), { [KEY]: [given] })).toBe(expected);
    expect(holds(at(`ForAnyValue:${operator}`, wanted), { [KEY]: [given] })).toBe(expected);
  });

  const VALUE: Readonly<Record<string, string>> = {
    String: 'x',
    Arn: 'arn:aws:a:b:c:d',
    Numeric: '1',
    Date: '2026',
    IpAddress: '10.0.0.0/8',
    NotIpAddress: '10.0.0.0/8',
    Bool: 'true',
    BinaryEquals: 'QQ==',
  };
  const OPERATORS = [
    ...['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map(
      (name) => `String${name}`,
    ),
    ...['Equals', 'NotEquals', 'Like', 'NotLike'].map((name) => `Arn${name}`),
    ...['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].flatMap((name) => [
      `Numeric${name}`,
      `Date${name}`,
    ]),
    ...['IpAddress', 'NotIpAddress', 'Bool', 'BinaryEquals'],
  ];

  it.each(OPERATORS)('%s without its key', (operator) => {
    const family = Object.keys(VALUE).find((name) => operator.startsWith(name)) ?? '';
    const value = VALUE[family];
    expect(holds(at(operator, value))).toBe(/Not/.test(operator));
    expect(holds(at(`${operator}IfExists`, value))).toBe(true);
    for (const suffix of ['', 'IfExists']) {
      expect(holds(at(`ForAllValues:${operator}${suffix}`, value))).toBe(true);
      expect(holds(at(`ForAnyValue:${operator}${suffix}`, value))).toBe(false);
      // An empty list, and a lone empty string, are no values either.
      for (const none of [[], ['']]) {
        expect(holds(at(`ForAllValues:${operator}${suffix}`, value), { [KEY]: none })).toBe(true);
        expect(holds(at(`ForAnyValue:${operator}${suffix}`, value), { [KEY]: none })).toBe(false);
      }
    }
  });

  it('Null asks whether a key is there', () => {
    for (const [keys, absent] of [
      [{}, true],
      [{ [KEY]: [] }, true],
      [{ [KEY]: '' }, false],
      [{ [KEY]: ['a', 'b'] }, false],
    ] as const) {
      expect(holds(at('Null', 'true'), keys)).toBe(absent);
      expect(holds(at('Null', false), keys)).toBe(!absent);
      expect(holds(at('Null', ['true', 'false']), keys)).toBe(true);
    }
  });

  it('compares names of keys without regard to case', () => {
    expect(holds({ StringEquals: { 'AWS:PrincipalTag/TEAM': 'a' } }, { 'aws:principaltag/Team': 'a' })).toBe(true);
  });

  it('needs every key of every operator', () => {
    const Condition = { StringEquals: { 'a:b': 'x', 'a:c': 'y' }, Bool: { 'a:d': 'true' } };
    const keys = { 'a:b': 'x', 'a:c': 'y', 'a:d': 'true' };
    expect(holds(Condition, keys)).toBe(true);
    for (const name of Object.keys(keys)) expect(holds(Condition, { ...keys, [name]: 'no' })).toBe(false);
  });

  it('takes an empty condition as none', () => {
    expect(holds({})).toBe(true);
    expect(holds({ StringEquals: {} })).toBe(true);
  });
});

describe('a set operator', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
  const wanted = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 });

  it('means what AWS’s truth table says, for every set', () => {
    fc.assert(
      fc.property(letters, wanted, (given, values) => {
        const keys = { [KEY]: given };
        const matching = given.filter((value) => values.includes(value));
        expect(holds(at('ForAllValues:StringEquals', values), keys)).toBe(matching.length === given.length);
        expect(holds(at('ForAnyValue:StringEquals', values), keys)).toBe(matching.length > 0);
        expect(holds(at('ForAllValues:StringNotEquals', values), keys)).toBe(matching.length === 0);
        expect(holds(at('ForAnyValue:StringNotEquals', values), keys)).toBe(matching.length < given.length);
      }),
      { numRuns: 1000, seed: 81 },
    );
  });

  it('says the opposite of the other one for the negated operator', () => {
    fc.assert(
      fc.property(letters, wanted, (given, values) => {
        const keys = { [KEY]: given };
        expect(holds(at('ForAllValues:StringLike', values), keys)).toBe(
          !holds(at('ForAnyValue:StringNotLike', values), keys),
        );
      }),
      { numRuns: 500, seed: 82 },
    );
  });

  it('may stand before a single-valued key', () => {
    expect(holds(at('ForAnyValue:StringEquals', ['a', 'b']), { [KEY]: 'a' })).toBe(true);
    expect(holds(at('ForAllValues:StringEquals', ['a', 'b']), { [KEY]: 'c' })).toBe(false);
  });
});

describe('a multivalued key without a set operator', () => {
  it.each(['StringEquals', 'StringNotEquals', 'StringLikeIfExists'])(
    'is taken against the requester: %s',
    (operator) => {
      for (const given of [['a'], ['b'], ['a', 'b']]) {
        const request = ask(ALICE, { keys: { [KEY]: given } });
        const Condition = at(operator, 'a');
        expect(evaluate(request, { identity: [identity({ Condition })] }).kind).toBe('implicitDeny');
        const denying = [identity({}), identity({ Effect: 'Deny', Condition })];
        expect(evaluate(request, { identity: denying }).kind).toBe('explicitDeny');
      }
    },
  );

  it('is what two names that differ in case only become', () => {
    const twoCases = { 'kms:EncryptionContext:Dept': 'a', 'kms:EncryptionContext:dept': 'b' };
    const Condition = { StringEquals: { 'kms:EncryptionContext:Dept': 'a' } };
    const kind = (keys: Keys) => evaluate(ask(ALICE, { keys }), { identity: [identity({ Condition })] }).kind;
    expect(kind(twoCases)).toBe('implicitDeny');
    expect(kind({ ...twoCases, 'kms:EncryptionContext:dept': 'a' })).toBe('allowed');
  });
});

describe('a policy variable', () => {
  const TAG = `\${aws:PrincipalTag/team}`;
  const tagged = (team: string | readonly string[], more: Keys = {}): Keys => ({
    'aws:PrincipalTag/team': team,
    ...more,
  });

  it.each<[string, string, Keys, boolean]>([
    ['StringEquals', TAG, tagged('blue', { [KEY]: 'blue' }), true],
    ['StringEquals', `\${AWS:principaltag/TEAM}`, tagged('blue', { [KEY]: 'blue' }), true],
    ['StringEquals', `x\${aws:PrincipalTag/team}y\${aws:username}`, tagged('-', { [KEY]: 'x-yAlice' }), true],
    ['StringLike', `${TAG}/*`, tagged('blue', { [KEY]: 'blue/1' }), true],
    ['StringEqualsIgnoreCase', TAG, tagged('BLUE', { [KEY]: 'blue' }), true],
    ['ArnLike', `arn:aws:iam::*:role/\${aws:PrincipalTag/team}`, tagged('x', { [KEY]: 'arn:aws:iam::1:role/x' }), true],
    ['ArnEquals', `\${aws:PrincipalArn}`, { [KEY]: ALICE.arn }, true],
    ['ArnEquals', `\${aws:username}`, { [KEY]: 'Alice' }, false],
    ['ArnLike', `\${aws:PrincipalTag/team}*`, tagged('arn:aws:iam', { [KEY]: ALICE.arn }), false],
    ['Bool', TAG, tagged('true', { [KEY]: 'true' }), true],
    // What a request brings is text, never a pattern.
    ['StringLike', TAG, tagged('b*', { [KEY]: 'blue' }), false],
    ['StringLike', TAG, tagged('b*', { [KEY]: 'b*' }), true],
    ['StringEquals', TAG, tagged(`\${aws:username}`, { [KEY]: 'Alice' }), false],
    // Without a value nothing is equal or like it.
    ['StringEquals', TAG, { [KEY]: 'blue' }, false],
    ['StringEquals', TAG, { [KEY]: TAG }, false],
    ['StringEquals', TAG, { [KEY]: '' }, false],
    ['StringLike', `*${TAG}`, { [KEY]: 'blue' }, false],
    ['StringNotEquals', TAG, { [KEY]: 'blue' }, true],
    ['StringNotLike', TAG, { [KEY]: 'blue' }, true],
    ['ArnNotEquals', TAG, { [KEY]: ALICE.arn }, true],
    // Multivalued keys cannot be variables.
    ['StringEquals', TAG, tagged(['blue'], { [KEY]: 'blue' }), false],
    // Defaults.
    ['StringEquals', `\${aws:PrincipalTag/team, 'none'}`, { [KEY]: 'none' }, true],
    ['StringEquals', `\${aws:PrincipalTag/team,'none'}`, tagged('blue', { [KEY]: 'none' }), false],
    ['StringEquals', `\${aws:PrincipalTag/team, ''}`, { [KEY]: '' }, true],
    ['StringLike', `\${aws:PrincipalTag/team, '*'}`, { [KEY]: 'anything' }, false],
    ['StringEquals', `\${aws:PrincipalTag/cost center}`, { 'aws:PrincipalTag/cost center': '7', [KEY]: '7' }, true],
    // Escapes.
    ['StringLike', `a\${*}`, { [KEY]: 'ab' }, false],
    ['StringLike', `a\${*}`, { [KEY]: 'a*' }, true],
    ['StringLike', `a\${?}`, { [KEY]: 'a?' }, true],
    ['StringLike', `a\${?}`, { [KEY]: 'ab' }, false],
    ['StringEquals', `\${$}{aws:username}`, { [KEY]: `\${aws:username}` }, true],
    ['StringEquals', '$5', { [KEY]: '$5' }, true],
  ])('%s %s, with %j: %s', (operator, value, keys, expected) => {
    expect(holds(at(operator, value), keys)).toBe(expected);
  });

  it.each<[string, string, Keys, boolean]>([
    [`arn:aws:s3:::home/\${aws:username}/*`, 'arn:aws:s3:::home/Alice/x', {}, true],
    [`arn:aws:s3:::home/\${aws:username}/*`, 'arn:aws:s3:::home/Bob/x', {}, false],
    [`arn:aws:s3:::home/\${aws:PrincipalTag/team}/*`, 'arn:aws:s3:::home/x/y', {}, false],
    [`arn:aws:s3:::home/\${aws:PrincipalTag/team, 'all'}/*`, 'arn:aws:s3:::home/all/y', {}, true],
    [`arn:aws:s3:::home/\${aws:PrincipalTag/team}`, 'arn:aws:s3:::home/x', tagged('*'), false],
    [`arn:aws:s3:::home/\${*}`, 'arn:aws:s3:::home/x', {}, false],
    [`arn:aws:s3:::home/\${*}`, 'arn:aws:s3:::home/*', {}, true],
    [`arn:aws:x:::a:\${aws:PrincipalTag/team}`, 'arn:aws:x:::a:b:c', tagged('b:c'), true],
  ])('in Resource %s and %s, with %j: %s', (Resource, resource, keys, expected) => {
    const request = ask(ALICE, { resource, keys });
    expect(evaluate(request, { identity: [identity({ Resource })] }).kind === 'allowed').toBe(expected);
  });

  it('without a value in NotResource is taken against the requester', () => {
    const NotResource = `arn:aws:s3:::home/\${aws:PrincipalTag/team}`;
    const kind = (keys: Keys, Effect: string) =>
      evaluate(ask(ALICE, { resource: 'arn:aws:s3:::home/x', keys }), { identity: [identity({ Effect, NotResource })] })
        .kind;
    expect(kind({}, 'Allow')).toBe('implicitDeny');
    expect(kind({}, 'Deny')).toBe('explicitDeny');
    expect(kind(tagged('y'), 'Allow')).toBe('allowed');
    expect(kind(tagged('x'), 'Deny')).toBe('implicitDeny');
    // Whatever the tag is, a key is no object of that bucket.
    expect(evaluate(ask(ALICE), { identity: [identity({ NotResource })] }).kind).toBe('allowed');
  });

  it('is text before 2012-10-17', () => {
    const condition = { StringEquals: { [KEY]: `\${aws:username}` } };
    const text = JSON.stringify({
      Version: '2008-10-17',
      Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: condition },
    });
    const policy = { name: 'old', policy: parsePolicy(text, { kind: 'identity' }) };
    const kind = (value: string) => evaluate(ask(ALICE, { keys: { [KEY]: value } }), { identity: [policy] }).kind;
    expect(kind('Alice')).toBe('implicitDeny');
    expect(kind(`\${aws:username}`)).toBe('allowed');
  });
});

describe('requestContext', () => {
  const values = (principal: Parameters<typeof requestContext>[0], keys: Keys = {}) =>
    Object.fromEntries([...requestContext(principal, keys)].map(([key, value]) => [key, value.values[0]]));

  it('has the keys that follow from the principal', () => {
    expect(values(ROOT)).toEqual({
      'aws:principalaccount': '111122223333',
      'aws:principalarn': 'arn:aws:iam::111122223333:root',
      'aws:principalisawsservice': 'false',
      'aws:principaltype': 'Account',
      'aws:userid': '111122223333',
    });
    expect(values(ALICE)).toMatchObject({
      'aws:principalarn': ALICE.arn,
      'aws:principaltype': 'User',
      'aws:userid': ALICE.id,
      'aws:username': 'Alice',
    });
    expect(values(SESSION)).toEqual({
      'aws:principalaccount': '111122223333',
      'aws:principalarn': SESSION.roleArn,
      'aws:principalisawsservice': 'false',
      'aws:principaltype': 'AssumedRole',
      'aws:userid': 'AROADEV00000000EXAMPLE:laptop',
    });
    expect(values(FEDERATED)).toMatchObject({
      'aws:principalarn': FEDERATED.arn,
      'aws:principaltype': 'FederatedUser',
      'aws:userid': '111122223333:Carol',
    });
    expect(values(LOGS)).toEqual({
      'aws:principalisawsservice': 'true',
      'aws:principalservicename': 'logs.amazonaws.com',
    });
    expect(values(ANONYMOUS)).toEqual({ 'aws:principaltype': 'Anonymous', 'aws:userid': 'anonymous' });
    expect(values(GOOGLE)).toEqual({});
  });

  it('believes nothing else about them', () => {
    const lies = { 'AWS:PrincipalArn': ALICE.arn, 'aws:username': 'Alice', 'aws:PrincipalAccount': '999999999999' };
    expect(values(SESSION, lies)).toEqual(values(SESSION));
    expect(values(ANONYMOUS, lies)).toEqual(values(ANONYMOUS));
    expect(values(ALICE, lies)).toEqual(values(ALICE));
  });
});
