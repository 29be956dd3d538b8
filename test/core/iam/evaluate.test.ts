import { describe, expect, it } from 'vitest';
import { evaluate, type PolicySlots, type RequestPrincipal } from '../../../src/core/iam/index.ts';
import {
  ACCOUNT,
  ALICE,
  ANONYMOUS,
  ask,
  BOB,
  EVERYTHING,
  FEDERATED,
  GOOGLE,
  identity,
  KEY,
  LOGS,
  OTHER_ACCOUNT,
  ROLE_ARN,
  ROOT,
  ROOT_ARN,
  resource,
  SESSION,
  SOMETHING_ELSE,
  trust,
} from './support.ts';

const NONE: PolicySlots = { identity: [] };
const NOTHING = resource({ Principal: { AWS: OTHER_ACCOUNT } });
const DENY = { Effect: 'Deny' };
const allows = (Principal: unknown) => resource({ Principal });

function decide(principal: RequestPrincipal, slots: Partial<PolicySlots>, elsewhere = false) {
  return evaluate(ask(principal, elsewhere ? { resourceAccount: OTHER_ACCOUNT } : {}), { ...NONE, ...slots });
}

describe('one account', () => {
  it.each<[string, RequestPrincipal, Partial<PolicySlots>, string, string]>([
    ['nothing allows', ALICE, {}, 'implicitDeny', 'identity-based policy'],
    ['an identity policy allows', ALICE, { identity: [EVERYTHING] }, 'allowed', 'identity-based policy'],
    ['one of two allows', ALICE, { identity: [SOMETHING_ELSE, EVERYTHING] }, 'allowed', 'identity-based policy'],
    ['the root user', ROOT, {}, 'allowed', 'root user'],
    ['the root user and a Deny', ROOT, { resource: resource(DENY) }, 'explicitDeny', 'resource-based policy'],

    // IAM User Guide, "Policy evaluation for requests within a single account": what a resource policy's Allow is worth, with
    // an implicit deny in identity policies, permissions boundary and session policies.
    ['user ARN', ALICE, limits(ALICE.arn), 'allowed', 'resource-based policy'],
    ['role ARN', SESSION, limits(ROLE_ARN), 'implicitDeny', 'permissions boundary'],
    ['role session ARN', SESSION, limits(SESSION.arn), 'allowed', 'resource-based policy'],
    ['user ARN of a federated session', FEDERATED, limits(ALICE.arn), 'implicitDeny', 'permissions boundary'],
    ['federated session ARN', FEDERATED, limits(FEDERATED.arn), 'allowed', 'resource-based policy'],
    ['everyone', SESSION, limits('*'), 'allowed', 'resource-based policy'],
    ['the root user’s ARN', ROOT, { resource: allows({ AWS: ROOT_ARN }) }, 'allowed', 'resource-based policy'],
    ['a service', LOGS, { resource: allows({ Service: 'logs.amazonaws.com' }) }, 'allowed', 'resource-based policy'],

    ['role ARN alone', SESSION, { resource: allows({ AWS: ROLE_ARN }) }, 'allowed', 'resource-based policy'],
    [
      'role ARN, and a session policy that does not allow',
      SESSION,
      { resource: allows({ AWS: ROLE_ARN }), session: [SOMETHING_ELSE], boundary: EVERYTHING },
      'implicitDeny',
      'session policy',
    ],
    [
      'user ARN before and after the account ARN',
      ALICE,
      { resource: resource(...[ACCOUNT, ALICE.arn, ACCOUNT].map((AWS) => ({ Principal: { AWS } }))) },
      'allowed',
      'resource-based policy',
    ],
    ['account ARN alone', ALICE, { resource: allows({ AWS: ROOT_ARN }) }, 'implicitDeny', 'identity-based policy'],
    [
      'account ARN and identity policy',
      ALICE,
      { resource: allows({ AWS: ROOT_ARN }), identity: [EVERYTHING] },
      'allowed',
      'identity-based policy',
    ],
    [
      'identity policy beside another resource policy',
      ALICE,
      { resource: NOTHING, identity: [EVERYTHING] },
      'allowed',
      'identity-based policy',
    ],

    ['a boundary alone', ALICE, { boundary: EVERYTHING }, 'implicitDeny', 'identity-based policy'],
    [
      'a boundary that does not allow',
      ALICE,
      { identity: [EVERYTHING], boundary: SOMETHING_ELSE },
      'implicitDeny',
      'permissions boundary',
    ],
    [
      'a boundary that allows',
      ALICE,
      { identity: [EVERYTHING], boundary: EVERYTHING },
      'allowed',
      'identity-based policy',
    ],
    [
      'a session policy that does not allow',
      SESSION,
      { identity: [EVERYTHING], session: [SOMETHING_ELSE] },
      'implicitDeny',
      'session policy',
    ],
    [
      'two session policies of which one allows',
      SESSION,
      { identity: [EVERYTHING], session: [SOMETHING_ELSE, EVERYTHING] },
      'allowed',
      'identity-based policy',
    ],
    [
      'an empty list of session policies',
      SESSION,
      { identity: [EVERYTHING], session: [] },
      'implicitDeny',
      'session policy',
    ],

    ['a service without a policy', LOGS, {}, 'implicitDeny', 'resource-based policy'],
    ['anonymous on a public resource', ANONYMOUS, { resource: allows('*') }, 'allowed', 'resource-based policy'],
    ['anonymous elsewhere', ANONYMOUS, { resource: allows({ AWS: ACCOUNT }) }, 'implicitDeny', 'resource-based policy'],
  ])('%s', (_what, principal, slots, kind, decidedBy) => {
    expect(decide(principal, slots)).toMatchObject({ kind, decidedBy });
  });

  /** A resource policy that names `AWS`, with everything else silent. */
  function limits(AWS: string): Partial<PolicySlots> {
    return { resource: allows({ AWS }), boundary: SOMETHING_ELSE, session: [SOMETHING_ELSE] };
  }
});

