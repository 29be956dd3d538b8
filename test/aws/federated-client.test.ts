import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FederationLab, startFederationLab } from '../support/federation-lab.ts';
import { type Harness, startHarness } from './harness.ts';

const WHO = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
const HOUR = 3_600_000;
let lab: FederationLab;
let harness: Harness;
let key: { accessKeyId: string; secretAccessKey: string };

beforeAll(async () => {
  lab = await startFederationLab();
  await lab.addSamlProfile('deploy', { durationSeconds: 43_200 });
  const issued = await lab.core.addClient({ name: 'terraform', profile: 'deploy' });
  key = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret };
});
afterAll(() => lab.dispose());

const ask = () =>
  harness.send({
    key,
    now: lab.clock.now(),
    method: 'POST',
    service: 'sts',
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
    body: WHO,
  });

it('a client with nothing but its client key works with a SAML role, and is told when a person has to sign in again', async () => {
  harness = await startHarness({ clock: lab.clock, door: { backend: lab.core.running.doorBackend } });
  const before = await ask();
  expect([before.status, before.text]).toEqual([403, expect.stringContaining('keyhold login corp')]);
  await lab.loginSaml();
  const answers = await Promise.all(Array.from({ length: 20 }, ask));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(answers[0]?.text).toContain('<Arn>arn:aws:sts::123456789012:assumed-role/deploy/ada@example.com</Arn>');
  // Thirteen hours of sleep: the session has ended, and only a person gets the next one.
  lab.clock.advance(13 * HOUR);
  const after = await ask();
  expect([after.status, after.text]).toEqual([403, expect.stringContaining('keyhold login corp')]);
  await lab.loginSaml();
  expect((await ask()).status).toBe(200);
  expect(lab.aws.callsOf('AssumeRoleWithSAML')).toHaveLength(2);
});
