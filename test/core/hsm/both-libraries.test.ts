import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { electronBinary } from '../../../scripts/electron-binary.ts';

const SCRIPT = fileURLToPath(new URL('../../support/algorithms-self-test.ts', import.meta.url));
const Result = z.object({ library: z.string(), checked: z.number(), failed: z.array(z.string()) });

function selfTest(program: string, env: NodeJS.ProcessEnv): z.infer<typeof Result> {
  const { stdout, stderr } = spawnSync(program, [SCRIPT], { encoding: 'utf8', env: { ...process.env, ...env } });
  const line = stdout.trim().split('\n').at(-1);
  expect(line, stderr).toMatch(/^\{/);
  return Result.parse(JSON.parse(line ?? ''));
}

const electron = electronBinary();

describe('every key pair, every algorithm', () => {
  test('under Node with OpenSSL', () => {
    const { library, checked, failed } = selfTest(process.execPath, {});
    expect({ library, failed }).toEqual({ library: 'OpenSSL', failed: [] });
    expect(checked).toBeGreaterThan(80);
  });

  test.skipIf(electron === null)(
    `under Electron with BoringSSL${electron === null ? ' (skipped: its binary is not here)' : ''}`,
    () => {
      const { library, failed } = selfTest(electron ?? '', { ELECTRON_RUN_AS_NODE: '1' });
      expect({ library, failed }).toEqual({ library: 'BoringSSL', failed: [] });
    },
  );
});