describe('guardrails', () => {
  const both = { identity: [EVERYTHING], resource: allows('*') };

  it.each<[string, Partial<PolicySlots>, string, string]>([
    [
      'every level of SCPs allows',
      { scps: [[EVERYTHING], [SOMETHING_ELSE, EVERYTHING]] },
      'allowed',
      'resource-based policy',
    ],
    ['one level does not', { scps: [[EVERYTHING], [SOMETHING_ELSE]] }, 'implicitDeny', 'service control policy'],
    ['one level is empty', { scps: [[EVERYTHING], []] }, 'implicitDeny', 'service control policy'],
    ['one denies', { scps: [[EVERYTHING, identity(DENY)]] }, 'explicitDeny', 'service control policy'],
    ['RCPs allow', { rcps: [[resource({})]] }, 'allowed', 'resource-based policy'],
    ['an RCP denies', { rcps: [[resource({}, DENY)]] }, 'explicitDeny', 'resource control policy'],
    ['no RCP allows', { rcps: [[]] }, 'implicitDeny', 'resource control policy'],
  ])('%s', (_what, slots, kind, decidedBy) => {
    expect(decide(ALICE, { ...both, ...slots })).toMatchObject({ kind, decidedBy });
    // They hold over the root user as well.
    if (kind !== 'allowed') expect(decide(ROOT, { ...both, ...slots })).toMatchObject({ kind, decidedBy });
  });
});

describe('across accounts', () => {
  it.each<[string, RequestPrincipal, Partial<PolicySlots>, string, string]>([
    ['identity policy alone', ALICE, { identity: [EVERYTHING] }, 'implicitDeny', 'resource-based policy'],
    ['resource policy alone', ALICE, { resource: allows({ AWS: ALICE.arn }) }, 'implicitDeny', 'identity-based policy'],
    ['public resource alone', ALICE, { resource: allows('*') }, 'implicitDeny', 'identity-based policy'],
    ['session ARN alone', SESSION, { resource: allows({ AWS: SESSION.arn }) }, 'implicitDeny', 'identity-based policy'],
    ['neither', ALICE, {}, 'implicitDeny', 'identity-based policy'],
    [
      'both, by user',
      ALICE,
      { identity: [EVERYTHING], resource: allows({ AWS: ALICE.arn }) },
      'allowed',
      'identity-based policy',
    ],
    [
      'both, by account',
      ALICE,
      { identity: [EVERYTHING], resource: allows({ AWS: ACCOUNT }) },
      'allowed',
      'identity-based policy',
    ],
    ['the root user, alone', ROOT, {}, 'implicitDeny', 'resource-based policy'],
    ['the root user, its account allowed', ROOT, { resource: allows({ AWS: ACCOUNT }) }, 'allowed', 'root user'],
    [
      'a boundary that does not allow',
      SESSION,
      { identity: [EVERYTHING], boundary: SOMETHING_ELSE, resource: allows({ AWS: SESSION.arn }) },
      'implicitDeny',
      'permissions boundary',
    ],
    [
      'a Deny over there',
      ALICE,
      { identity: [EVERYTHING], resource: resource({}, DENY) },
      'explicitDeny',
      'resource-based policy',
    ],
  ])('%s', (_what, principal, slots, kind, decidedBy) => {
    expect(decide(principal, slots, true)).toMatchObject({ kind, decidedBy });
  });
});

