import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-stuck-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A disk that hangs, as a file whose reading never begins. Prints what `leaveMirrorThreads` says, and exits. */
const STUCK = (folder: string) => `
  import { MirrorClient } from ${JSON.stringify(import.meta.resolve('../../src/core/mirrors/client.ts'))};
  import { leaveMirrorThreads, spawnMirrorThread } from ${JSON.stringify(import.meta.resolve('../../src/daemon/mirror-thread.ts'))};
  import { systemClock } from ${JSON.stringify(import.meta.resolve('../../src/daemon/system-ports.ts'))};
  const folder = ${JSON.stringify(folder)};
  const client = new MirrorClient(spawnMirrorThread, systemClock);
  const place = { path: folder + '/copy', vaultPath: folder + '/vault', apart: false };
  await client.call('room', { place }, 20_000);
  // Nothing else keeps this process until then.
  const waiting = setTimeout(() => undefined, 20_000);
  await client.call('replace', { place, holder: null, from: folder + '/pipe', aside: null }, 500).catch(() => undefined);
  clearTimeout(waiting);
  client.end();
  console.log(await leaveMirrorThreads());
  process.exit(3);
`;

test.skipIf(process.platform === 'win32')(
  'a process ends though a thread of it is stuck in a disk that hangs',
  async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const args = ['--input-type=module', '--eval', STUCK(folder)];
    const { stdout, error } = await new Promise<{ stdout: string; error: Error | null }>((resolve) => {
      execFile(process.execPath, args, { timeout: 30_000, killSignal: 'SIGABRT' }, (failed, out) =>
        resolve({ stdout: out.trim(), error: failed }),
      );
    });
    expect({ stdout, error }).toMatchObject({ stdout: 'true', error: { signal: 'SIGKILL' } });
  },
);
