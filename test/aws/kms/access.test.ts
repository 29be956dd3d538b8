import type { GrantOperation, KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAB_ID, type Lab, newKey, OTHER_ID, REGION, refusal, startLab, utf8 } from '../../support/kms-lab.ts';

/**
 * Who may do what with a key, case by case: callers × key policies × grants × actions × encryption contexts through the real client. What is
 * expected is worked out below from AWS's rules (KMS Developer Guide, "Troubleshooting AWS KMS permissions"; IAM User Guide, "Cross-account
 * policy evaluation logic"), without the policy engine.
 */

type Action = 'Encrypt' | 'Decrypt' | 'DescribeKey';
type Context = Readonly<Record<string, string>>;

const ACTIONS: readonly Action[] = ['Encrypt', 'Decrypt', 'DescribeKey'];
const CONTEXTS: readonly Context[] = [{}, { team: 'a' }, { team: 'b' }];
const ALL = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };

interface Who {
  name: string;
  account: 'lab' | 'other';
  statements: readonly object[];
  root?: true;
  /** What the identity policies say of an action. */
  identity(action: Action): 'allow' | 'deny' | 'nothing';
}
const WHO: readonly Who[] = [
  { name: 'root', account: 'lab', statements: [], root: true, identity: () => 'allow' },
  { name: 'admin', account: 'lab', statements: [ALL], identity: () => 'allow' },
  { name: 'nobody', account: 'lab', statements: [], identity: () => 'nothing' },
  {
    name: 'encrypter',
    account: 'lab',
    statements: [ALL, { Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*' }],
    identity: (action) => (action === 'Decrypt' ? 'deny' : 'allow'),
  },
  { name: 'guest', account: 'other', statements: [ALL], identity: () => 'allow' },
  { name: 'stranger', account: 'other', statements: [], identity: () => 'nothing' },
];
const arnOf = ({ name, account }: Pick<Who, 'name' | 'account'>): string =>
  `arn:aws:iam::${account === 'lab' ? LAB_ID : OTHER_ID}:user/keyhold/${name}`;

const OWN = `arn:aws:iam::${LAB_ID}:root`;
const THEIRS = `arn:aws:iam::${OTHER_ID}:root`;
const allow = (principal: string, actions: string | readonly string[] = 'kms:*', more = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: principal },
  Action: actions,
  Resource: '*',
  ...more,
});

/** What a key policy says of a caller: it names it, it hands the decision to its account, or it forbids. */
type Says = 'names' | 'delegates' | 'forbids' | 'nothing';
interface KeyPolicy {
  name: string;
  statements: readonly object[];
  says(who: Who, action: Action, context: Context): Says;
}
const lab = (who: Who): Says => (who.account === 'lab' ? 'delegates' : 'nothing');
const NOBODY = { name: 'nobody', account: 'lab' } as const;
const POLICIES: readonly KeyPolicy[] = [
  { name: 'delegates to the account', statements: [allow(OWN)], says: lab },
  { name: 'delegates nothing but its own change', statements: [allow(OWN, 'kms:PutKeyPolicy')], says: () => 'nothing' },
  {
    name: 'names one user for one action',
    statements: [allow(OWN, ['kms:PutKeyPolicy', 'kms:DescribeKey']), allow(arnOf(NOBODY), 'kms:Encrypt')],
    says: (who, action) =>
      who.name === 'nobody' && action === 'Encrypt' ? 'names' : action === 'DescribeKey' ? lab(who) : 'nothing',
  },
  {
    name: 'lets the other account encrypt',
    statements: [allow(OWN), allow(THEIRS, ['kms:Encrypt', 'kms:DescribeKey'])],
    says: (who, action) => (who.account === 'other' ? (action === 'Decrypt' ? 'nothing' : 'delegates') : 'delegates'),
  },
  {
    name: 'names a user of the other account',
    statements: [
      allow(OWN),
      allow(arnOf({ name: 'guest', account: 'other' })),
      allow(arnOf({ name: 'stranger', account: 'other' })),
    ],
    says: (who) => (who.account === 'other' ? 'names' : 'delegates'),
  },
  {
    name: 'forbids everybody to decrypt',
    statements: [allow(OWN), { ...allow('*', 'kms:Decrypt'), Effect: 'Deny' }],
    says: (who, action) => (action === 'Decrypt' ? 'forbids' : lab(who)),
  },
  {
    name: 'delegates for team a only',
    statements: [
      allow(OWN, ['kms:PutKeyPolicy', 'kms:DescribeKey']),
      allow(OWN, ['kms:Encrypt', 'kms:Decrypt'], {
        Condition: { StringEquals: { 'kms:EncryptionContext:team': 'a' } },
      }),
    ],
    says: (who, action, context) => (action === 'DescribeKey' || context['team'] === 'a' ? lab(who) : 'nothing'),
  },
  {
    name: 'forbids whatever is not team a',
    statements: [
      allow(OWN),
      {
        ...allow('*', ['kms:Encrypt', 'kms:Decrypt']),
        Effect: 'Deny',
        Condition: { StringNotEquals: { 'kms:EncryptionContext:team': 'a' } },
      },
    ],
    says: (who, action, context) => (action !== 'DescribeKey' && context['team'] !== 'a' ? 'forbids' : lab(who)),
  },
];