describe('a KMS key', () => {
  const kms = { resourceMustAllow: true };
  const delegating = allows({ AWS: ROOT_ARN });
  const grant = (grantee: string) => ({ ...kms, resource: NOTHING, grants: [{ id: 'g-1', grantee }] });

  it.each<[string, RequestPrincipal, Partial<PolicySlots>, string, string]>([
    [
      'key policy names nobody here',
      ALICE,
      { ...kms, identity: [EVERYTHING], resource: NOTHING },
      'implicitDeny',
      'resource-based policy',
    ],
    ['no key policy', ALICE, { ...kms, identity: [EVERYTHING] }, 'implicitDeny', 'resource-based policy'],
    [
      'default key policy, no identity policy',
      ALICE,
      { ...kms, resource: delegating },
      'implicitDeny',
      'identity-based policy',
    ],
    [
      'default key policy and identity policy',
      ALICE,
      { ...kms, resource: delegating, identity: [EVERYTHING] },
      'allowed',
      'identity-based policy',
    ],
    [
      'key policy names the user',
      ALICE,
      { ...kms, resource: allows({ AWS: ALICE.arn }) },
      'allowed',
      'resource-based policy',
    ],
    [
      'key policy names another user',
      BOB,
      { ...kms, resource: allows({ AWS: ALICE.arn }), identity: [EVERYTHING] },
      'implicitDeny',
      'resource-based policy',
    ],
    [
      'key policy names the role',
      SESSION,
      { ...kms, resource: allows({ AWS: ROLE_ARN }) },
      'allowed',
      'resource-based policy',
    ],
    [
      'the root user with the default key policy',
      ROOT,
      { ...kms, resource: delegating },
      'allowed',
      'resource-based policy',
    ],
    [
      'the root user when the key policy leaves it out',
      ROOT,
      { ...kms, resource: allows({ AWS: ALICE.arn }) },
      'implicitDeny',
      'resource-based policy',
    ],
    [
      'delegation for another action',
      ALICE,
      {
        ...kms,
        identity: [EVERYTHING],
        resource: resource({ Principal: { AWS: ROOT_ARN }, Action: 'kms:DescribeKey' }),
      },
      'implicitDeny',
      'resource-based policy',
    ],

    ['a grant to the user', ALICE, grant(ALICE.arn), 'allowed', 'grant'],
    ['a grant to the role', SESSION, grant(ROLE_ARN), 'allowed', 'grant'],
    ['a grant to the session', SESSION, grant(SESSION.arn), 'allowed', 'grant'],
    ['a grant to a service', LOGS, grant('logs.amazonaws.com'), 'allowed', 'grant'],
    [
      'a grant and a key policy that both name the user',
      ALICE,
      { ...grant(ALICE.arn), resource: allows({ AWS: ALICE.arn }) },
      'allowed',
      'resource-based policy',
    ],
    [
      'a grant to the user, and policies that allow without it',
      ALICE,
      { ...grant(ALICE.arn), identity: [EVERYTHING], resource: allows({ AWS: ROOT_ARN }) },
      'allowed',
      'identity-based policy',
    ],
    ['a grant to somebody else', BOB, grant(ALICE.arn), 'implicitDeny', 'resource-based policy'],
    ['a grant to the account', ALICE, grant(ROOT_ARN), 'implicitDeny', 'identity-based policy'],
    [
      'a grant to the account, and an identity policy',
      ALICE,
      { ...grant(ROOT_ARN), identity: [EVERYTHING] },
      'allowed',
      'identity-based policy',
    ],
    [
      'a grant to the role within a boundary',
      SESSION,
      { ...grant(ROLE_ARN), boundary: SOMETHING_ELSE },
      'implicitDeny',
      'permissions boundary',
    ],
    [
      'a grant and a Deny',
      ALICE,
      { ...grant(ALICE.arn), identity: [identity(DENY)] },
      'explicitDeny',
      'identity-based policy',
    ],
    [
      'a grant and an SCP',
      ALICE,
      { ...grant(ALICE.arn), scps: [[SOMETHING_ELSE]] },
      'implicitDeny',
      'service control policy',
    ],
  ])('%s', (_what, principal, slots, kind, decidedBy) => {
    expect(decide(principal, slots)).toMatchObject({ kind, decidedBy });
  });

  it('of another account opens to a grant without an identity policy', () => {
    expect(decide(SESSION, grant(ROLE_ARN), true)).toMatchObject({ kind: 'allowed', decidedBy: 'grant' });
    expect(decide(SESSION, grant(ROOT_ARN), true)).toMatchObject({ kind: 'implicitDeny' });
  });
});

