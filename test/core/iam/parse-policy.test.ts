import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MalformedPolicyError,
  POLICY_SIZES,
  type Policy,
  type PolicyKind,
  type PolicySize,
  parsePolicy,
  type Statement,
} from '../../../src/core/iam/index.ts';
import { identityStatement, resourceStatement } from './arbitrary-policy.ts';

function fault(text: string | Uint8Array, kind: PolicyKind = 'identity', size?: PolicySize): MalformedPolicyError {
  try {
    parsePolicy(text, size === undefined ? { kind } : { kind, size });
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const STATEMENT = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };

function withStatement(changes: Record<string, unknown>): string {
  const statement: Record<string, unknown> = { ...STATEMENT, ...changes };
  for (const [name, value] of Object.entries(statement)) if (value === undefined) delete statement[name];
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

describe('parsePolicy', () => {
  it('reads the policy of AWS’s documentation into data', () => {
    const policy = parsePolicy(
      `{
  "Version": "2012-10-17",
  "Id": "key-default-1",
  "Statement": [{
    "Sid": "Enable IAM User Permissions",
    "Effect": "Allow",
    "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
    "Action": "kms:*",
    "Resource": "*",
    "Condition": { "StringEquals": { "kms:CallerAccount": ["111122223333", 5, true] } }
  }]
}`,
      { kind: 'resource', size: POLICY_SIZES.kmsKey },
    );
    expect(policy).toMatchObject({
      kind: 'resource',
      version: '2012-10-17',
      id: 'key-default-1',
      statements: [
        {
          index: 0,
          position: { line: 4, column: 17 },
          sid: 'Enable IAM User Permissions',
          effect: 'Allow',
          principals: { negated: false, everyone: false, aws: new Set(['arn:aws:iam::111122223333:root']) },
          actions: { negated: false, values: ['kms:*'] },
          resources: { negated: false, values: ['*'] },
          conditions: [{ operator: 'StringEquals', key: 'kms:CallerAccount', values: ['111122223333', '5', 'true'] }],
        },
      ],
    });
  });

  it('takes a single statement, no version, bytes, and a byte order mark', () => {
    const text = JSON.stringify({ Statement: STATEMENT });
    for (const input of [text, `\ufeff${text}`, new TextEncoder().encode(`\ufeff${text}`)]) {
      expect(parsePolicy(input, { kind: 'identity' })).toMatchObject({
        version: '2008-10-17',
        statements: [{ index: 0 }],
      });
    }
    expect(fault(new Uint8Array([0x7b, 0xff])).reason).toBe('Syntax errors in policy: it is not UTF-8.');
  });

  it('points at the line and column', () => {
    const error = fault(
      '{\n  "Statement": [{\n    "Effect": "Allow",\n    "Action": "Decrypt",\n    "Resource": "*"\n  }]\n}',
    );
    expect(error.position).toEqual({ line: 4, column: 15 });
    expect(error.message).toBe(
      'Line 4, column 15: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    );
    expect(error).toMatchObject({ code: 'InvalidInput', fault: 'grammar', details: { line: 4, column: 15 } });
  });

  it.each<[string, string, string]>([
    ['a list', '[]', 'Syntax errors in policy: a policy is an object.'],
    ['no statement', '{"Version":"2012-10-17"}', 'Missing required field Statement.'],
    ['an empty list', '{"Statement":[]}', 'Policy document must contain at least one statement.'],
    ['a number as statement', '{"Statement":[1]}', 'Syntax errors in policy: a statement is an object.'],
    ['another version', '{"Version":"2020-01-01","Statement":[]}', 'Policy document Version must be'],
    ['an unknown element', '{"Statment":[],"Statement":[]}', 'Unknown field Statment.'],
    ['an element in the wrong case', withStatement({ action: 'kms:*' }), 'Unknown field action.'],
    ['no effect', withStatement({ Effect: undefined }), 'Missing required field Effect.'],
    ['an effect in lower case', withStatement({ Effect: 'allow' }), 'Invalid effect: allow. Use Allow or Deny.'],
    ['no action', withStatement({ Action: undefined }), 'Policy statement must contain actions.'],
    ['an empty list of actions', withStatement({ Action: [] }), 'Policy statement must contain actions.'],
    ['both actions', withStatement({ NotAction: 'kms:*' }), 'A statement has Action or NotAction, not both.'],
    [
      'a number as action',
      withStatement({ Action: [7] }),
      'Syntax errors in policy: each entry of Action is a string.',
    ],
    ['an action without service', withStatement({ Action: 'Decrypt' }), 'Actions/Conditions must be prefaced'],
    ['two colons', withStatement({ Action: 'kms:a:b' }), 'Actions/Condition can contain only one colon.'],
    ['a wildcard in the service', withStatement({ Action: 'k*:Decrypt' }), 'Vendor k* is not valid.'],
    ['an empty action name', withStatement({ Action: 'kms:' }), 'Action kms: is not valid'],
    ['no resource', withStatement({ Resource: undefined }), 'Policy statement must contain resources.'],
    ['an empty list of resources', withStatement({ Resource: [] }), 'Policy statement must contain resources.'],
    ['a resource that is no ARN', withStatement({ Resource: 'key/1' }), 'Resource key/1 must be in ARN format or "*".'],
    ['a short ARN', withStatement({ Resource: 'arn:aws:kms:eu' }), 'must be in ARN format or "*".'],
    ['a wildcard as service', withStatement({ Resource: 'arn:aws:*:::x' }), 'Resource vendor must be fully qualified'],
    ['no service', withStatement({ Resource: 'arn:aws::::x' }), 'names no service'],
    ['no partition', withStatement({ Resource: 'arn::kms:::x' }), 'Partition "" is not valid for resource'],
    ['a variable as account', withStatement({ Resource: `arn:aws:s3::\${aws:userid}:x` }), 'after its fifth colon'],
    [
      'an unfinished variable',
      withStatement({ Resource: `arn:aws:s3:::b/\${aws:userid` }),
      'begins no policy variable',
    ],
    ['a variable without service', withStatement({ Resource: `arn:aws:s3:::b/\${user}` }), 'begins no policy variable'],
    ['a default without quotes', withStatement({ Resource: `arn:aws:s3:::b/\${aws:userid, x}` }), 'policy variable'],
    ['a principal', withStatement({ Principal: '*' }), 'Policy document should not specify a principal.'],
    ['a number as Sid', withStatement({ Sid: 1 }), 'Syntax errors in policy: Sid is a string.'],
    ['a Sid with spaces', withStatement({ Sid: 'a b' }), 'Statement IDs (SID) must be alpha-numeric.'],
    ['a condition list', withStatement({ Condition: [] }), 'Syntax errors in policy: Condition is an object.'],
    [
      'an unknown operator',
      withStatement({ Condition: { StringIs: { 'a:b': '' } } }),
      'Invalid Condition type : StringIs.',
    ],
    ['NullIfExists', withStatement({ Condition: { NullIfExists: { 'a:b': 'true' } } }), 'Invalid Condition type'],
    [
      'ForAnyValue:Null',
      withStatement({ Condition: { 'ForAnyValue:Null': { 'a:b': 'true' } } }),
      'Invalid Condition type',
    ],
    ['ForSome:', withStatement({ Condition: { 'ForSome:StringEquals': { 'a:b': 'x' } } }), 'Invalid Condition type'],
    [
      'a key without service',
      withStatement({ Condition: { Bool: { MFA: true } } }),
      'Actions/Conditions must be prefaced',
    ],
    ['no values', withStatement({ Condition: { StringEquals: { 'a:b': [] } } }), 'must have at least one value'],
    [
      'null as value',
      withStatement({ Condition: { StringEquals: { 'a:b': null } } }),
      'is a string, number or boolean',
    ],
    ['a word as number', withStatement({ Condition: { NumericEquals: { 'a:b': 'x' } } }), 'it is a decimal number'],
    ['a variable as number', withStatement({ Condition: { NumericEquals: { 'a:b': `\${a:c}` } } }), 'a decimal number'],
    ['30 February', withStatement({ Condition: { DateLessThan: { 'a:b': '2026-02-30' } } }), 'it is a date such as'],
    [
      'a range of 33 bits',
      withStatement({ Condition: { IpAddress: { 'a:b': '10.0.0.0/33' } } }),
      'an address or a range',
    ],
    ['a word as truth', withStatement({ Condition: { Bool: { 'a:b': 'yes' } } }), 'it is true or false'],
    ['a word as Null', withStatement({ Condition: { Null: { 'a:b': 'no' } } }), 'it is true or false'],
    ['unpadded base64', withStatement({ Condition: { BinaryEquals: { 'a:b': 'QQ' } } }), 'base64 with padding'],
    ['half an ARN', withStatement({ Condition: { ArnLike: { 'a:b': 'arn:aws:iam::*' } } }), 'an ARN has six parts'],
  ])('refuses %s', (_what, text, reason) => {
    expect(fault(text).reason).toContain(reason);
  });

  it.each<[string, unknown, string]>([
    ['none', undefined, 'Missing required field Principal.'],
    ['a name', 'arn:aws:iam::111122223333:root', 'Invalid principal in policy: "arn:aws:iam::111122223333:root".'],
    ['an unknown family', { Aws: '*' }, 'Invalid principal in policy: unknown field Aws.'],
    ['an empty object', {}, 'Invalid principal in policy: an empty object.'],
    ['an empty list', { AWS: [] }, 'Invalid principal in policy: an empty list.'],
    ['a partial wildcard', { AWS: 'arn:aws:iam::111122223333:user/*' }, 'Invalid principal in policy: "AWS":'],
    ['all sessions of a role', { AWS: 'arn:aws:sts::111122223333:assumed-role/Dev/*' }, 'Invalid principal'],
    ['a group', { AWS: 'arn:aws:iam::111122223333:group/Devs' }, 'Invalid principal'],
    ['eleven digits', { AWS: '11112222333' }, 'Invalid principal'],
    ['a service wildcard', { Service: '*' }, 'Invalid principal in policy: "Service":"*".'],
    ['a role as provider', { Federated: 'arn:aws:iam::111122223333:role/Dev' }, 'Invalid principal'],
    ['a short canonical id', { CanonicalUser: 'abc' }, 'Invalid principal'],
  ])('refuses as principal: %s', (_what, Principal, reason) => {
    expect(fault(withStatement({ Principal }), 'resource').reason).toContain(reason);
  });

  it('refuses NotPrincipal with Allow, and in a trust policy', () => {
    const NotPrincipal = { AWS: '111122223333' };
    expect(fault(withStatement({ NotPrincipal }), 'resource').reason).toContain('Has prohibited field NotPrincipal');
    const deny = withStatement({ NotPrincipal, Effect: 'Deny', Resource: undefined });
    expect(fault(deny, 'trust').reason).toContain('Has prohibited field NotPrincipal');
  });

  it('refuses a resource in a trust policy', () => {
    expect(fault(withStatement({ Principal: '*' }), 'trust').reason).toBe('Has prohibited field Resource.');
  });

  it('wants Sids to be unique where IAM does', () => {
    const twins = JSON.stringify({
      Statement: [
        { Sid: 'a', ...STATEMENT },
        { Sid: 'a', ...STATEMENT },
      ],
    });
    expect(fault(twins).reason).toBe('Statement IDs (SID) in a single policy must be unique.');
  });

  it('takes variables as text before 2012-10-17', () => {
    const Resource = `arn:aws:s3:::b/\${user`;
    const text = JSON.stringify({ Version: '2008-10-17', Statement: [{ ...STATEMENT, Resource }] });
    expect(parsePolicy(text, { kind: 'identity' }).statements[0]?.resources?.values).toEqual([Resource]);
  });

  it.each<[PolicySize, string, boolean]>([
    [{ most: 10, of: 'characters' }, '{        }', true],
    [{ most: 9, of: 'characters' }, '{        }', false],
    [{ most: 2, of: 'charactersWithoutWhiteSpace' }, '{        }', true],
    [{ most: 5, of: 'bytes' }, '["é"]', false],
    [{ most: 6, of: 'bytes' }, '["é"]', true],
  ])('holds to the size %j', (size, text, fits) => {
    const error = fault(text, 'identity', size);
    expect(error.fault === 'size').toBe(!fits);
    if (!fits) expect(error.reason).toBe(`Cannot exceed quota for PolicySize: ${size.most}`);
  });

  it('reads nothing longer than IAM takes anywhere', () => {
    expect(fault(' '.repeat(131_073)).fault).toBe('size');
  });

  it.each([
    ['variables', `arn:aws:s3:::${`\${*}`.repeat(30_000)}`],
    ['an unfinished variable', `arn:aws:s3:::\${a:${' '.repeat(120_000)}`],
    ['wildcards', `arn:aws:s3:::${'a*'.repeat(60_000)}`],
    ['text', `arn:aws:s3:::${'a'.repeat(120_000)}`],
  ])('is not troubled by a resource full of %s', (_what, Resource) => {
    const text = withStatement({ Resource });
    if (Resource.includes(`\${a:`)) expect(fault(text).reason).toContain('policy variable');
    else expect(parsePolicy(text, { kind: 'identity' }).statements).toHaveLength(1);
  });
});

/** A policy's data as a document again. */
function print(policy: Policy): Record<string, unknown> {
  const list = (names: ReadonlySet<string>): string[] => [...names];
  const statement = ({
    sid,
    effect,
    principals,
    actions,
    resources,
    conditions,
  }: Statement): Record<string, unknown> => {
    const printed: Record<string, unknown> = { Effect: effect };
    if (sid !== undefined) printed['Sid'] = sid;
    if (principals !== null) {
      const families = {
        AWS: list(principals.aws),
        Service: list(principals.service),
        Federated: list(principals.federated),
        CanonicalUser: list(principals.canonicalUser),
      };
      const present = Object.entries(families).filter(([, names]) => names.length > 0);
      printed[principals.negated ? 'NotPrincipal' : 'Principal'] = Object.fromEntries(present);
    }
    printed[actions.negated ? 'NotAction' : 'Action'] = actions.values;
    if (resources !== null) printed[resources.negated ? 'NotResource' : 'Resource'] = resources.values;
    const blocks: Record<string, Record<string, readonly string[]>> = {};
    for (const { operator, key, values } of conditions) blocks[operator] = { ...blocks[operator], [key]: values };
    if (conditions.length > 0) printed['Condition'] = blocks;
    return printed;
  };
  return { Version: policy.version, Statement: policy.statements.map(statement) };
}

/** The same document with every shorthand written out, made without the parser. */
function longhand(value: unknown, insideCondition = 0): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const listed = (entry: unknown): unknown => (Array.isArray(entry) ? entry : [entry]);
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      if (insideCondition === 2) return [name, Array.isArray(entry) ? entry.map(String) : [String(entry)]];
      if (insideCondition === 1) return [name, longhand(entry, 2)];
      if (name === 'Condition') return [name, longhand(entry, 1)];
      if (/Principal$/.test(name)) {
        const families = entry === '*' ? { AWS: '*' } : entry;
        const unique = Object.entries(families ?? {}).map(([family, names]) => [
          family,
          Array.isArray(names) ? [...new Set(names)] : [names],
        ]);
        return [name, Object.fromEntries(unique)];
      }
      return [name, /Action$|Resource$/.test(name) ? listed(entry) : entry];
    }),
  );
}