interface Granted {
  name: string;
  to?: { name: string; account: 'lab' | 'other' };
  operations: readonly GrantOperation[];
  team?: string;
}
const GRANTS: readonly Granted[] = [
  { name: 'no grant', operations: [] },
  { name: 'a grant to nobody', to: NOBODY, operations: ['Encrypt', 'Decrypt', 'DescribeKey'] },
  { name: 'a grant to nobody for team a', to: NOBODY, operations: ['Decrypt', 'DescribeKey'], team: 'a' },
  { name: 'a grant to the stranger', to: { name: 'stranger', account: 'other' }, operations: ['Encrypt'] },
];

function expected(who: Who, policy: KeyPolicy, granted: Granted, action: Action, context: Context): boolean {
  const identity = who.identity(action);
  const says = policy.says(who, action, context);
  if (identity === 'deny' || says === 'forbids') return false;
  const grantApplies =
    granted.to?.name === who.name &&
    granted.operations.includes(action) &&
    // Constraints of the encryption context do not apply to DescribeKey.
    (granted.team === undefined || action === 'DescribeKey' || context['team'] === granted.team);
  if (grantApplies) return true;
  if (who.account === 'lab' && says === 'names') return true;
  return says !== 'nothing' && identity === 'allow';
}

let world: Lab;
const clients = new Map<string, KMS>();
beforeAll(async () => {
  world = await startLab();
  for (const who of WHO) {
    const client = who.root ? world.root : (await world.user(who.name, who.statements, who.account)).kms;
    clients.set(who.name, client);
  }
});
afterAll(() => world.dispose());

async function prepare(policy: KeyPolicy, granted: Granted): Promise<{ arn: string; blobs: Map<Context, Uint8Array> }> {
  const { id: KeyId, arn } = await newKey(world.root);
  const blobs = new Map<Context, Uint8Array>();
  for (const EncryptionContext of CONTEXTS) {
    const { CiphertextBlob } = await world.root.encrypt({ KeyId, Plaintext: utf8('x'), EncryptionContext });
    if (CiphertextBlob !== undefined) blobs.set(EncryptionContext, CiphertextBlob);
  }
  if (granted.to !== undefined) {
    await world.root.createGrant({
      KeyId,
      GranteePrincipal: arnOf(granted.to),
      Operations: [...granted.operations],
      ...(granted.team === undefined ? {} : { Constraints: { EncryptionContextEquals: { team: granted.team } } }),
    });
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: policy.statements });
  await world.root.putKeyPolicy({ KeyId, Policy });
  return { arn, blobs };
}

async function isAllowed(client: KMS, KeyId: string, action: Action, EncryptionContext: Context, blob?: Uint8Array) {
  const context = { ...EncryptionContext };
  const call =
    action === 'Encrypt'
      ? client.encrypt({ KeyId, Plaintext: utf8('x'), EncryptionContext: context })
      : action === 'Decrypt'
        ? client.decrypt({ KeyId, CiphertextBlob: blob, EncryptionContext: context })
        : client.describeKey({ KeyId });
  const outcome = await call.then(
    () => true,
    (error: unknown) => error,
  );
  if (outcome === true) return true;
  const { name } = await refusal(Promise.reject(outcome));
  if (name !== 'AccessDeniedException') throw outcome;
  return false;
}

