import type { GrantOperation, KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KmsIndex } from '../../../src/core/kms/kms-index.ts';
import { LAB_ID, type Lab, newKey, OTHER_ID, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';

let lab: Lab;
let alice: { kms: KMS; arn: string };
let bob: { kms: KMS; arn: string };
beforeAll(async () => {
  lab = await startLab();
  alice = await lab.user('alice');
  bob = await lab.user('bob');
});
afterAll(() => lab.dispose());

const Plaintext = utf8('x');
const denied = expect.objectContaining({ name: 'AccessDeniedException', status: 400 });

async function grant(KeyId: string, more: Partial<Parameters<KMS['createGrant']>[0]> = {}) {
  const Operations: GrantOperation[] = ['Encrypt', 'Decrypt'];
  const { GrantId = '', GrantToken = '' } = await lab.root.createGrant({
    KeyId,
    GranteePrincipal: alice.arn,
    Operations,
    ...more,
  });
  return { GrantId, GrantToken };
}

describe('a grant', () => {
  test('lets its grantee do what it says, at once, until it is revoked', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    expect(await refusal(alice.kms.encrypt({ KeyId, Plaintext }))).toEqual(
      expect.objectContaining({
        name: 'AccessDeniedException',
        message: `User: ${alice.arn} is not authorized to perform: kms:Encrypt on resource: ${arn} because no identity-based policy allows the kms:Encrypt action`,
      }),
    );
    const { GrantId, GrantToken } = await grant(KeyId);
    expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
    const { CiphertextBlob } = await alice.kms.encrypt({ KeyId, Plaintext, GrantTokens: [GrantToken] });
    expect(text((await alice.kms.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
    expect(await refusal(alice.kms.generateDataKey({ KeyId, KeySpec: 'AES_256' }))).toEqual(denied);
    expect(await refusal(bob.kms.decrypt({ CiphertextBlob }))).toEqual(denied);
    await lab.root.revokeGrant({ KeyId, GrantId });
    expect(await refusal(alice.kms.decrypt({ CiphertextBlob }))).toEqual(denied);
    expect(await refusal(alice.kms.encrypt({ KeyId, Plaintext, GrantTokens: [GrantToken] }))).toMatchObject({
      name: 'InvalidGrantTokenException',
      status: 400,
    });
    expect(await refusal(lab.root.revokeGrant({ KeyId, GrantId }))).toMatchObject({ name: 'InvalidGrantIdException' });
  });

  test('holds to its encryption context', async () => {
    const { id: KeyId } = await newKey(lab.root);
    await grant(KeyId, { Constraints: { EncryptionContextSubset: { Dept: 'IT' } } });
    const encrypt = (EncryptionContext?: Record<string, string>) =>
      alice.kms.encrypt({ KeyId, Plaintext, EncryptionContext });
    await encrypt({ Dept: 'IT' });
    await encrypt({ dept: 'IT', more: '1' });
    for (const context of [undefined, {}, { Dept: 'HR' }, { Dept: 'it' }])
      expect(await refusal(encrypt(context))).toEqual(denied);

    const { id: exact } = await newKey(lab.root);
    await grant(exact, { Constraints: { EncryptionContextEquals: { Dept: 'IT' } } });
    const EncryptionContext = { Dept: 'IT' };
    const { CiphertextBlob } = await alice.kms.encrypt({ KeyId: exact, Plaintext, EncryptionContext });
    await alice.kms.decrypt({ CiphertextBlob, EncryptionContext });
    expect(
      await refusal(alice.kms.encrypt({ KeyId: exact, Plaintext, EncryptionContext: { Dept: 'IT', more: '1' } })),
    ).toEqual(denied);
  });

  test('reaches over to another account, both ways of ReEncrypt apart', async () => {
    const carol = await lab.user('carol', [], 'other');
    const { arn: KeyId } = await newKey(lab.root);
    const target = await newKey(lab.root);
    expect(await refusal(carol.kms.encrypt({ KeyId, Plaintext }))).toEqual(denied);
    await grant(KeyId, { GranteePrincipal: carol.arn, Operations: ['Encrypt', 'ReEncryptFrom', 'DescribeKey'] });
    const { CiphertextBlob } = await carol.kms.encrypt({ KeyId, Plaintext });
    expect((await carol.kms.describeKey({ KeyId })).KeyMetadata).toMatchObject({ AWSAccountId: LAB_ID });
    const move = { CiphertextBlob, DestinationKeyId: target.arn };
    expect(await refusal(carol.kms.reEncrypt(move))).toEqual(denied);
    await grant(target.id, { GranteePrincipal: carol.arn, Operations: ['ReEncryptTo'] });
    await carol.kms.reEncrypt(move);
    expect(await refusal(carol.kms.decrypt({ CiphertextBlob, KeyId }))).toEqual(denied);
    expect(await refusal(carol.kms.disableKey({ KeyId }))).toEqual(denied);
  });

  test('with a name is made once, and its tokens are all good', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const first = await grant(KeyId, { Name: 'once' });
    const again = await grant(KeyId, { Name: 'once', Operations: ['Decrypt', 'Encrypt'] });
    expect(again.GrantId).toBe(first.GrantId);
    expect(again.GrantToken).not.toBe(first.GrantToken);
    expect((await grant(KeyId, { Name: 'once', Operations: ['Decrypt'] })).GrantId).not.toBe(first.GrantId);
    expect((await grant(KeyId)).GrantId).not.toBe((await grant(KeyId)).GrantId);
    await alice.kms.encrypt({ KeyId, Plaintext, GrantTokens: [first.GrantToken, again.GrantToken] });
  });

  test('is listed by key, by grantee, by id, and by who may retire it', async () => {
    const { id: KeyId, arn } = await newKey(lab.root);
    const Constraints = { EncryptionContextEquals: { a: 'b' } };
    const one = await grant(KeyId, { Name: 'one', RetiringPrincipal: bob.arn, Constraints });
    const two = await grant(KeyId, { GranteePrincipal: bob.arn, Operations: ['GenerateDataKey'] });
    const entry = {
      KeyId: arn,
      GrantId: one.GrantId,
      Name: 'one',
      CreationDate: expect.any(Date),
      GranteePrincipal: alice.arn,
      RetiringPrincipal: bob.arn,
      IssuingAccount: `arn:aws:iam::${LAB_ID}:root`,
      Operations: ['Encrypt', 'Decrypt'],
      Constraints,
    };
    const list = async (more = {}) => (await lab.root.listGrants({ KeyId, ...more })).Grants ?? [];
    expect((await list()).map(({ GrantId }) => GrantId).sort()).toEqual([one.GrantId, two.GrantId].sort());
    expect(await list({ GrantId: one.GrantId })).toEqual([entry]);
    expect((await list({ GranteePrincipal: bob.arn })).map(({ GrantId }) => GrantId)).toEqual([two.GrantId]);
    expect(await refusal(lab.root.listGrants({ KeyId, GrantId: 'f'.repeat(64) }))).toMatchObject({
      name: 'InvalidGrantIdException',
    });
    const { Grants } = await lab.root.listRetirableGrants({ RetiringPrincipal: bob.arn });
    expect(Grants).toEqual([entry]);
    expect(
      await refusal(lab.root.listRetirableGrants({ RetiringPrincipal: `arn:aws:iam::${OTHER_ID}:user/x` })),
    ).toMatchObject({ name: 'ValidationException' });
    expect(await refusal(lab.root.listRetirableGrants({ RetiringPrincipal: 'bob' }))).toMatchObject({
      name: 'InvalidArnException',
    });
    const { NextMarker } = await lab.root.listGrants({ KeyId, Limit: 1 });
    expect((await lab.root.listGrants({ KeyId, Marker: NextMarker })).Grants).toHaveLength(1);
  });

  test('is found without a walk through all others of the key', async () => {
    const { id: KeyId } = await newKey(lab.root);
    for (const Name of ['one', 'two', 'three']) await grant(KeyId, { Name, GranteePrincipal: bob.arn });
    const walk = vi.spyOn(KmsIndex.prototype, 'grantsOf');
    try {
      const { GrantId, GrantToken } = await grant(KeyId, { Name: 'mine' });
      expect((await grant(KeyId, { Name: 'mine' })).GrantId).toBe(GrantId);
      const { CiphertextBlob } = await alice.kms.encrypt({ KeyId, Plaintext, GrantTokens: [GrantToken] });
      await lab.root.decrypt({ CiphertextBlob });
      await lab.root.revokeGrant({ KeyId, GrantId });
      await lab.root.retireGrant({ GrantToken: (await grant(KeyId)).GrantToken });
      expect(walk).not.toHaveBeenCalled();
      await lab.root.listGrants({ KeyId });
      expect(walk).toHaveBeenCalled();
    } finally {
      walk.mockRestore();
    }
  });

  test('is not looked for where policies decide', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const all = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    const allowed = await lab.user('allowed', [all]);
    const barred = await lab.user('barred', [{ ...all, Effect: 'Deny' }]);
    for (const { arn } of [allowed, barred, bob]) await grant(KeyId, { GranteePrincipal: arn });
    const look = vi.spyOn(KmsIndex.prototype, 'grantsTo');
    try {
      await allowed.kms.encrypt({ KeyId, Plaintext });
      expect(await refusal(barred.kms.encrypt({ KeyId, Plaintext }))).toEqual(denied);
      expect(look).not.toHaveBeenCalled();
      await bob.kms.encrypt({ KeyId, Plaintext });
      expect(look).toHaveBeenCalled();
    } finally {
      look.mockRestore();
    }
  });

  test('goes with its key', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const { GrantToken } = await grant(KeyId);
    await lab.root.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 });
    expect(await refusal(alice.kms.encrypt({ KeyId, Plaintext, GrantTokens: [GrantToken] }))).toMatchObject({
      name: 'KMSInvalidStateException',
    });
    expect(await refusal(grant(KeyId))).toMatchObject({ name: 'KMSInvalidStateException' });
  });
});

