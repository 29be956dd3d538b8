import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { RESERVE_BYTES, Reserve } from '../../../src/core/vault/reserve.ts';
import { failure, removeTestFolders, testFolder } from '../../support/vault.ts';

afterEach(() => removeTestFolders());

const place = () => join(testFolder(), 'vault.keyhold');

/** A write that fails while the space is set aside. */
function write(path: string, code: 'DiskFull' | 'VaultReadOnly' = 'DiskFull'): () => string {
  return () => {
    if (existsSync(`${path}.reserve`)) throw new KeyholdError(code, 'no');
    return 'written';
  };
}

describe('the space set aside', () => {
  test('is really taken, private, and known again after a restart', () => {
    const path = place();
    new Reserve(path).take();
    const stat = statSync(`${path}.reserve`);
    expect(stat.size).toBe(RESERVE_BYTES);
    expect(stat.blocks * 512).toBeGreaterThanOrEqual(RESERVE_BYTES);
    expect(stat.mode & 0o777).toBe(0o600);
    expect(new Reserve(path).use(write(path))).toBe('written');
  });

  test('is used once, and only for a full disk', async () => {
    const path = place();
    const reserve = new Reserve(path);
    reserve.take();
    // Another one has nothing to give.
    expect((await failure(() => new Reserve(`${path}-other`).use(write(path)))).code).toBe('DiskFull');
    expect((await failure(() => reserve.use(write(path, 'VaultReadOnly')))).code).toBe('VaultReadOnly');
    expect(existsSync(`${path}.reserve`)).toBe(true);
    expect(reserve.use(write(path))).toBe('written');
    expect(existsSync(`${path}.reserve`)).toBe(false);
    reserve.take();
    expect(existsSync(`${path}.reserve`)).toBe(true);
  });

  test('half of it is none', () => {
    const path = place();
    writeFileSync(`${path}.reserve`, Buffer.alloc(RESERVE_BYTES / 2));
    new Reserve(path).take();
    expect(statSync(`${path}.reserve`).size).toBe(RESERVE_BYTES);
  });
});
