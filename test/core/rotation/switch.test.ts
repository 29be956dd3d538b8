import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRotationLab, type RotationLab } from '../../support/rotation-lab.ts';

const SCOPE = { date: '20261123', region: 'eu-central-1', service: 's3' };
let lab: RotationLab;
beforeAll(async () => {
  lab = await openRotationLab();
});
afterAll(() => lab.close());

/** RFC 2104 and the SigV4 guide, by hand: what an upstream would compute. */
function signatureOf(secret: string, text: string): string {
  const key = [SCOPE.date, SCOPE.region, SCOPE.service, 'aws4_request'].reduce<Buffer>(
    (before, part) => createHmac('sha256', before).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

test('a request that was let in before the switch is signed with the secret that goes with its key id', async () => {
  const patient = await lab.admit('busy');
  const { accessKeyId } = await lab.core.issue({ profile: 'busy', purpose: 'exec' });
  const { doorBackend } = lab.core.running;
  const resolve = async () => {
    const client = await doorBackend.resolveClient(accessKeyId);
    if (client?.kind !== 'remote') throw new Error('no client');
    return doorBackend.credentials(client);
  };
  const before = await resolve();
  await lab.start('busy', { quarantineSeconds: 3600 });
  const { newAccessKeyId = '' } = await lab.settled('busy');
  expect(before.accessKeyId).toBe(patient.first.accessKeyId);
  const late = await doorBackend.sign(before, SCOPE, 'text');
  expect(late).toBe(signatureOf(patient.first.secretAccessKey, 'text'));
  const after = await resolve();
  expect(after.accessKeyId).toBe(newAccessKeyId);
  const now = await doorBackend.sign(after, SCOPE, 'text');
  expect(now).toBe(signatureOf(patient.aws.keys.get(newAccessKeyId)?.secretAccessKey ?? '', 'text'));
  await lab.pass(2 * 3_600_000);
  expect(await lab.settled('busy')).toMatchObject({ state: 'done' });
  await expect(doorBackend.sign(before, SCOPE, 'text')).rejects.toThrow(/removed/);
});
