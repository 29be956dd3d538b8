import type { GrantConstraints, GrantOperation, KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAB_ID, type Lab, newKey, OTHER_ID, REGION, refusal, startLab, utf8 } from '../../support/kms-lab.ts';

/**
 * What grants let callers do, case by case: callers × key policies × grants × uses and grants of their own, through the real client. What
 * is expected is worked out below from AWS's rules (KMS Developer Guide, "Grants in AWS KMS", "Granting CreateGrant permission"; IAM User
 * Guide, "Cross-account policy evaluation logic"), without the policy engine and without our rules of grants.
 */

type Pairs = Readonly<Record<string, string>>;
type Action = 'Encrypt' | 'DescribeKey' | 'Sign' | 'CreateGrant';
type Account = 'lab' | 'other';
interface Bounds {
  equals?: Pairs;
  subset?: Pairs;
  resource?: string;
}
interface Wanted extends Bounds {
  operations: readonly GrantOperation[];
}
interface Use extends Partial<Wanted> {
  action: Action;
  context?: Pairs;
}

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const ALL = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };

interface Who {
  name: string;
  account: Account;
  root?: true;
  /** The actions that its identity policies allow. */
  may: 'all' | 'CreateGrant' | 'nothing';
}
const WHO: readonly Who[] = [
  { name: 'root', account: 'lab', root: true, may: 'all' },
  { name: 'admin', account: 'lab', may: 'all' },
  { name: 'granter', account: 'lab', may: 'CreateGrant' },
  { name: 'nobody', account: 'lab', may: 'nothing' },
  { name: 'landlord', account: 'other', root: true, may: 'all' },
  { name: 'guest', account: 'other', may: 'all' },
  { name: 'stranger', account: 'other', may: 'nothing' },
];
const rootOf = (account: Account): string => `arn:aws:iam::${account === 'lab' ? LAB_ID : OTHER_ID}:root`;
const arnOf = ({ name, account, root }: Who): string =>
  root ? rootOf(account) : rootOf(account).replace('root', `user/keyhold/${name}`);

const allow = (account: Account, actions: string | readonly string[]) => ({
  Effect: 'Allow',
  Principal: { AWS: rootOf(account) },
  Action: actions,
  Resource: '*',
});
interface KeyPolicy {
  name: string;
  statements: readonly object[];
  /** Whether it leaves the action to the policies of the caller's account. */
  delegates(who: Who, action: Action): boolean;
  forbids(use: Use): boolean;
}
const never = () => false;
const POLICIES: readonly KeyPolicy[] = [
  {
    name: 'delegates to its account',
    statements: [allow('lab', 'kms:*')],
    delegates: ({ account }) => account === 'lab',
    forbids: never,
  },
  {
    name: 'delegates nothing but its own change',
    statements: [allow('lab', 'kms:PutKeyPolicy')],
    delegates: never,
    forbids: never,
  },
  {
    name: 'lets the other account make grants',
    statements: [allow('lab', 'kms:PutKeyPolicy'), allow('other', 'kms:CreateGrant')],
    delegates: ({ account }, action) => account === 'other' && action === 'CreateGrant',
    forbids: never,
  },
  {
    name: 'forbids grants of Decrypt',
    statements: [
      allow('lab', 'kms:*'),
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'kms:CreateGrant',
        Resource: '*',
        Condition: { 'ForAnyValue:StringEquals': { 'kms:GrantOperations': 'Decrypt' } },
      },
    ],
    delegates: ({ account }) => account === 'lab',
    forbids: ({ action, operations = [] }) => action === 'CreateGrant' && operations.includes('Decrypt'),
  },
];

interface Granted extends Wanted {
  /** A caller's name, or an account as a whole. */
  to: string;
}
interface Grants {
  name: string;
  grants: readonly Granted[];
}

/** What contexts can be made of, far enough to tell any two of the constraints below apart. */
const CONTEXTS: readonly Pairs[] = [undefined, '1', '2'].flatMap((a) =>
  [undefined, '1'].flatMap((b) =>
    [undefined, '1'].map((c) => ({
      ...(a === undefined ? {} : { a }),
      ...(b === undefined ? {} : { b }),
      ...(c === undefined ? {} : { c }),
    })),
  ),
);
function admits({ equals, subset }: Bounds, context: Pairs): boolean {
  const has = (pairs: Pairs, [key, value]: [string, string]) => pairs[key] === value;
  const wanted = Object.entries(equals ?? subset ?? {});
  const isThere = wanted.every((pair) => has(context, pair));
  return isThere && (equals === undefined || Object.keys(context).length === wanted.length);
}
/** "At least as strict": lets nothing through that the other one would not. */
function isAsStrict(child: Bounds, parent: Bounds): boolean {
  const sameResource = parent.resource === undefined || parent.resource === child.resource;
  return sameResource && CONTEXTS.every((context) => admits(parent, context) || !admits(child, context));
}

