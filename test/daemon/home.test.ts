import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  chooseSocketPath,
  findSocketPath,
  prepareHome,
  resolveHome,
  type Surroundings,
} from '../../src/daemon/home.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (more: Partial<Surroundings> = {}): Surroundings => ({
  env: {},
  platform: 'linux',
  homedir: '/home/u',
  tmpdir: folder,
  uid: process.getuid?.() ?? 0,
  ...more,
});

test.each([
  [{ env: { KEYHOLD_HOME: '/x/y' } }, '/x/y'],
  [{ env: { KEYHOLD_HOME: '' } }, '/home/u/.local/share/keyhold'],
  [{}, '/home/u/.local/share/keyhold'],
  [{ env: { XDG_DATA_HOME: '/data' } }, '/data/keyhold'],
  [{ env: { XDG_DATA_HOME: 'relative' } }, '/home/u/.local/share/keyhold'],
  [{ platform: 'darwin' as const }, '/home/u/Library/Application Support/Keyhold'],
])('the home folder with %j', (more, expected) => {
  expect(resolveHome(at(more))).toBe(expected);
});

describe('prepareHome', () => {
  test('makes a private folder, and takes away what a looser one grants', () => {
    const made = join(folder, 'a', 'b');
    prepareHome(made);
    expect(statSync(made).mode & 0o777).toBe(0o700);
    const loose = join(folder, 'loose');
    mkdirSync(loose, { mode: 0o755 });
    prepareHome(loose);
    expect(statSync(loose).mode & 0o777).toBe(0o700);
  });

  test('refuses a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => prepareHome(join(folder, 'file'))).toThrow(/KEYHOLD_HOME/);
  });
});

describe('the socket', () => {
  test('is in the home folder where its path fits', () => {
    expect(chooseSocketPath(folder, at())).toBe(join(folder, 'control.sock'));
    expect(findSocketPath(folder, at())).toBe(join(folder, 'control.sock'));
  });

  test('is elsewhere, in a private folder, where it does not', () => {
    const home = join(folder, 'x'.repeat(100));
    mkdirSync(home);
    expect(findSocketPath(home, at())).toBeNull();
    const path = chooseSocketPath(home, at({ env: { XDG_RUNTIME_DIR: folder } }));
    expect(path.startsWith(join(folder, 'keyhold'))).toBe(true);
    expect(Buffer.byteLength(path)).toBeLessThan(104);
    expect(statSync(join(folder, 'keyhold')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(home, 'control.path'), 'utf8')).toBe(path);
    expect(findSocketPath(home, at())).toBe(path);
    // Another home folder, another socket.
    const other = join(folder, 'y'.repeat(100));
    mkdirSync(other);
    expect(chooseSocketPath(other, at({ env: { XDG_RUNTIME_DIR: folder } }))).not.toBe(path);
  });

  test('a folder in the way that is not ours alone is not used', () => {
    const home = join(folder, 'x'.repeat(100));
    mkdirSync(home);
    const runtime = join(folder, 'run');
    mkdirSync(runtime);
    writeFileSync(join(runtime, 'keyhold'), 'a file');
    const path = chooseSocketPath(home, at({ env: { XDG_RUNTIME_DIR: runtime } }));
    expect(path.startsWith(join(folder, `keyhold-${process.getuid?.() ?? 0}`))).toBe(true);
  });

  test('a symbolic link planted in the shared temporary folder is not followed', () => {
    const home = join(folder, 'x'.repeat(100));
    mkdirSync(home);
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(folder, `keyhold-${process.getuid?.() ?? 0}`));
    const path = chooseSocketPath(home, at());
    expect(path.startsWith(join(folder, 'keyhold-'))).toBe(false);
  });

  test('is a pipe of its own for each home folder on Windows', () => {
    const one = chooseSocketPath('C:\\Users\\a', at({ platform: 'win32' }));
    expect(one).toMatch(/^\\\\\.\\pipe\\keyhold-[0-9a-f]{24}$/);
    expect(findSocketPath('c:\\users\\A', at({ platform: 'win32' }))).toBe(one);
    expect(chooseSocketPath('C:\\Users\\b', at({ platform: 'win32' }))).not.toBe(one);
  });

  test('a stale pointer goes when the path fits again', () => {
    writeFileSync(join(folder, 'control.path'), '/old');
    chooseSocketPath(folder, at());
    expect(existsSync(join(folder, 'control.path'))).toBe(false);
  });
});
