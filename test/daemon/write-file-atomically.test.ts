import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeFileAtomically } from '../../src/daemon/write-file-atomically.ts';

test('content that a full disk cuts short replaces nothing', ({ skip }) => {
  const disk = mkdtempSync(join(tmpdir(), 'kh-disk-'));
  const mount = ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk];
  const mounted = process.getuid?.() === 0 && spawnSync('mount', mount).status === 0;
  onTestFinished(() => {
    if (mounted) spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  if (!mounted) return skip('only root can mount a small file system');
  const path = join(disk, 'config.json');
  writeFileAtomically(path, 'good');
  // One page is left: the system takes 4,096 bytes and says so, which is no error.
  expect(() => writeFileAtomically(path, 'x'.repeat(5000))).toThrow(/ENOSPC/);
  expect(readFileSync(path, 'utf8')).toBe('good');
  expect(readdirSync(disk)).toEqual(['config.json']);
});