describe('parse, print, parse', () => {
  it.each<[PolicyKind, fc.Arbitrary<Record<string, unknown>>]>([
    ['identity', identityStatement],
    ['resource', resourceStatement],
  ])('keeps every %s policy', (kind, statement) => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), fc.constantFrom(0, 2), (statements, indent) => {
        const document = { Version: '2012-10-17', Statement: statements };
        const printed = print(parsePolicy(JSON.stringify(document, null, indent), { kind }));
        expect(printed).toEqual({ Version: '2012-10-17', Statement: statements.map((entry) => longhand(entry)) });
        expect(print(parsePolicy(JSON.stringify(printed), { kind }))).toEqual(printed);
      }),
      { numRuns: 1000, seed: 71 },
    );
  });

  it('says where each statement begins', () => {
    fc.assert(
      fc.property(fc.array(identityStatement, { minLength: 1, maxLength: 4 }), (statements) => {
        const text = JSON.stringify({ Statement: statements, Version: '2012-10-17' }, null, 2);
        const lines = text.split('\n');
        for (const { position } of parsePolicy(text, { kind: 'identity' }).statements) {
          expect(lines[position.line - 1]?.slice(position.column - 1)).toBe('{');
        }
      }),
      { numRuns: 100, seed: 72 },
    );
  });
});