describe('a role', () => {
  const assume = { action: 'sts:AssumeRole', resource: ROLE_ARN };

  it.each<[string, RequestPrincipal, Partial<PolicySlots>, string, string]>([
    [
      'trusts nobody here',
      ALICE,
      { identity: [EVERYTHING], resource: trust({ Principal: { AWS: OTHER_ACCOUNT } }) },
      'implicitDeny',
      'role trust policy',
    ],
    [
      'trusts the account',
      ALICE,
      { resource: trust({ Principal: { AWS: ACCOUNT } }) },
      'implicitDeny',
      'identity-based policy',
    ],
    [
      'trusts the account, and an identity policy allows',
      ALICE,
      { identity: [EVERYTHING], resource: trust({ Principal: { AWS: ACCOUNT } }) },
      'allowed',
      'identity-based policy',
    ],
    ['trusts the user', ALICE, { resource: trust({ Principal: { AWS: ALICE.arn } }) }, 'allowed', 'role trust policy'],
    [
      'trusts a service',
      LOGS,
      { resource: trust({ Principal: { Service: 'logs.amazonaws.com' } }) },
      'allowed',
      'role trust policy',
    ],
    [
      'trusts an identity provider',
      GOOGLE,
      { resource: trust({ Principal: { Federated: 'accounts.google.com' } }) },
      'allowed',
      'role trust policy',
    ],
    [
      'has no trust policy that allows',
      GOOGLE,
      { resource: trust({ Principal: { Federated: 'www.amazon.com' } }) },
      'implicitDeny',
      'role trust policy',
    ],
    ['is denied', ALICE, { resource: trust({}, DENY) }, 'explicitDeny', 'role trust policy'],
  ])('%s', (_what, principal, slots, kind, decidedBy) => {
    expect(evaluate(ask(principal, assume), { ...NONE, ...slots })).toMatchObject({ kind, decidedBy });
  });
});

describe('the message', () => {
  const start = `User: ${ALICE.arn} is not authorized to perform: kms:Decrypt on resource: ${KEY}`;

  it.each<[Partial<PolicySlots>, string]>([
    [{}, 'because no identity-based policy allows the kms:Decrypt action'],
    [{ resourceMustAllow: true }, 'because no resource-based policy allows the kms:Decrypt action'],
    [
      { identity: [EVERYTHING], boundary: SOMETHING_ELSE },
      'because no permissions boundary allows the kms:Decrypt action',
    ],
    [{ identity: [EVERYTHING], session: [] }, 'because no session policy allows the kms:Decrypt action'],
    [{ scps: [[]] }, 'because no service control policy allows the kms:Decrypt action'],
    [{ rcps: [[]] }, 'because no resource control policy allows the kms:Decrypt action'],
    [
      { resource: trust({ Principal: { AWS: OTHER_ACCOUNT } }) },
      'because no role trust policy allows the kms:Decrypt action',
    ],
    [{ identity: [identity(DENY)] }, 'with an explicit deny in an identity-based policy'],
    [{ resource: resource(DENY) }, 'with an explicit deny in a resource-based policy'],
    [{ boundary: identity(DENY) }, 'with an explicit deny in a permissions boundary'],
    [{ session: [identity(DENY)] }, 'with an explicit deny in a session policy'],
    [{ scps: [[identity(DENY)]] }, 'with an explicit deny in a service control policy'],
    [{ rcps: [[resource(DENY)]] }, 'with an explicit deny in a resource control policy'],
    [{ resource: trust({ ...DENY, Action: 'kms:*' }) }, 'with an explicit deny in the role trust policy'],
    // Of several policy types AWS names one.
    [{ identity: [identity(DENY)], scps: [[identity(DENY)]] }, 'with an explicit deny in a service control policy'],
  ])('of %# is AWS’s', (slots, end) => {
    expect(decide(ALICE, slots).message).toBe(`${start} ${end}`);
  });

  it('names whoever asked, and * where there is no resource', () => {
    const list = { action: 'kms:ListKeys', resource: '*' };
    expect(evaluate(ask(SESSION, list), NONE).message).toBe(
      `User: ${SESSION.arn} is not authorized to perform: kms:ListKeys on resource: * because no identity-based policy allows the kms:ListKeys action`,
    );
    expect(decide(ANONYMOUS, {}).message).toMatch(/^User: anonymous is not authorized/);
    expect(decide(LOGS, {}).message).toMatch(/^User: logs\.amazonaws\.com is not authorized/);
  });

  it('says who allowed', () => {
    expect(decide(ALICE, { identity: [identity({ Sid: 'UseKeys' })] }).message).toBe(
      `User: ${ALICE.arn} is authorized to perform: kms:Decrypt on resource: ${KEY} by an identity-based policy (identity, statement "UseKeys")`,
    );
    expect(decide(ALICE, { grants: [{ id: 'g-1', grantee: ALICE.arn }] }).message).toMatch(/ by grant g-1$/);
    expect(decide(ROOT, {}).message).toMatch(/ by being the root user of its account$/);
  });
});

