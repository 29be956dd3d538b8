import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportAccount, importAccount, importMaterial, PASSPHRASE } from '../support/account-file.ts';
import { findInMemory, needlesFor, processTree, whyNoCoreDumps } from '../support/core-dump.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { newKey, utf8 } from '../support/kms-lab.ts';

const reason = whyNoCoreDumps();

describe.skipIf(reason !== null)(
  `memory after an account has moved${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    const material = randomBytes(32);
    const needles = [...needlesFor('material', material), ...needlesFor('passphrase', Buffer.from(PASSPHRASE))];
    let folder: string;
    let from: TestDaemon;
    let to: TestDaemon;
    let kms: KMS;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kh-account-'));
      [from, to] = [await startTestDaemon(), await startTestDaemon()];
      await from.create();
      await to.create();
      await from.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
      const { accessKeyId, secret, endpoint } = await from.addClient({ name: 'sdk', account: 'lab' });
      const credentials = { accessKeyId, secretAccessKey: secret };
      const own = new KMS({ endpoint, region: 'us-east-1', credentials });
      const { id } = await newKey(own, { Origin: 'EXTERNAL' });
      await importMaterial(own, id, material);
      own.destroy();
      // The other process shall hold it from the file alone.
      const path = join(folder, 'lab.keyhold-account');
      await exportAccount(from.client, path);
      await importAccount(to.client, path);
      kms = new KMS({ endpoint: to.endpoint, region: 'us-east-1', credentials });
      await kms.encrypt({ KeyId: id, Plaintext: utf8('x') });
    });
    afterAll(async () => {
      kms.destroy();
      await from.stop();
      await to.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test('of the daemons holds neither key material nor the passphrase; of the HSM process that uses the key, its material', () => {
      const hsm = processTree(to.pid).filter((pid) => pid !== to.pid);
      expect(hsm.flatMap((pid) => findInMemory(pid, needles).found)).toContain('material (raw)');
      for (const { pid } of [from, to]) expect(findInMemory(pid, needles).found).toEqual([]);
    });
  },
);
