import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * Writes wrong imports into a copy of the layout and sees that the linter and the compiler refuse them: a rule that is never seen to
 * fire may have stopped working.
 */

const root = resolve(import.meta.dirname, '../..');
const LAYERS = ['contract', 'client', 'core', 'aws', 'daemon', 'cli', 'main', 'preload', 'renderer'] as const;
type Layer = (typeof LAYERS)[number];

const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  contract: [],
  client: ['contract'],
  core: ['contract'],
  aws: ['contract', 'core'],
  daemon: ['contract', 'core', 'aws'],
  cli: ['contract', 'client', 'daemon'],
  main: ['contract', 'daemon'],
  preload: ['contract'],
  renderer: ['contract', 'client'],
};

interface Probe {
  /** Path under src/. */
  file: string;
  line: string;
  refused: boolean;
}

function importProbes(): Probe[] {
  const probes: Probe[] = [];
  for (const layer of LAYERS) {
    for (const other of LAYERS) {
      if (other === layer) continue;
      const refused = !MAY_IMPORT[layer].includes(other);
      const near = `${layer}/near-${other}.ts`;
      probes.push({ file: near, line: `export { x } from '../${other}/x.ts';`, refused });
      const far = `${layer}/a/b/c/far-${other}.ts`;
      probes.push({
        file: far,
        line: `import type { X } from '../../../../${other}/a/x.ts';\nexport type Y = X;`,
        refused,
      });
    }
    const electron = layer !== 'main' && layer !== 'preload';
    probes.push({
      file: `${layer}/electron.ts`,
      line: `import { app } from 'electron';\nexport const x = app;`,
      refused: electron,
    });
    const page = ['contract', 'client', 'preload', 'renderer'].includes(layer);
    probes.push({
      file: `${layer}/node.ts`,
      line: `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;`,
      refused: page,
    });
    probes.push({
      file: `${layer}/lazy.ts`,
      line: `export const x = () => import('../renderer/x.ts');`,
      refused: layer !== 'renderer',
    });
  }
  for (const name of ['http', 'https', 'http2', 'net', 'tls', 'dgram']) {
    probes.push({ file: `core/${name}.ts`, line: `export * from 'node:${name}';`, refused: true });
    probes.push({ file: `core/hsm/operations/${name}.ts`, line: `export * from 'node:${name}';`, refused: true });
    probes.push({ file: `aws/${name}.ts`, line: `export * from 'node:${name}';`, refused: false });
  }
  for (const name of [
    'node:child_process',
    'node:fs',
    'node:worker_threads',
    'better-sqlite3',
    '../vault/store.ts',
    '../api/x.ts',
  ]) {
    probes.push({ file: `core/hsm/${slug(name)}.ts`, line: `export * from '${name}';`, refused: true });
  }
  return probes;
}

/** "Only src/core/hsm and src/core/crypto touch key bytes." */
function keyProbes(): Probe[] {
  const probes: Probe[] = [];
  const outside = ['core/api', 'core/vault', 'core/audit', 'aws/forward', 'daemon/sub'];
  for (const folder of outside) {
    const crypto = folder.startsWith('core/') ? '../crypto' : '../../core/crypto';
    const hsm = folder.startsWith('core/') ? '../hsm' : '../../core/hsm';
    for (const name of ['aead', 'kdf', 'hpke', 'secret-key', 'recovery-code', 'something-new']) {
      probes.push({ file: `${folder}/key-${name}.ts`, line: `export * from '${crypto}/${name}.ts';`, refused: true });
    }
    for (const name of ['bytes', 'equal', 'random', 'sha256']) {
      probes.push({
        file: `${folder}/harmless-${name}.ts`,
        line: `export * from '${crypto}/${name}.ts';`,
        refused: false,
      });
    }
    for (const name of ['object-cache', 'operations/unlock', 'vault-keys']) {
      probes.push({
        file: `${folder}/hsm-${slug(name)}.ts`,
        line: `export * from '${hsm}/${name}.ts';`,
        refused: true,
      });
    }
    for (const name of ['client', 'protocol']) {
      probes.push({ file: `${folder}/hsm-${name}.ts`, line: `export * from '${hsm}/${name}.ts';`, refused: false });
    }
    for (const name of ['@node-rs/argon2', '@hpke/core', '@noble/ciphers/aes.js']) {
      probes.push({ file: `${folder}/${slug(name)}.ts`, line: `export * from '${name}';`, refused: true });
    }
    const cipher = `import { createCipheriv } from 'node:crypto';\nexport const x = createCipheriv;`;
    probes.push({ file: `${folder}/cipher.ts`, line: cipher, refused: true });
    const hash = `import { createHash } from 'node:crypto';\nexport const x = createHash;`;
    probes.push({ file: `${folder}/hash.ts`, line: hash, refused: false });
  }
  probes.push({ file: 'core/hsm/aead.ts', line: `export * from '../crypto/aead.ts';`, refused: false });
  probes.push({ file: 'core/hsm/operations/aead.ts', line: `export * from '../../crypto/aead.ts';`, refused: false });
  return probes;
}

function slug(name: string): string {
  return name.replace(/[^a-z0-9]+/gi, '-');
}

const probes = [...importProbes(), ...keyProbes()];
let folder: string;
let refusedFiles: ReadonlySet<string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhold-layers-'));
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  for (const { file, line } of probes) {
    const path = join(folder, 'src', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${line}\n`);
  }
  const { stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    [
      'lint',
      '--only=style/noRestrictedImports',
      '--vcs-enabled=false',
      '--max-diagnostics=none',
      '--reporter=github',
      'src',
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const found = [...stdout.matchAll(/^::error .*?file=([^,]+),/gm)].map((match) => match[1] ?? '');
  if (found.length === 0) throw new Error(`Biome refused nothing at all:\n${stdout}\n${stderr}`);
  refusedFiles = new Set(found.map((file) => file.replaceAll('\\', '/').replace(/^.*?src\//, '')));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the linter', () => {
  test.each(probes)('$file refused: $refused', ({ file, refused }) => {
    expect(refusedFiles.has(file)).toBe(refused);
  });
});

test('the compiler refuses an import that is not a project reference', () => {
  for (const layer of ['contract', 'core', 'aws']) {
    const path = join(folder, 'ts', 'src', layer);
    mkdirSync(path, { recursive: true });
    cpSync(join(root, 'src', layer, 'tsconfig.json'), join(path, 'tsconfig.json'));
  }
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'ts', 'tsconfig.base.json'));
  const write = (file: string, text: string): void => writeFileSync(join(folder, 'ts', 'src', file), `${text}\n`);
  write('contract/a.ts', 'export const a: number = 1;');
  write('core/b.ts', "export { a as b } from '../contract/a.ts';");
  write('aws/c.ts', "export { b as c } from '../core/b.ts';");
  const build = (): { status: number | null; stdout: string } =>
    spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', 'src/aws'], {
      cwd: join(folder, 'ts'),
      encoding: 'utf8',
      env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
    });
  symlinkSync(join(root, 'node_modules'), join(folder, 'ts', 'node_modules'), 'junction');
  expect(build()).toMatchObject({ status: 0 });
  write('core/b.ts', "export { c as b } from '../aws/c.ts';");
  const refused = build();
  expect(refused.status).not.toBe(0);
  expect(refused.stdout).toMatch(/src\/core\/b\.ts.*error TS6/);
}, 60_000);