let cases = 0;
describe.each(POLICIES)('a key policy that $name', (policy) => {
  test.each(GRANTS)('with $name', async (granted) => {
    const { arn, blobs } = await prepare(policy, granted);
    const wrong: string[] = [];
    for (const who of WHO) {
      const client = clients.get(who.name);
      if (client === undefined) throw new Error(`no client ${who.name}`);
      for (const action of ACTIONS) {
        for (const context of action === 'DescribeKey' ? CONTEXTS.slice(0, 1) : CONTEXTS) {
          const should = expected(who, policy, granted, action, context);
          const does = await isAllowed(client, arn, action, context, blobs.get(context));
          cases += 1;
          if (should !== does) wrong.push(`${who.name} ${action} ${JSON.stringify(context)}: ${does}, not ${should}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

test('that makes many cases', () => {
  expect(cases).toBeGreaterThan(1000);
});

test('a key of another account that is not shared is told from one that is not there by nothing', async () => {
  const { arn, id } = await newKey(world.root);
  const missing = arn.replace(id, '00000000-12ab-34cd-56ef-1234567890ab');
  await world.root.createAlias({ AliasName: 'alias/secret', TargetKeyId: id });
  const alias = arn.replace(/key\/.*/, 'alias/secret');
  const { CiphertextBlob } = await world.root.encrypt({ KeyId: id, Plaintext: utf8('x') });
  const guest = await world.rootIn(REGION, 'other');
  const text = (action: string, what: string) =>
    `User: ${THEIRS} is not authorized to perform: kms:${action} on ${what} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;
  for (const KeyId of [arn, missing, alias, alias.replace('secret', 'none')]) {
    expect(await refusal(guest.describeKey({ KeyId }))).toEqual({
      name: 'AccessDeniedException',
      message: text('DescribeKey', `resource: ${KeyId}`),
      status: 400,
    });
    expect(await refusal(guest.enableKey({ KeyId }))).toMatchObject({
      name: KeyId.includes('alias/') ? 'NotFoundException' : 'AccessDeniedException',
    });
  }
  expect(await refusal(guest.decrypt({ CiphertextBlob }))).toMatchObject({
    message: text('Decrypt', 'the resource associated with this ciphertext'),
  });
});

describe('condition keys of a request', () => {
  const statement = (action: string | string[], Condition: object) => ({
    Effect: 'Allow',
    Action: action,
    Resource: '*',
    Condition,
  });
  const denied = expect.objectContaining({ name: 'AccessDeniedException' });
  let user = 0;
  const withPolicy = (...statements: object[]) => {
    user += 1;
    return world.user(`conditioned-${user}`, statements);
  };

  test('the key’s own: spec, usage, origin, tags, aliases, Region', async () => {
    const red = await newKey(world.root, { Tags: [{ TagKey: 'color', TagValue: 'red' }] });
    const blue = await newKey(world.root, { Tags: [{ TagKey: 'color', TagValue: 'blue' }] });
    await world.root.createAlias({ AliasName: 'alias/abac/red', TargetKeyId: red.id });
    for (const condition of [
      { StringEquals: { 'aws:ResourceTag/color': 'red' } },
      { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': 'alias/abac/*' } },
    ]) {
      const { kms } = await withPolicy(statement('kms:DescribeKey', condition));
      await kms.describeKey({ KeyId: red.id });
      expect(await refusal(kms.describeKey({ KeyId: blue.id }))).toEqual(denied);
    }
    const { kms } = await withPolicy(
      statement('kms:DescribeKey', {
        StringEquals: {
          'kms:KeySpec': 'SYMMETRIC_DEFAULT',
          'kms:KeyUsage': 'ENCRYPT_DECRYPT',
          'kms:KeyOrigin': 'AWS_KMS',
          'kms:CallerAccount': LAB_ID,
          'aws:RequestedRegion': REGION,
        },
        Bool: { 'kms:MultiRegion': 'false' },
        Null: { 'kms:ViaService': 'true' },
      }),
    );
    await kms.describeKey({ KeyId: red.id });
    const mac = await newKey(world.root, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(await refusal(kms.describeKey({ KeyId: mac.id }))).toEqual(denied);
  });

  test('kms:RequestAlias: the name that was used', async () => {
    const { id } = await newKey(world.root);
    await world.root.createAlias({ AliasName: 'alias/request', TargetKeyId: id });
    const { kms } = await withPolicy(
      statement('kms:Encrypt', { StringEquals: { 'kms:RequestAlias': 'alias/request' } }),
    );
    await kms.encrypt({ KeyId: 'alias/request', Plaintext: utf8('x') });
    expect(await refusal(kms.encrypt({ KeyId: id, Plaintext: utf8('x') }))).toEqual(denied);
  });

  test('algorithms and message types', async () => {
    const rsa = await newKey(world.root, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const { kms } = await withPolicy(
      statement('kms:Sign', {
        StringLike: { 'kms:SigningAlgorithm': 'RSASSA_PSS*' },
        StringEquals: { 'kms:MessageType': 'RAW' },
      }),
    );
    const request = { KeyId: rsa.id, Message: utf8('x'.repeat(32)) };
    await kms.sign({ ...request, SigningAlgorithm: 'RSASSA_PSS_SHA_256' });
    expect(await refusal(kms.sign({ ...request, SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' }))).toEqual(denied);
    const digest = { ...request, SigningAlgorithm: 'RSASSA_PSS_SHA_256', MessageType: 'DIGEST' } as const;
    expect(await refusal(kms.sign(digest))).toEqual(denied);
  });

  test('CreateKey by what is asked for, and with tags only for who may tag', async () => {
    const plain = await withPolicy(
      statement('kms:CreateKey', { StringEquals: { 'kms:KeySpec': 'HMAC_256' }, Bool: { 'kms:MultiRegion': 'false' } }),
    );
    const mac = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const;
    await plain.kms.createKey(mac);
    expect(await refusal(plain.kms.createKey({}))).toEqual(denied);
    expect(await refusal(plain.kms.createKey({ ...mac, MultiRegion: true }))).toEqual(denied);
    const Tags = [{ TagKey: 'team', TagValue: 'a' }];
    expect(await refusal(plain.kms.createKey({ ...mac, Tags }))).toEqual(denied);
    const tagging = await withPolicy(
      statement(['kms:CreateKey', 'kms:TagResource'], { StringEquals: { 'aws:RequestTag/team': 'a' } }),
    );
    await tagging.kms.createKey({ Tags });
    expect(await refusal(tagging.kms.createKey({ Tags: [{ TagKey: 'team', TagValue: 'b' }] }))).toEqual(denied);
  });

  test('CreateGrant by grantee, operations and constraint', async () => {
    const { id: KeyId } = await newKey(world.root);
    const grantee = arnOf({ name: 'nobody', account: 'lab' });
    const { kms } = await withPolicy(
      statement('kms:CreateGrant', {
        StringEquals: { 'kms:GranteePrincipal': grantee, 'kms:GrantConstraintType': 'EncryptionContextSubset' },
        'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt', 'Decrypt'] },
      }),
    );
    const Constraints = { EncryptionContextSubset: { a: 'b' } };
    const request: Parameters<KMS['createGrant']>[0] = {
      KeyId,
      GranteePrincipal: grantee,
      Operations: ['Encrypt'],
      Constraints,
    };
    await kms.createGrant(request);
    expect(await refusal(kms.createGrant({ ...request, Operations: ['GenerateDataKey'] }))).toEqual(denied);
    expect(await refusal(kms.createGrant({ ...request, GranteePrincipal: OWN }))).toEqual(denied);
    const exact = { EncryptionContextEquals: { a: 'b' } };
    expect(await refusal(kms.createGrant({ ...request, Constraints: exact }))).toEqual(denied);
  });

  test('CreateGrant for a service and the resource that it asks for', async () => {
    const { id: KeyId } = await newKey(world.root);
    const service = 'logs.eu-central-1.amazonaws.com';
    const SourceArn = `arn:aws:logs:${REGION}:${LAB_ID}:log-group:a`;
    const request = {
      KeyId,
      GranteeServicePrincipal: service,
      RetiringServicePrincipal: service,
      Operations: ['Encrypt' as const],
      Constraints: { SourceArn },
    };
    const conditions = [
      { StringEquals: { 'kms:GranteeServicePrincipal': service } },
      { StringEquals: { 'kms:RetiringServicePrincipal': service } },
      { ArnLike: { 'kms:GrantConstraintSourceArn': `arn:aws:logs:${REGION}:${LAB_ID}:log-group:*` } },
    ];
    const grantee = arnOf({ name: 'nobody', account: 'lab' });
    for (const condition of conditions) {
      const allowed = await withPolicy(statement('kms:CreateGrant', condition));
      await allowed.kms.createGrant(request);
      const forbidden = await withPolicy(ALL, { ...statement('kms:CreateGrant', condition), Effect: 'Deny' });
      expect(await refusal(forbidden.kms.createGrant(request))).toEqual(denied);
      const plain = { KeyId, GranteePrincipal: grantee, Operations: request.Operations };
      await forbidden.kms.createGrant(plain);
      expect(await refusal(allowed.kms.createGrant(plain))).toEqual(denied);
    }
    // A service is not what these two tell of.
    const none = await withPolicy(
      statement('kms:CreateGrant', { Null: { 'kms:GranteePrincipal': 'true', 'kms:RetiringPrincipal': 'true' } }),
    );
    await none.kms.createGrant(request);
  });

  test('deletion windows, rotation periods, replicas’ Regions, bypassing the lockout check', async () => {
    const { kms } = await withPolicy(
      statement('kms:ScheduleKeyDeletion', {
        NumericGreaterThanEquals: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '20' },
      }),
      statement('kms:EnableKeyRotation', { NumericLessThanEquals: { 'kms:RotationPeriodInDays': '180' } }),
      statement(['kms:ReplicateKey'], { StringEquals: { 'kms:ReplicaRegion': 'us-east-1' } }),
      { Effect: 'Allow', Action: 'kms:CreateKey', Resource: '*' },
      statement('kms:PutKeyPolicy', { Null: { 'kms:BypassPolicyLockoutSafetyCheck': 'true' } }),
    );
    const { id: KeyId } = await newKey(world.root, { MultiRegion: true });
    expect(await refusal(kms.enableKeyRotation({ KeyId }))).toEqual(denied);
    await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: 90 });
    expect(await refusal(kms.replicateKey({ KeyId, ReplicaRegion: 'us-west-2' }))).toEqual(denied);
    await kms.replicateKey({ KeyId, ReplicaRegion: 'us-east-1' });
    const { Policy } = await world.root.getKeyPolicy({ KeyId });
    expect(await refusal(kms.putKeyPolicy({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }))).toEqual(denied);
    await kms.putKeyPolicy({ KeyId, Policy });
    const single = await newKey(world.root);
    expect(await refusal(kms.scheduleKeyDeletion({ KeyId: single.id, PendingWindowInDays: 7 }))).toEqual(denied);
    await kms.scheduleKeyDeletion({ KeyId: single.id });
  });

  test('aliases need both the alias and the keys', async () => {
    const [one, two] = [await newKey(world.root), await newKey(world.root)];
    const onAlias = (actions: string[]) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: `arn:aws:kms:${REGION}:${LAB_ID}:alias/both`,
    });
    const onKey = (actions: string[], arn: string) => ({ Effect: 'Allow', Action: actions, Resource: arn });
    const all = ['kms:CreateAlias', 'kms:UpdateAlias', 'kms:DeleteAlias'];
    const half = await withPolicy(onAlias(all));
    const create = { AliasName: 'alias/both', TargetKeyId: one.id };
    expect(await refusal(half.kms.createAlias(create))).toEqual(denied);
    const otherHalf = await withPolicy(onKey(all, one.arn));
    expect(await refusal(otherHalf.kms.createAlias(create))).toEqual(denied);
    const both = await withPolicy(onAlias(all), onKey(all, one.arn));
    await both.kms.createAlias(create);
    expect(await refusal(both.kms.updateAlias({ AliasName: 'alias/both', TargetKeyId: two.id }))).toEqual(denied);
    expect(await refusal(half.kms.deleteAlias({ AliasName: 'alias/both' }))).toEqual(denied);
    await both.kms.deleteAlias({ AliasName: 'alias/both' });
  });

  test('lists and random bytes need an identity policy', async () => {
    const { kms } = await withPolicy(
      statement(['kms:ListKeys', 'kms:GenerateRandom'], { Bool: { 'aws:SecureTransport': 'false' } }),
    );
    await kms.listKeys({});
    await kms.generateRandom({ NumberOfBytes: 1 });
    expect(await refusal(kms.listAliases({}))).toEqual(denied);
  });
});
