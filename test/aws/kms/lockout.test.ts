import { afterAll, beforeAll, expect, test } from 'vitest';
import { LAB_ID, type Lab, newKey, REGION, refusal, startLab } from '../../support/kms-lab.ts';

/** The lockout safety check looks at the caller's next PutKeyPolicy, with all that a request says of itself. */

const LOCKOUT = {
  name: 'MalformedPolicyDocumentException',
  message: 'The new key policy will not allow you to update the key policy in the future.',
  status: 400,
};
const REPLICA = 'us-east-1';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.dispose());

const written = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const everybody = { Principal: '*', Action: 'kms:*', Resource: '*' };
const allow = (Condition: object) => written({ Effect: 'Allow', ...everybody, Condition });
const deny = (Condition: object) =>
  written({ Effect: 'Allow', ...everybody }, { Effect: 'Deny', ...everybody, Condition });

const KEEPS_THE_CALLER: readonly [string, string][] = [
  ['its account', allow({ StringEquals: { 'kms:CallerAccount': LAB_ID } })],
  ['its address', allow({ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })],
  ['how it connects', allow({ Bool: { 'aws:SecureTransport': 'false' } })],
  ['the time', allow({ DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } })],
  ['the absence of a second factor', deny({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } })],
  ['the key itself', allow({ StringEquals: { 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'aws:ResourceAccount': LAB_ID } })],
];
const LOCKS_THE_CALLER_OUT: readonly [string, string][] = [
  ['another account', allow({ StringEquals: { 'kms:CallerAccount': '999999999999' } })],
  ['another address', allow({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })],
  ['TLS', deny({ Bool: { 'aws:SecureTransport': 'false' } })],
  ['a time that is over', allow({ DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } })],
  ['a second factor', allow({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } })],
  ['a service of AWS', allow({ StringEquals: { 'kms:ViaService': `s3.${REGION}.amazonaws.com` } })],
];

test.each(KEEPS_THE_CALLER)('a policy that depends on %s is taken, and can be changed', async (_what, Policy) => {
  const { id: KeyId } = await newKey(lab.root);
  await lab.root.putKeyPolicy({ KeyId, Policy });
  await lab.root.putKeyPolicy({ KeyId, Policy });
  const made = await newKey(lab.root, { Policy });
  await lab.root.putKeyPolicy({ KeyId: made.id, Policy });
});

test.each(LOCKS_THE_CALLER_OUT)('a policy that wants %s is not', async (_what, Policy) => {
  const { id: KeyId } = await newKey(lab.root, { MultiRegion: true });
  expect(await refusal(lab.root.putKeyPolicy({ KeyId, Policy }))).toEqual(LOCKOUT);
  expect(await refusal(lab.root.createKey({ Policy }))).toEqual(LOCKOUT);
  expect(await refusal(lab.root.replicateKey({ KeyId, ReplicaRegion: REPLICA, Policy }))).toEqual(LOCKOUT);
  // What it says is what would have come.
  await lab.root.putKeyPolicy({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true });
  expect(await refusal(lab.root.putKeyPolicy({ KeyId, Policy }))).toMatchObject({ name: 'AccessDeniedException' });
});

test('a replica’s policy is changed in the replica’s Region', async () => {
  const requestedIn = (region: string) => allow({ StringEquals: { 'aws:RequestedRegion': region } });
  const { id: KeyId } = await newKey(lab.root, { MultiRegion: true, Policy: requestedIn(REGION) });
  const replicate = { KeyId, ReplicaRegion: REPLICA };
  expect(await refusal(lab.root.replicateKey({ ...replicate, Policy: requestedIn(REGION) }))).toEqual(LOCKOUT);
  await lab.root.replicateKey({ ...replicate, Policy: requestedIn(REPLICA) });
  const there = await lab.rootIn(REPLICA);
  await there.putKeyPolicy({ KeyId, Policy: requestedIn(REPLICA) });
});