function allows(grant: Granted, use: Use): boolean {
  if (!grant.operations.includes(use.action) || grant.resource !== undefined) return false;
  if (use.action === 'Encrypt') return admits(grant, use.context ?? {});
  // A context is asked of neither DescribeKey nor Sign; whoever makes grants by a grant passes its limits on.
  if (use.action !== 'CreateGrant') return true;
  const { operations = [] } = use;
  return operations.every((operation) => grant.operations.includes(operation)) && isAsStrict(use, grant);
}

function expected(who: Who, policy: KeyPolicy, { grants }: Grants, use: Use): boolean {
  if (policy.forbids(use)) return false;
  const identity = who.may === 'all' || who.may === use.action;
  if (policy.delegates(who, use.action) && identity) return true;
  // A grant to its grantee needs nothing else; one to an account is for its root to pass on by policies.
  return grants.some(
    (grant) => (grant.to === who.name || (grant.to === who.account && identity)) && allows(grant, use),
  );
}

let world: Lab;
const clients = new Map<string, KMS>();
beforeAll(async () => {
  world = await startLab();
  for (const who of WHO) {
    const statements = who.may === 'nothing' ? [] : [who.may === 'all' ? ALL : { ...ALL, Action: `kms:${who.may}` }];
    const client = who.root
      ? await world.rootIn(REGION, who.account)
      : (await world.user(who.name, statements, who.account)).kms;
    clients.set(who.name, client);
  }
});
afterAll(() => world.dispose());

function constraintsOf({ equals, subset, resource }: Bounds): { Constraints?: GrantConstraints } {
  if (equals === undefined && subset === undefined && resource === undefined) return {};
  return {
    Constraints: {
      ...(equals === undefined ? {} : { EncryptionContextEquals: { ...equals } }),
      ...(subset === undefined ? {} : { EncryptionContextSubset: { ...subset } }),
      ...(resource === undefined ? {} : { SourceArn: resource }),
    },
  };
}

async function prepare(spec: object, policy: KeyPolicy, { grants }: Grants): Promise<string> {
  const { id: KeyId, arn } = await newKey(world.root, spec);
  for (const { to, operations, ...bounds } of grants) {
    const who = WHO.find(({ name }) => name === to);
    const GranteePrincipal = who === undefined ? rootOf(to === 'lab' ? 'lab' : 'other') : arnOf(who);
    await world.root.createGrant({ KeyId, GranteePrincipal, Operations: [...operations], ...constraintsOf(bounds) });
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: policy.statements });
  await world.root.putKeyPolicy({ KeyId, Policy });
  return arn;
}