describe('retiring', () => {
  const retire = (client: KMS, input: Parameters<KMS['retireGrant']>[0]) => client.retireGrant(input);

  test('by the retiring principal, by a grantee that may, by the account, by nobody else', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const byBob = await grant(KeyId, { RetiringPrincipal: bob.arn });
    expect(await refusal(retire(alice.kms, { KeyId, GrantId: byBob.GrantId }))).toEqual(denied);
    await retire(bob.kms, { KeyId, GrantId: byBob.GrantId });
    const byGrantee = await grant(KeyId, { Operations: ['Encrypt', 'RetireGrant'] });
    await retire(alice.kms, { GrantToken: byGrantee.GrantToken });
    const byRoot = await grant(KeyId);
    expect(await refusal(retire(bob.kms, { GrantToken: byRoot.GrantToken }))).toEqual(denied);
    await retire(lab.root, { GrantToken: byRoot.GrantToken });
    const delegated = await lab.user('delegated', [{ Effect: 'Allow', Action: 'kms:RetireGrant', Resource: '*' }]);
    await retire(delegated.kms, { KeyId, GrantId: (await grant(KeyId)).GrantId });
    expect((await lab.root.listGrants({ KeyId })).Grants).toEqual([]);
  });

  test('needs a token, or a key and an id', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const { GrantId, GrantToken } = await grant(KeyId);
    expect(await refusal(retire(lab.root, {}))).toMatchObject({ name: 'ValidationException' });
    expect(await refusal(retire(lab.root, { GrantId }))).toMatchObject({ name: 'ValidationException' });
    expect(await refusal(retire(lab.root, { GrantToken: 'bad' }))).toMatchObject({
      name: 'InvalidGrantTokenException',
    });
    expect(await refusal(retire(lab.root, { KeyId, GrantId: 'bad' }))).toMatchObject({
      name: 'InvalidGrantIdException',
    });
    const { id: other } = await newKey(lab.root);
    expect(await refusal(retire(lab.root, { KeyId: other, GrantId }))).toMatchObject({
      name: 'InvalidGrantIdException',
    });
    expect(await refusal(retire(lab.root, { GrantToken, DryRun: true }))).toMatchObject({
      name: 'DryRunOperationException',
    });
    await retire(lab.root, { GrantToken });
    expect(await refusal(retire(lab.root, { GrantToken }))).toMatchObject({ name: 'InvalidGrantTokenException' });
  });

  test('and its tokens are of its own Region', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const { GrantToken } = await grant(KeyId);
    const elsewhere = await lab.rootIn('us-west-2');
    const there = await newKey(elsewhere);
    const invalid = expect.objectContaining({ name: 'InvalidGrantTokenException', status: 400 });
    expect(await refusal(retire(elsewhere, { GrantToken }))).toEqual(invalid);
    expect(await refusal(elsewhere.encrypt({ KeyId: there.id, Plaintext, GrantTokens: [GrantToken] }))).toEqual(
      invalid,
    );
    await retire(lab.root, { GrantToken });
  });

  test('can depend on the constraint that the grant has', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const retiring = (Condition: object) => ({ Effect: 'Allow', Action: 'kms:RetireGrant', Resource: '*', Condition });
    const byPair = await lab.user('by-pair', [
      retiring({
        StringEquals: { 'kms:EncryptionContext:a': 'b', 'kms:GrantConstraintType': 'EncryptionContextSubset' },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['a'] },
      }),
    ]);
    const all = { Effect: 'Allow', Action: 'kms:RetireGrant', Resource: '*' };
    const but = await lab.user('all-but', [
      all,
      { ...retiring({ StringEquals: { 'kms:EncryptionContext:a': 'b' } }), Effect: 'Deny' },
    ]);
    const constrained = () => grant(KeyId, { Constraints: { EncryptionContextSubset: { a: 'b' } } });
    const { GrantId } = await constrained();
    expect(await refusal(retire(but.kms, { KeyId, GrantId }))).toEqual(denied);
    await retire(byPair.kms, { KeyId, GrantId });
    for (const other of [{}, { Constraints: { EncryptionContextEquals: { a: 'b' } } }]) {
      const { GrantToken } = await grant(KeyId, other);
      expect(await refusal(retire(byPair.kms, { GrantToken }))).toEqual(denied);
    }
    const { GrantToken } = await grant(KeyId);
    await retire(but.kms, { GrantToken });
  });

  test('works while the key is disabled', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const { GrantId } = await grant(KeyId, { RetiringPrincipal: bob.arn });
    await lab.root.disableKey({ KeyId });
    await retire(bob.kms, { KeyId, GrantId });
  });
});

