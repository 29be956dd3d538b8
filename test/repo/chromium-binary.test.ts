import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chromiumBinary } from '../../scripts/chromium-binary.ts';

const folder = mkdtempSync(join(tmpdir(), 'kh-browser-'));
const NONE = join(folder, 'nothing', 'chrome');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, 0o755);
  return path;
}

// On macOS a browser in /Applications is found as well.
test.skipIf(process.platform === 'darwin')('no browser is null, not a path that is not there', () => {
  expect(chromiumBinary({}, NONE)).toBeNull();
  expect(chromiumBinary({ PATH: folder }, NONE)).toBeNull();
});

test('the chosen one is taken or none, then PATH with the headless shell first, then what was fetched', () => {
  const fetched = program('fetched');
  expect(chromiumBinary({ PATH: folder }, fetched)).toBe(fetched);
  const inPath = program('google-chrome');
  expect(chromiumBinary({ PATH: ['', join(folder, 'nothing'), folder].join(delimiter) }, fetched)).toBe(inPath);
  const shell = program('chromium-headless-shell');
  expect(chromiumBinary({ PATH: folder }, fetched)).toBe(shell);
  const chosen = program('mine');
  expect(chromiumBinary({ PATH: folder, KEYHOLD_CHROMIUM: chosen }, fetched)).toBe(chosen);
  expect(chromiumBinary({ PATH: folder, KEYHOLD_CHROMIUM: NONE }, fetched)).toBeNull();
});
