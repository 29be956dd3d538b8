import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findInMemory, findInResidentMemory, needlesFor, processTree, whyNoCoreDumps } from '../support/core-dump.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { PASSWORD } from '../support/hsm.ts';
import { readVault } from '../support/second-reader.ts';
import { PIN, SoftHsm, whyNoSoftHsm } from '../support/softhsm.ts';

const reason = whyNoCoreDumps() ?? whyNoSoftHsm();
// A dump writes out gigabytes of address space that was never used; the pages that there are hold all that was written.
const search =
  process.env['KEYHOLD_TEST_FULL'] !== '1' && process.getuid?.() === 0 ? findInResidentMemory : findInMemory;

describe.skipIf(reason !== null)(`memory with a PKCS#11 token${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let soft: SoftHsm;
  let daemon: TestDaemon;
  let tokenPid: number;
  let needles: { name: string; bytes: Buffer }[];

  beforeAll(async () => {
    soft = new SoftHsm();
    soft.init('lab');
    daemon = await startTestDaemon();
    await daemon.create();
    const path = join(daemon.home, 'copy.keyhold');
    await daemon.call('vault.backup', { path });
    const { rootKey } = await readVault(path, PASSWORD);
    needles = [...needlesFor('PIN', Buffer.from(PIN)), ...needlesFor('root key', rootKey)];
    const { library: module, environment } = soft;
    await daemon.client.callSealed('token.add', async (seal) => ({
      ...{ name: 'lab', module, environment, label: 'lab' },
      pin: await seal('token-pin', new TextEncoder().encode(PIN)),
    }));
    const { token } = await daemon.call('token.test', { name: 'lab' });
    if (token.connection.state !== 'ready' || token.connection.pid === null) throw new Error('not connected');
    tokenPid = token.connection.pid;
  });
  afterAll(async () => {
    await daemon?.stop();
    soft?.dispose();
  });

  it('of the daemon never holds the PIN, and of the token process never the root key', () => {
    const others = processTree(daemon.pid).filter((pid) => pid !== daemon.pid && pid !== tokenPid);
    expect(others).toHaveLength(1);
    // The positive control: what the search would find, it finds where it must be.
    expect(others.flatMap((pid) => search(pid, needles).found)).toEqual(
      expect.arrayContaining(['PIN (raw)', 'root key (raw)']),
    );
    const inToken = search(tokenPid, needles).found;
    expect(inToken).toContain('PIN (raw)');
    expect(inToken.filter((name) => name.startsWith('root key'))).toEqual([]);
    expect(search(daemon.pid, needles).found).toEqual([]);
  });

  it('of no process holds the PIN after lock, and the token process is gone', async () => {
    await daemon.call('vault.lock', {});
    await expect.poll(() => processTree(daemon.pid), { timeout: 10_000 }).not.toContain(tokenPid);
    for (const pid of processTree(daemon.pid)) {
      const { found, dumpedBytes } = search(pid, needles);
      expect(dumpedBytes).toBeGreaterThan(10 << 20);
      expect(found).toEqual([]);
    }
  });
});