describe('a grant made by right of a grant', () => {
  test('gives no more than that one, and holds to the same context', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const Constraints = { EncryptionContextSubset: { a: '1' } };
    await grant(KeyId, { Operations: ['Encrypt', 'CreateGrant'], Constraints });
    const pass = (more: object) =>
      alice.kms.createGrant({ KeyId, GranteePrincipal: bob.arn, Operations: ['Encrypt'], Constraints, ...more });
    expect(await refusal(pass({ Operations: ['Decrypt'] }))).toEqual(denied);
    expect(await refusal(pass({ Constraints: undefined }))).toEqual(denied);
    expect(await refusal(pass({ Constraints: { EncryptionContextSubset: { a: '2' } } }))).toEqual(denied);
    await pass({ Constraints: { EncryptionContextSubset: { a: '1', b: '2' } } });
    await bob.kms.encrypt({ KeyId, Plaintext, EncryptionContext: { a: '1', b: '2' } });
    expect(await refusal(bob.kms.encrypt({ KeyId, Plaintext, EncryptionContext: { a: '1' } }))).toEqual(denied);
    const policied = await lab.user('policied', [{ Effect: 'Allow', Action: 'kms:CreateGrant', Resource: '*' }]);
    await policied.kms.createGrant({ KeyId, GranteePrincipal: bob.arn, Operations: ['Decrypt'] });
  });

  test('to an account gives no more to its users, however much their own policies allow', async () => {
    const all = [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }];
    const guest = await lab.user('guest', all, 'other');
    const plain = await lab.user('plain-guest', [], 'other');
    const { id, arn: KeyId } = await newKey(lab.root);
    const Constraints = { EncryptionContextEquals: { a: '1' } };
    const account = `arn:aws:iam::${OTHER_ID}:root`;
    await grant(id, { GranteePrincipal: account, Operations: ['Encrypt', 'CreateGrant'], Constraints });
    const pass = (more: object, who = guest) =>
      who.kms.createGrant({ KeyId, GranteePrincipal: guest.arn, Operations: ['Encrypt'], Constraints, ...more });
    for (const more of [
      { Operations: ['Decrypt', 'GenerateDataKey'] },
      { Operations: ['Decrypt'], Constraints: undefined },
      { Constraints: undefined },
      { Constraints: { EncryptionContextSubset: { a: '1' } } },
    ])
      expect(await refusal(pass(more))).toEqual(denied);
    const { CiphertextBlob } = await lab.root.encrypt({ KeyId: id, Plaintext });
    expect(await refusal(guest.kms.decrypt({ KeyId, CiphertextBlob }))).toEqual(denied);
    expect(await refusal(pass({}, plain))).toEqual(denied);
    await pass({});

    // A right that another grant gives to its grantee alone does not make the account's grant theirs.
    await grant(id, { GranteePrincipal: plain.arn, Operations: ['DescribeKey', 'CreateGrant'] });
    await pass({ Operations: ['DescribeKey'] }, plain);
    expect(await refusal(pass({}, plain))).toEqual(denied);
  });

  test('takes nothing from who may by a policy', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const { kms, arn } = await lab.user('both', [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }]);
    const pass = () => kms.createGrant({ KeyId, GranteePrincipal: bob.arn, Operations: ['Decrypt'] });
    await pass();
    await grant(KeyId, { GranteePrincipal: arn, Operations: ['Encrypt', 'CreateGrant'] });
    await pass();
  });
});

