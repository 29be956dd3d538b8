import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openConfig } from '../../src/daemon/config.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kh-config-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('nothing chosen yet is no warning', () => {
  const config = openConfig(home);
  expect([config.get(), config.warning]).toEqual([{}, undefined]);
});

test('what was saved is there after a restart, private, with nothing left over', () => {
  openConfig(home).update({ port: 5000, theme: 'dark' });
  openConfig(home).update({ https: true });
  const again = openConfig(home);
  expect(again.get()).toEqual({ port: 5000, theme: 'dark', https: true });
  expect(again.warning).toBeUndefined();
  expect(readdirSync(home)).toEqual(['config.json']);
  expect(statSync(join(home, 'config.json')).mode & 0o777).toBe(0o600);
});

test.each([
  ['', 'is not a settings file'],
  ['{"port": 4587', 'is not a settings file'],
  ['[]', 'is not a settings file'],
  ['null', 'is not a settings file'],
  ['{"port": "4587"}', 'has a bad value for "port"'],
  ['{"theme": "pink"}', 'has a bad value for "theme"'],
])('a damaged file (%j) is named, defaults hold, and saving mends it', (text, warning) => {
  const path = join(home, 'config.json');
  writeFileSync(path, text);
  const config = openConfig(home);
  expect(config.get()).toEqual({});
  expect(config.warning).toContain(`${path} ${warning}`);
  config.update({ theme: 'light' });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ theme: 'light' });
});

test('members of a newer version are no damage', () => {
  writeFileSync(join(home, 'config.json'), '{"port": 5000, "future": 1}');
  expect(openConfig(home)).toMatchObject({ warning: undefined });
  expect(openConfig(home).get()).toEqual({ port: 5000 });
});

test('a folder that cannot be written is a clear error, and the old values stay', () => {
  const config = openConfig(join(home, 'absent'));
  expect(() => config.update({ port: 5000 })).toThrow('cannot be written');
  expect(config.get()).toEqual({});
});
