import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ISOLATED_TESTS, PROCESS_TESTS } from '../../vitest.config.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const NOT_OURS: ReadonlySet<string> = new Set([
  '.git',
  '.tsbuild',
  '__pycache__',
  'dist',
  'node_modules',
  'playwright-report',
  'test-results',
]);

/** Every file of the project, relative to its root; works in a checkout and in an unpacked archive. */
function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (
      NOT_OURS.has(entry.name) ||
      path === 'coverage' ||
      entry.name.startsWith('dist.') ||
      entry.name.endsWith('.log')
    )
      return [];
    return entry.isDirectory() ? walk(path) : [path];
  });
}

const files = walk('');
const textFiles = files.filter((path) => !/\.(png|ico|icns|woff2|keyhold|bin|db|sqlite|pyc)$/.test(path));

describe('the lockfile', () => {
  const lock: unknown = JSON.parse(read('package-lock.json'));
  const packages =
    typeof lock === 'object' && lock !== null && 'packages' in lock ? Object.entries(lock.packages ?? {}) : [];

  test('names no registry: packages come from wherever the user’s npm is set to', () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(([, entry]) => typeof entry === 'object' && entry !== null && 'resolved' in entry)).toEqual(
      [],
    );
    expect(read('package-lock.json')).not.toMatch(/https?:\/\/[^"]*registry/);
  });

  test('pins every package by its content', () => {
    const unpinned = packages
      .filter(([path, entry]) => path !== '' && typeof entry === 'object' && entry !== null)
      // What is bundled inside another package is pinned with it.
      .filter(([, entry]) => !('integrity' in entry) && !('inBundle' in entry))
      .map(([path]) => path);
    expect(unpinned).toEqual([]);
  });
});

describe('every file', () => {
  test.each([
    ['a machine’s paths', /(?<![\w.~$}/-])\/(?:root|work)\//],
    ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{40}/],
  ])('is free of %s', (_what, pattern) => {
    const found = textFiles.filter((path) => path !== 'test/repo/hygiene.test.ts' && pattern.test(read(path)));
    expect(found).toEqual([]);
  });

  test('of the program stays short enough to read', () => {
    const long = textFiles
      .filter((path) => /^src\/.*\.tsx?$/.test(path))
      .map((path) => ({ path, lines: read(path).split('\n').length }))
      .filter(({ lines }) => lines > 450);
    expect(long).toEqual([]);
  });
});

test('a test that puts another module in the place of a real one has its modules to itself', () => {
  const shared = textFiles.filter(
    (path) =>
      /^test\/(?!repo\/).*\.test\.tsx?$/.test(path) &&
      /^\s*vi\.(?:mock|doMock)\(|fake-electron/m.test(read(path)) &&
      ![...ISOLATED_TESTS, ...PROCESS_TESTS].some((pattern) => matchesGlob(path, pattern)),
  );
  expect(shared).toEqual([]);
});

describe('the README', () => {
  const readme = read('README.md');
  const commands = [...readme.matchAll(/^\s*(npm ci.*)$/gm)].map((match) => match[1]);

  test('sets up with exactly two commands', () => {
    expect(commands).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });

  test('names only scripts that exist', () => {
    const scripts: unknown = JSON.parse(read('package.json'));
    const named = [...readme.matchAll(/npm run ([a-z0-9:]+)/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(scripts).toHaveProperty(['scripts', name]);
  });
});

test('CI runs exactly the README’s test command', () => {
  expect(read('.ci/run')).toMatch(/^npm ci && npm test(?: \|\| exit 1)?$/m);
});

describe('the docs', () => {
  const pages = files.filter((path) => path.endsWith('.md'));

  test.each(pages)('%s links to what exists', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => (match[1] ?? '').replace(/#.*$/, ''));
    const local = links.filter((link) => link !== '' && !/^[a-z]+:/.test(link));
    const missing = local.filter((link) => !existsSync(resolve(root, dirname(page), link)));
    expect(missing).toEqual([]);
  });

  test.each(pages)('%s names files that exist', (page) => {
    const named = [...read(page).matchAll(/`((?:src|test|docs|scripts|bench|bin|resources|\.ci)\/[\w./-]+)`/g)];
    const missing = named.map((match) => match[1] ?? '').filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });
});

describe('the threat model', () => {
  test('names the test of every promise', () => {
    const rows = read('docs/threat-model.md')
      .split('\n')
      .filter((line) => /^\| [A-Z]\d+ \|/.test(line));
    expect(rows.length).toBeGreaterThan(10);
    const untested = rows.filter((row) => !/`test\/[\w./-]+`/.test(row));
    expect(untested).toEqual([]);
  });
});