describe('what cannot be granted', () => {
  test.each([
    [{ Operations: ['Sign'] }, 'ValidationException'],
    [{ Operations: [] }, 'ValidationException'],
    [{ GranteePrincipal: 'alice' }, 'InvalidArnException'],
    [{ RetiringPrincipal: 'arn:aws:iam::1:user/x' }, 'InvalidArnException'],
    [{ GranteePrincipal: undefined }, 'ValidationException'],
    [{ GranteePrincipal: undefined, GranteeServicePrincipal: 'logs.amazonaws.com' }, 'ValidationException'],
    [{ GranteeServicePrincipal: 'logs.amazonaws.com' }, 'ValidationException'],
    [{ Constraints: { EncryptionContextSubset: {}, EncryptionContextEquals: {} } }, 'ValidationException'],
    [{ Constraints: { EncryptionContextEquals: { a: 'x'.repeat(385) } } }, 'ValidationException'],
    [{ Constraints: { SourceArn: 'a-bucket-that-is-no-arn' } }, 'InvalidArnException'],
    [{ Name: 'no spaces' }, 'ValidationException'],
  ] as [Partial<Parameters<KMS['createGrant']>[0]>, string][])('%j', async (more, name) => {
    const { id: KeyId } = await newKey(lab.root);
    expect(await refusal(grant(KeyId, more))).toMatchObject({ name, status: 400 });
  });

  test.each([
    [{ Operations: ['CreateGrant'] }, 'ValidationException', 'Grants must not contain only the CreateGrant operation.'],
    [
      { Operations: ['CreateGrant', 'CreateGrant'] },
      'ValidationException',
      'Grants must not contain only the CreateGrant operation.',
    ],
    [
      { Constraints: { EncryptionContextSubset: { a: 'b' }, EncryptionContextEquals: {} } },
      'ValidationException',
      'More than one constraint supplied',
    ],
    [
      { GranteePrincipal: 'arn:aws:iam::123456789012:group/x' },
      'InvalidArnException',
      'ARN does not refer to a valid principal: arn:aws:iam::123456789012:group/x',
    ],
    [{ RetiringPrincipal: 'bob' }, 'InvalidArnException', 'ARN does not refer to a valid principal: bob'],
  ] as [Partial<Parameters<KMS['createGrant']>[0]>, string, string][])(
    '%j, which AWS refuses in the same words',
    async (more, name, message) => {
      const { id: KeyId } = await newKey(lab.root);
      expect(await refusal(grant(KeyId, more))).toEqual({ name, message, status: 400 });
    },
  );

  test('an encryption context with keys that take none', async () => {
    const Constraints = { EncryptionContextEquals: { a: 'b' } };
    for (const [KeySpec, KeyUsage, operation] of [
      ['ECC_NIST_P256', 'SIGN_VERIFY', 'Sign'],
      ['HMAC_256', 'GENERATE_VERIFY_MAC', 'GenerateMac'],
    ] as const) {
      const { id: KeyId } = await newKey(lab.root, { KeySpec, KeyUsage });
      expect(await refusal(grant(KeyId, { Operations: [operation], Constraints }))).toEqual({
        name: 'ValidationException',
        message: `A grant of a key with KeySpec ${KeySpec} cannot have an encryption context constraint.`,
        status: 400,
      });
      await grant(KeyId, { Operations: [operation] });
    }
  });

  test('a grant for a service and a resource of AWS is kept and helps nobody here', async () => {
    const { id: KeyId } = await newKey(lab.root);
    const SourceArn = `arn:aws:logs:eu-central-1:${LAB_ID}:log-group:x`;
    await grant(KeyId, {
      GranteePrincipal: undefined,
      GranteeServicePrincipal: 'logs.eu-central-1.amazonaws.com',
      RetiringPrincipal: bob.arn,
      Constraints: { SourceArn },
    });
    expect((await lab.root.listGrants({ KeyId })).Grants).toMatchObject([
      { GranteeServicePrincipal: 'logs.eu-central-1.amazonaws.com', Constraints: { SourceArn } },
    ]);
    await grant(KeyId, { Constraints: { SourceArn } });
    expect(await refusal(alice.kms.encrypt({ KeyId, Plaintext }))).toEqual(denied);
  });
});
