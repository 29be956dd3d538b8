import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ENTRY = new URL('../../../src/core/hsm/process.ts', import.meta.url);
const SOURCES = new URL('../../../src/', import.meta.url).href;
const BUILTINS = new Set(['node:crypto', 'node:os']);
const PACKAGES =
  /^(@hpke\/(core|dhkem-x25519)|@noble\/(ciphers|curves|hashes|post-quantum)\/[\w-]+\.js|@node-rs\/argon2)$/;
/** `import … from 'x'`, `export … from 'x'`, `import 'x'`; type-only ones are erased and do not count. */
const STATEMENT = /^\s*(?:import|export)\s+(?!type\s)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

function walk(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const queue = [ENTRY.href];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue;
    const text = readFileSync(new URL(file), 'utf8');
    const imports = [...text.matchAll(STATEMENT)].map(([, name = '']) => name);
    found.set(file, imports);
    expect(text, `${file} loads nothing at run time`).not.toMatch(
      /\b(?:require|import)\s*\(|createRequire|process\.binding|getBuiltinModule/,
    );
    for (const name of imports) if (name.startsWith('.')) queue.push(new URL(name, file).href);
  }
  return found;
}

test('the HSM process is made of core/hsm, core/crypto, the error codes and audited packages; no network, no SQL, no files', () => {
  const graph = walk();
  const files = [...graph.keys()].map((file) => file.replace(SOURCES, ''));
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((file) => !/^core\/(hsm|crypto)\//.test(file) && file !== 'contract/errors.ts')).toEqual([]);
  const others = [...graph.values()].flat().filter((name) => !name.startsWith('.'));
  expect([...new Set(others)].filter((name) => !BUILTINS.has(name) && !PACKAGES.test(name))).toEqual([]);
  expect(others).toContain('node:crypto');
  expect(others).toContain('@hpke/core');
});
