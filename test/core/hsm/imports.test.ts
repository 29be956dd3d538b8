import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ENTRY = new URL('../../../src/core/hsm/process.ts', import.meta.url);
const TOKEN_ENTRY = new URL('../../../src/core/hsm/pkcs11/process.ts', import.meta.url);
const SOURCES = new URL('../../../src/', import.meta.url).href;
const BUILTINS = new Set(['node:crypto', 'node:os']);
const PACKAGES =
  /^(@hpke\/(core|dhkem-x25519)|@noble\/(ciphers|curves|hashes|post-quantum)\/(?:abstract\/)?[\w-]+\.js|@node-rs\/argon2|otplib)$/;
/** What a security key signed is verified where the enrolled public key is: pure functions, none of which speaks to a device. */
const VERIFICATION =
  /^core\/fido\/(auth-data|cbor|cose-key|read-registration|rp-id|verify-assertion|verify-signature)\.ts$/;
/** `import … from 'x'`, `export … from 'x'`, `import 'x'`; type-only ones are erased and do not count. */
const STATEMENT = /^\s*(?:import|export)\s+(?!type\s)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

function walk(entry: URL): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const queue = [entry.href];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue;
    const text = readFileSync(new URL(file), 'utf8');
    const imports = [...text.matchAll(STATEMENT)].map(([, name = '']) => name);
    found.set(file, imports);
    // But for the binding, an optional package that is loaded when a token is there to be talked to.
    expect(text.replace("await import('pkcs11js')", ''), `${file} loads nothing at run time`).not.toMatch(
      /\b(?:require|import)\s*\(|createRequire|process\.binding|getBuiltinModule/,
    );
    for (const name of imports) if (name.startsWith('.')) queue.push(new URL(name, file).href);
  }
  return found;
}

test('the HSM process is made of core/hsm, core/crypto, the error codes and audited packages; no network, no SQL, no files', () => {
  const graph = walk(ENTRY);
  const files = [...graph.keys()].map((file) => file.replace(SOURCES, ''));
  expect(files.length).toBeGreaterThan(40);
  const allowed = (file: string): boolean =>
    /^core\/(hsm|crypto)\//.test(file) || VERIFICATION.test(file) || file === 'contract/errors.ts';
  expect(files.filter((file) => !allowed(file))).toEqual([]);
  const others = [...graph.values()].flat().filter((name) => !name.startsWith('.'));
  expect([...new Set(others)].filter((name) => !BUILTINS.has(name) && !PACKAGES.test(name))).toEqual([]);
  expect(others).toContain('node:crypto');
  expect(others).toContain('@hpke/core');
});

test('the HSM process has no PKCS#11, and a token process nothing that opens the vault', () => {
  expect([...walk(ENTRY).keys()].filter((file) => file.includes('/pkcs11/'))).toEqual([]);
  const graph = walk(TOKEN_ENTRY);
  const shared = [...graph.keys()].map((file) => file.replace(SOURCES, '')).filter((file) => !/\/pkcs11\//.test(file));
  // Whoever adds to these: a module of somebody else's is in the same memory.
  expect(shared.sort()).toEqual([
    'contract/errors.ts',
    'core/crypto/bytes.ts',
    'core/crypto/der.ts',
    'core/crypto/equal.ts',
    'core/crypto/hpke.ts',
    'core/crypto/random.ts',
    'core/crypto/wipe.ts',
    'core/hsm/algorithms/digest-info.ts',
    'core/hsm/algorithms/key-encoding.ts',
    'core/hsm/algorithms/signing-rules.ts',
    'core/hsm/answer.ts',
    'core/hsm/input.ts',
    'core/hsm/serve-parent.ts',
    'core/hsm/serve.ts',
    'core/hsm/unknown-object.ts',
    'core/hsm/wiped-once-sent.ts',
  ]);
  const others = [...graph.values()].flat().filter((name) => !name.startsWith('.'));
  expect([...new Set(others)].sort()).toEqual(['@hpke/core', '@hpke/dhkem-x25519', 'node:crypto']);
});
