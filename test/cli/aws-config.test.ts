import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findBlock, putBlock, takeBlock } from '../../src/cli/aws-config/block.ts';
import { lineDiff } from '../../src/cli/aws-config/diff.ts';
import { othersProfiles, profileLines } from '../../src/cli/aws-config/profiles.ts';
import { readIfThere, replaceFile } from '../../src/cli/aws-config/write-file.ts';
import { parseAwsFiles } from '../../src/client/import/aws-files.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const text = (data: Uint8Array | null) => (data === null ? null : Buffer.from(data).toString());
const LINES = ['[profile prod]', 'credential_process = /bin/keyhold credential-process prod', 'region = eu-west-1'];

/** Files as people, tools and accidents leave them, in any encoding. */
const someFile = fc
  .oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          '[default]',
          'region = x',
          '[profile a]',
          '\n',
          '\n\n',
          '\r\n',
          ' ',
          '# note',
          '\ufeff',
          's3 =\n  x = 1',
          'é',
          '# >>> other',
          '# >>> keyholder',
          ' # >>> keyhold',
          '# <<<keyhold',
        ),
        { maxLength: 20 },
      )
      .map((parts) => bytes(parts.join(''))),
  )
  .map((data) => new Uint8Array(data));

describe('the marked block', () => {
  test('goes to the end after an empty line, and comes out again', () => {
    const before = bytes('[default]\nregion = us-east-1\n');
    const after = putBlock(before, LINES);
    expect(text(after)).toBe(`[default]
region = us-east-1

# >>> keyhold
# Written by "keyhold config install"; "keyhold config uninstall" takes it out. Changes in here are lost.
[profile prod]
credential_process = /bin/keyhold credential-process prod
region = eu-west-1
# <<< keyhold
`);
    expect(text(takeBlock(after))).toBe(text(before));
  });

  test('uninstall after install gives back every byte of any file', () => {
    fc.assert(
      fc.property(someFile, fc.array(fc.constantFrom(...LINES), { maxLength: 5 }), (before, lines) => {
        const installed = putBlock(before, lines);
        expect(takeBlock(installed)).toEqual(before);
      }),
      { numRuns: 3000, seed: 51 },
    );
  });

  test('others’ bytes are untouched: the file is what it was, with one thing put in', () => {
    fc.assert(
      fc.property(someFile, (before) => {
        const installed = putBlock(before, LINES);
        expect(installed.subarray(0, before.length)).toEqual(before);
        expect(findBlock(installed)).not.toBeNull();
      }),
      { numRuns: 1000, seed: 52 },
    );
  });

  test('installing again replaces the block in its place, and nothing else', () => {
    fc.assert(
      fc.property(someFile, someFile, (before, after) => {
        const first = putBlock(before, LINES);
        const grown = new Uint8Array([...first, ...after]);
        const again = putBlock(grown, ['[profile other]']);
        const block = findBlock(again);
        expect(again.subarray(0, block?.start)).toEqual(first.subarray(0, findBlock(first)?.start));
        expect(again.subarray(block?.end)).toEqual(after);
        expect(putBlock(again, LINES)).toEqual(grown);
      }),
      { numRuns: 1000, seed: 53 },
    );
  });

  test('lines written after the block stay, and stay lines of their own', () => {
    const installed = putBlock(bytes('[a]\nregion = x'), LINES);
    expect(text(takeBlock(new Uint8Array([...installed, ...bytes('[b]\n')])))).toBe('[a]\nregion = x\n[b]\n');
  });

  test('a file made for the block goes with it; an empty file that was there stays', () => {
    expect(takeBlock(putBlock(null, LINES))).toBeNull();
    expect(takeBlock(putBlock(new Uint8Array(), LINES))).toEqual(new Uint8Array());
    expect(text(takeBlock(new Uint8Array([...putBlock(null, LINES), ...bytes('[mine]\n')])))).toBe('[mine]\n');
  });

  test('CRLF files get CRLF', () => {
    const installed = putBlock(bytes('[a]\r\nregion = x\r\n'), LINES);
    expect(text(installed)?.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test.each([
    ['no end', '[a]\n# >>> keyhold\n[b]\n', 2],
    ['no begin', '[a]\n[b]\n# <<< keyhold\n', 3],
    ['twice', '# >>> keyhold\n# <<< keyhold\n# >>> keyhold\n# <<< keyhold\n', 3],
    ['nested', '# >>> keyhold\n# >>> keyhold\n# <<< keyhold\n', 2],
  ])('markers that do not pair are refused: %s', (_, content, line) => {
    for (const act of [() => putBlock(bytes(content), LINES), () => takeBlock(bytes(content))]) {
      expect(act).toThrowError(expect.objectContaining({ code: 'InvalidInput', details: { line } }));
    }
  });
});

describe('profiles', () => {
  const profile = { name: 'prod', region: 'eu-west-1', endpoint: 'http://127.0.0.1:4587' };

  test('what is written is a profile that AWS tools read', () => {
    const lines = profileLines(
      [profile, { ...profile, name: 'default', output: 'json' }],
      ['/opt/my tools/node', '/x/keyhold.js'],
      '/h',
    );
    expect(lines).toEqual([
      '[profile prod]',
      'credential_process = "/opt/my tools/node" /x/keyhold.js credential-process prod --home /h',
      'endpoint_url = http://127.0.0.1:4587',
      'disable_host_prefix_injection = true',
      'region = eu-west-1',
      '[default]',
      'credential_process = "/opt/my tools/node" /x/keyhold.js credential-process default --home /h',
      'endpoint_url = http://127.0.0.1:4587',
      'disable_host_prefix_injection = true',
      'region = eu-west-1',
      'output = json',
    ]);
    const found = parseAwsFiles({ config: putBlock(null, lines) });
    expect(found.problems).toEqual([]);
    expect(found.profiles.map((one) => [one.name, one.region, one.endpointUrl])).toEqual([
      ['prod', 'eu-west-1', 'http://127.0.0.1:4587'],
      ['default', 'eu-west-1', 'http://127.0.0.1:4587'],
    ]);
  });

  test.each(['a b', 'a]b', 'a"b', 'a$b', 'é'])('the name %j is refused', (name) => {
    expect(() => profileLines([{ ...profile, name }], ['/k'], undefined)).toThrowError(/letters, digits/);
  });
  test.each(['/a"b', '/a$b', '/a`b', '/a\\b', '/a!b'])('the path %j is refused', (path) => {
    expect(() => profileLines([profile], [path], undefined)).toThrowError(/credential_process/);
  });

  test('others’ profiles are found with their lines, ours are not', () => {
    const config =
      '\ufeff[default]\n[ profile  a ]\nregion=x\n[profile "b"] # c\n[sso-session s]\n[stray]\n#[profile no]\n';
    expect(othersProfiles(bytes(config), 'config')).toEqual([
      { profile: 'default', line: 1 },
      { profile: 'a', line: 2 },
      { profile: 'b', line: 4 },
    ]);
    expect(othersProfiles(putBlock(bytes(config), LINES), 'config')).toHaveLength(3);
    expect(othersProfiles(bytes('[x]\n[ y ]\n'), 'credentials')).toEqual([
      { profile: 'x', line: 1 },
      { profile: 'y', line: 2 },
    ]);
  });
});

test('the diff shows what is put in and taken out', () => {
  expect(lineDiff(bytes('a\nb\nc\nd\ne\n'), bytes('a\nb\nc\nX\ne\n'))).toBe('  a\n  b\n  c\n- d\n+ X\n  e\n');
  expect(lineDiff(null, bytes('a\n'))).toBe('+ a\n');
  expect(lineDiff(bytes('a\n'), bytes('a\n'))).toBe('');
});

describe('writing', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kh-cfg-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('mode and symbolic link are kept, nothing is left beside it', () => {
    const real = join(folder, 'real');
    const link = join(folder, 'config');
    writeFileSync(real, 'old');
    chmodSync(real, 0o640);
    symlinkSync(real, link);
    replaceFile(link, bytes('new'), bytes('old'));
    expect(readFileSync(real, 'utf8')).toBe('new');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).sort()).toEqual(['config', 'real']);
  });

  test('a new file is private, its folder too', () => {
    const path = join(folder, '.aws', 'config');
    replaceFile(path, bytes('new'), null);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, '.aws')).mode & 0o777).toBe(0o700);
    replaceFile(path, null, bytes('new'));
    expect(existsSync(path)).toBe(false);
    expect(readIfThere(path)).toBeNull();
  });

  test('a file that somebody changed meanwhile is left alone', () => {
    const path = join(folder, 'config');
    writeFileSync(path, 'theirs');
    for (const expected of [bytes('what I read'), null]) {
      expect(() => replaceFile(path, bytes('mine'), expected)).toThrowError(/changed by another program/);
    }
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['config']);
  });
});