const Message = utf8('x');
function ask(client: KMS, KeyId: string, { action, context, operations = [], ...bounds }: Use): Promise<unknown> {
  const DryRun = true;
  switch (action) {
    case 'Encrypt':
      return client.encrypt({ KeyId, Plaintext: Message, EncryptionContext: { ...context }, DryRun });
    case 'Sign':
      return client.sign({ KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_256', DryRun });
    case 'DescribeKey':
      return client.describeKey({ KeyId });
    case 'CreateGrant':
      return client.createGrant({
        KeyId,
        GranteePrincipal: rootOf('other'),
        Operations: [...operations],
        ...constraintsOf(bounds),
        DryRun,
      });
  }
}

async function isAllowed(client: KMS, KeyId: string, use: Use): Promise<boolean> {
  const outcome = await ask(client, KeyId, use).then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) return true;
  const { name } = await refusal(Promise.reject(outcome));
  if (name === 'DryRunOperationException') return true;
  if (name === 'AccessDeniedException') return false;
  throw outcome;
}

let cases = 0;
async function wrongOnes(spec: object, policy: KeyPolicy, grants: Grants, uses: readonly Use[]): Promise<string[]> {
  const arn = await prepare(spec, policy, grants);
  const wrong: string[] = [];
  for (const who of WHO) {
    const client = clients.get(who.name);
    if (client === undefined) throw new Error(`no client ${who.name}`);
    for (const use of uses) {
      const should = expected(who, policy, grants, use);
      const does = await isAllowed(client, arn, use);
      cases += 1;
      if (should !== does) wrong.push(`${who.name} ${JSON.stringify(use)}: ${does}, not ${should}`);
    }
  }
  return wrong;
}

const a1 = { a: '1' };
const USES: readonly Use[] = [
  { action: 'Encrypt', context: a1 },
  { action: 'Encrypt', context: { a: '1', b: '1' } },
  { action: 'DescribeKey' },
  { action: 'CreateGrant', operations: ['Encrypt'] },
  { action: 'CreateGrant', operations: ['Encrypt'], equals: a1 },
  { action: 'CreateGrant', operations: ['Encrypt', 'CreateGrant'], subset: { a: '1', b: '1' } },
  { action: 'CreateGrant', operations: ['Decrypt'], equals: a1 },
  { action: 'CreateGrant', operations: ['DescribeKey'] },
  ...(FULL
    ? ([
        { action: 'Encrypt', context: {} },
        { action: 'Encrypt', context: { a: '2', b: '1' } },
        { action: 'CreateGrant', operations: ['Encrypt', 'Decrypt'] },
        { action: 'CreateGrant', operations: ['Encrypt'], subset: a1 },
        { action: 'CreateGrant', operations: ['Encrypt'], equals: { a: '2' } },
        { action: 'CreateGrant', operations: ['DescribeKey', 'Encrypt'], equals: { a: '1', c: '1' } },
        { action: 'CreateGrant', operations: ['Decrypt', 'GenerateDataKey'] },
      ] satisfies Use[])
    : []),
];
const PASSING: readonly GrantOperation[] = ['Encrypt', 'CreateGrant'];
const GRANTS: readonly Grants[] = [
  { name: 'no grant', grants: [] },
  { name: 'a grant to nobody', grants: [{ to: 'nobody', operations: PASSING }] },
  {
    name: 'a grant to nobody with a subset',
    grants: [{ to: 'nobody', operations: [...PASSING, 'DescribeKey'], subset: a1 }],
  },
  { name: 'a grant to the granter', grants: [{ to: 'granter', operations: PASSING, subset: a1 }] },
  { name: 'a grant to its own account', grants: [{ to: 'lab', operations: PASSING, equals: a1 }] },
  { name: 'a grant to the other account', grants: [{ to: 'other', operations: PASSING, subset: a1 }] },
  {
    name: 'grants to the other account and two of its users',
    grants: [
      { to: 'other', operations: ['Decrypt', 'CreateGrant'], equals: a1 },
      { to: 'stranger', operations: ['DescribeKey', 'CreateGrant'] },
      { to: 'guest', operations: PASSING, equals: a1 },
    ],
  },
];
describe.each(POLICIES)('a key policy that $name', (policy) => {
  test.each(GRANTS)('with $name', async (grants) => {
    expect(await wrongOnes({}, policy, grants, USES)).toEqual([]);
  });
});

const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const;
const SIGNING_USES: readonly Use[] = [
  { action: 'Sign' },
  { action: 'DescribeKey' },
  { action: 'CreateGrant', operations: ['Sign', 'CreateGrant'] },
  { action: 'CreateGrant', operations: ['Verify'] },
];
const MAY_SIGN: readonly GrantOperation[] = ['Sign', 'CreateGrant'];
const SIGNING_GRANTS: readonly Grants[] = [
  { name: 'a grant to nobody', grants: [{ to: 'nobody', operations: MAY_SIGN }] },
  { name: 'a grant to the other account', grants: [{ to: 'other', operations: [...MAY_SIGN, 'DescribeKey'] }] },
  {
    name: 'a grant to nobody for a resource of AWS',
    grants: [{ to: 'nobody', operations: MAY_SIGN, resource: `arn:aws:logs:${REGION}:${LAB_ID}:log-group:x` }],
  },
];
describe.each(POLICIES.slice(0, 2))('an asymmetric key whose policy $name', (policy) => {
  test.each(SIGNING_GRANTS)('with $name', async (grants) => {
    expect(await wrongOnes(SIGNING, policy, grants, SIGNING_USES)).toEqual([]);
  });
});

test('that makes many cases', () => {
  expect(cases).toBeGreaterThan(1500);
});