describe('the explanation', () => {
  it('points at the statements that denied, in every policy', () => {
    const decision = decide(ALICE, {
      identity: [identity({}, { Sid: 'No', ...DENY })],
      resource: resource({ ...DENY, Action: 'kms:Decrypt' }, { ...DENY, Action: 'kms:Encrypt' }),
    });
    expect(decision.matched).toEqual([
      {
        policyType: 'resource-based policy',
        policy: 'resource',
        sid: undefined,
        index: 0,
        line: 1,
        column: 38,
        effect: 'Deny',
      },
      {
        policyType: 'identity-based policy',
        policy: 'identity',
        sid: 'No',
        index: 1,
        line: 1,
        column: 85,
        effect: 'Deny',
      },
    ]);
    expect(decision.nearest).toEqual([]);
  });

  it('points at every Allow that took part', () => {
    const { matched } = decide(SESSION, {
      identity: [SOMETHING_ELSE, EVERYTHING],
      session: [EVERYTHING],
      scps: [[EVERYTHING], [EVERYTHING]],
    });
    expect(matched.map(({ policyType, index }) => [policyType, index])).toEqual([
      ['service control policy', 0],
      ['service control policy', 0],
      ['identity-based policy', 0],
      ['session policy', 0],
    ]);
  });

  it('says which element kept each Allow from applying, nearest first', () => {
    const { nearest, matched } = decide(ALICE, {
      identity: [
        identity(
          { Sid: 'Far', Action: 's3:*', Resource: 'arn:aws:s3:::*' },
          { Sid: 'WrongKey', Resource: 'arn:aws:kms:*:*:key/other' },
          { Sid: 'NeedsMfa', NotAction: 's3:*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
        ),
      ],
    });
    expect(matched).toEqual([]);
    expect(nearest.map(({ sid, failed }) => [sid, failed])).toEqual([
      ['WrongKey', [{ element: 'Resource', reason: `Resource (arn:aws:kms:*:*:key/other) leaves out ${KEY}` }]],
      [
        'NeedsMfa',
        [
          {
            element: 'Condition',
            reason: 'Bool wants aws:MultiFactorAuthPresent (true), and the request does not have it',
          },
        ],
      ],
      [
        'Far',
        [
          { element: 'Action', reason: 'Action (s3:*) leaves out kms:Decrypt' },
          { element: 'Resource', reason: `Resource (arn:aws:s3:::*) leaves out ${KEY}` },
        ],
      ],
    ]);
    expect(nearest[0]).toMatchObject({ policy: 'identity', index: 1, line: 1, effect: 'Allow' });
  });

  it('tells of values, several values and principals', () => {
    const failed = (statement: Record<string, unknown>, keys = {}) =>
      evaluate(ask(ALICE, { keys }), { ...NONE, resource: resource(statement) }).nearest.flatMap((miss) =>
        miss.failed.map(({ reason }) => reason),
      );
    const Condition = { StringEquals: { 'kms:ViaService': ['s3', 'sqs'] } };
    expect(failed({ Condition }, { 'kms:ViaService': 'ec2' })).toEqual([
      'StringEquals wants kms:ViaService (s3, sqs), and the request has ec2',
    ]);
    expect(failed({ Condition }, { 'kms:ViaService': ['s3'] })).toEqual([
      'kms:ViaService has several values, so StringEquals needs ForAllValues: or ForAnyValue: before it',
    ]);
    expect(failed({ Principal: { AWS: BOB.arn } })).toEqual([`Principal leaves out ${ALICE.arn}`]);
    expect(failed({ NotAction: 'kms:*', NotResource: '*' })).toEqual([
      'NotAction (kms:*) leaves out kms:Decrypt',
      `NotResource (*) leaves out ${KEY}`,
    ]);
  });

  it('stays short', () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ Action: `s3:Get${at}${'x'.repeat(500)}` }));
    const { nearest } = decide(ALICE, { identity: [identity(...many)] });
    expect(nearest).toHaveLength(5);
    for (const { failed } of nearest) expect(failed[0]?.reason.length).toBeLessThan(300);
  });
});
