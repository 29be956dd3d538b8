import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumBinary } from '../../scripts/chromium-binary.ts';
import { findInMemory, findInResidentMemory, needlesFor, processTree, whyNoCoreDumps } from '../support/core-dump.ts';
import { PASSWORD } from '../support/hsm.ts';
import { CANARY, type Scenario, startScenario } from '../support/scenario.ts';
import { readVault } from '../support/second-reader.ts';

const reason = whyNoCoreDumps();
const chromium = chromiumBinary() ?? '';

describe.skipIf(reason !== null)(`memory${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let scenario: Scenario;
  let needles: { name: string; bytes: Buffer }[];

  beforeAll(async () => {
    scenario = await startScenario();
    const path = join(scenario.daemon.home, 'copy.keyhold');
    await scenario.daemon.call('vault.backup', { path });
    const { rootKey } = await readVault(path, PASSWORD);
    needles = [
      ...needlesFor('canary', Buffer.from(CANARY)),
      ...needlesFor('password', Buffer.from(PASSWORD)),
      ...needlesFor('root key', rootKey),
    ];
    // Traffic, so that every cache that could hold a secret has been filled.
    const { accessKeyId, secret, endpoint } = await scenario.daemon.addClient({ name: 'traffic', profile: 'prod' });
    const { S3Client, ListBucketsCommand, PutObjectCommand, CreateBucketCommand } = await import('@aws-sdk/client-s3');
    const s3 = new S3Client({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId, secretAccessKey: secret },
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'dump' }));
    await s3.send(new PutObjectCommand({ Bucket: 'dump', Key: 'k', Body: 'v' }));
    for (let i = 0; i < 50; i++) await s3.send(new ListBucketsCommand({}));
    expect(scenario.upstream.failures).toEqual([]);
  });
  afterAll(() => scenario.close());

  const pids = () => {
    const tree = processTree(scenario.daemon.pid);
    return { daemon: scenario.daemon.pid, hsm: tree.filter((pid) => pid !== scenario.daemon.pid) };
  };

  it('of the HSM process holds the key while it is unlocked, and of the daemon never', () => {
    const { daemon, hsm } = pids();
    expect(hsm).toHaveLength(1);
    // The positive control: what the search would find, it finds where the key must be.
    const inHsm = hsm.flatMap((pid) => findInMemory(pid, needles).found);
    expect(inHsm).toContain('canary (raw)');
    expect(inHsm).toContain('root key (raw)');
    expect(findInMemory(daemon, needles).found).toEqual([]);
  });

  it.skipIf(chromium === '')('of the browser never holds the key while the page is open', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'kh-chromium-'));
    const { url } = await scenario.daemon.call('ui.open', {});
    const browser = spawn(
      chromium,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--user-data-dir=${profile}`,
        '--remote-debugging-port=0',
        url,
      ],
      { stdio: 'ignore' },
    );
    try {
      await sleep(5000);
      const tree = processTree(browser.pid ?? -1);
      expect(tree.length).toBeGreaterThan(2);
      let searched = 0;
      const found = tree.flatMap((pid) => {
        try {
          const { found, dumpedBytes } = findInResidentMemory(pid, needles);
          searched += dumpedBytes;
          return found;
        } catch {
          // A helper process of the browser that ended meanwhile.
          return [];
        }
      });
      expect(searched).toBeGreaterThan(50 << 20);
      expect(found).toEqual([]);
    } finally {
      browser.kill('SIGKILL');
      await sleep(500);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  });

  it('of no process holds the key, the password or the root key after lock', async () => {
    await scenario.daemon.call('vault.lock', {});
    const { daemon, hsm } = pids();
    expect(hsm).toHaveLength(1);
    for (const pid of [daemon, ...hsm]) {
      const { found, dumpedBytes } = findInMemory(pid, needles);
      expect(dumpedBytes).toBeGreaterThan(10 << 20);
      expect(found).toEqual([]);
    }
  });
});
