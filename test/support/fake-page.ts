import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock, systemRandom } from '../../src/daemon/system-ports.ts';
import { startWebShell } from '../../src/daemon/web-shell.ts';
import { createFakeContract, type FakeContract, type FakeVault } from './fake-contract.ts';
import { silentLogger } from './silent-logger.ts';

/** The built page behind the real web shell, over a fake vault. */
export async function startFakePage(
  vault: FakeVault,
): Promise<{ contract: FakeContract; open(): string; stop(): Promise<void> }> {
  const contract = await createFakeContract(vault);
  const shell = await startWebShell({
    contract,
    // What goes in comes out: a fake vault encrypts nothing.
    files: { part: async (_part, bytes) => [Buffer.from(bytes)] },
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    folder: fileURLToPath(new URL('../../dist/renderer', import.meta.url)),
    linkFolder: mkdtempSync(join(tmpdir(), 'kh-open-')),
  });
  return { contract, open: () => shell.open(), stop: () => shell.stop() };
}
