import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Rotation } from '../../src/contract/rotation.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
/** Which calls the daemon is killed in, one rotation after the other; the call itself is carried out. */
const RUNS: readonly (readonly string[])[] = FULL
  ? [
      ...['ListAccessKeys', 'SimulatePrincipalPolicy', 'CreateAccessKey', 'GetCallerIdentity'].map((one) => [one]),
      ...['GetAccessKeyLastUsed', 'UpdateAccessKey', 'DeleteAccessKey'].map((one) => [one]),
      ['CreateAccessKey', 'CreateAccessKey', 'GetCallerIdentity', 'UpdateAccessKey', 'DeleteAccessKey'],
    ]
  : [['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey']];
const PATIENCE_MS = 30_000;

test('kill -9 in the middle of the calls of a rotation: it goes on after each unlock, and ends with one key that works', async () => {
  const home = mkdtempSync(join(tmpdir(), 'kh-rotation-kill-'));
  const aws = await startStrictAws();
  let daemon = await startTestDaemon({ home });
  let kills = 0;
  try {
    await daemon.create();
    await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote', endpointUrl: aws.url });
    for (const [index, actions] of RUNS.entries()) {
      const name = `user${index}`;
      aws.addUser(name);
      const first = aws.addKey(name);
      await daemon.importKey({ name, account: 'prod', accessKeyId: first.accessKeyId }, first.secretAccessKey);
      for (const [turn, action] of actions.entries()) {
        const met = meet(aws, action);
        if (turn === 0) await daemon.call('rotation.start', { key: name, quarantineSeconds: 0 }).catch(() => undefined);
        else await daemon.unlock();
        await goOnUntil(daemon, name, met, action);
        await daemon.kill();
        kills += 1;
        daemon = await startTestDaemon({ home });
      }
      await daemon.unlock();
      const done = await ended(daemon, name);
      expect([name, done.state, done.message]).toEqual([name, 'done', expect.anything()]);
      const left = [...aws.keys.values()].filter(({ userName, deleted }) => userName === name && !deleted);
      expect(left).toMatchObject([{ accessKeyId: done.newAccessKeyId, status: 'Active' }]);
      const { keys } = await daemon.call('key.list', {});
      expect(keys.find((key) => key.name === name)?.accessKeyId).toBe(done.newAccessKeyId);
    }
    expect(await daemon.call('vault.check', {})).toMatchObject({ ok: true });
    process.stdout.write(`${RUNS.length} rotations, ${kills} × kill -9\n`);
  } finally {
    await daemon.stop();
    await aws.close();
    rmSync(home, { recursive: true, force: true });
  }
});

/** The next call of this operation; it waits for the daemon to be gone, and is carried out then. */
function meet(aws: StrictAws, action: string): Promise<void> {
  return new Promise((resolve) => {
    aws.onCall = async (call) => {
      if (call.action !== action) return;
      aws.onCall = null;
      resolve();
      await sleep(200);
    };
  });
}

/** A key whose secret was lost is in doubt for hours, unless a person says that it is nobody’s. */
async function goOnUntil(daemon: TestDaemon, key: string, met: Promise<void>, action: string): Promise<void> {
  let there = false;
  const seen = met.then(() => {
    there = true;
  });
  const until = Date.now() + PATIENCE_MS;
  while (!there) {
    if (Date.now() > until)
      throw new Error(`${action} was not called: ${(await daemon.call('rotation.get', { key })).message}`);
    await confirmWhereInDoubt(daemon, key);
    await Promise.race([seen, sleep(100)]);
  }
}

async function confirmWhereInDoubt(daemon: TestDaemon, key: string): Promise<void> {
  const { halt } = await daemon.call('rotation.get', { key }).catch(() => ({ halt: undefined }));
  if (halt === 'inDoubt') await daemon.call('rotation.confirm', { key });
}

async function ended(daemon: TestDaemon, key: string): Promise<Rotation> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    await confirmWhereInDoubt(daemon, key);
    const rotation = await daemon.call('rotation.get', { key });
    const waits = rotation.state === 'waiting' && rotation.halt !== 'inDoubt';
    if (rotation.endedAt !== undefined || waits || Date.now() > until) return rotation;
    await sleep(100);
  }
}