describe('a broken policy', () => {
  const tokens = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '*',
    '?',
    `\${`,
    '}',
    '\\u0000',
    '1',
    'null',
    'Not',
    'Allow',
    ' ',
    'arn:',
  ];
  const edit = fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom('', ...tokens));

  it('is read or refused with a position inside it, and never anything else', () => {
    fc.assert(
      fc.property(
        fc.array(resourceStatement, { minLength: 1, maxLength: 2 }),
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        fc.constantFrom<PolicyKind>('identity', 'resource', 'trust'),
        (statements, edits, kind) => {
          const text = edits.reduce(
            (broken, [where, remove, insert]) => {
              const at = where % (broken.length + 1);
              return broken.slice(0, at) + insert + broken.slice(at + remove);
            },
            JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 1),
          );
          let error: unknown;
          try {
            parsePolicy(text, { kind });
            return;
          } catch (caught) {
            error = caught;
          }
          if (!(error instanceof MalformedPolicyError)) throw error;
          const line = text.split('\n')[error.position.line - 1];
          expect(line).toBeDefined();
          expect(error.position.column).toBeGreaterThanOrEqual(1);
          expect(error.position.column).toBeLessThanOrEqual((line?.length ?? 0) + 1);
        },
      ),
      { numRuns: 5000, seed: 73 },
    );
  });

  it('made of any JSON or any bytes is refused in the same way', () => {
    const kinds = fc.constantFrom<PolicyKind>('identity', 'resource', 'trust');
    const inputs = fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify({ Statement: value })),
      fc
        .jsonValue()
        .map((value) => JSON.stringify({ Statement: { ...STATEMENT, Condition: { StringEquals: value } } })),
      fc.uint8Array(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(inputs, kinds, (input, kind) => {
        try {
          parsePolicy(input, { kind });
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedPolicyError);
        }
      }),
      { numRuns: 1500, seed: 74 },
    );
  });
});
