import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { tamper } from '../support/vault.ts';
import { runCli } from './support/run-cli.ts';

let home: string;
let daemon: TestDaemon;
const keyhold = (...args: string[]) => runCli(args, { home });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kh-'));
  const before = await startTestDaemon({ home });
  await before.create();
  for (let index = 0; index < 12; index++) {
    await before.call('account.add', { name: `a${index}`, accountId: '123456789012', kind: 'remote' });
  }
  await before.stop();
  tamper(join(home, 'vault.keyhold'), (db) => {
    const sealed = db.prepare<[], Buffer>('SELECT sealed FROM audit WHERE seq = 5').pluck().get();
    sealed?.writeUInt8(sealed.readUInt8(30) ^ 1, 30);
    db.prepare('UPDATE audit SET sealed = ? WHERE seq = 5').run(sealed);
    db.exec('DELETE FROM audit WHERE seq IN (7, 8)');
  });
  daemon = await startTestDaemon({ home });
  await daemon.unlock();
});
afterAll(async () => {
  await daemon.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('a log with broken entries', () => {
  test('is listed with them in their place', async () => {
    const { code, stdout, stderr } = await keyhold('audit', 'list');
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\n').slice(1);
    expect(rows.map((row) => Number(row.trim().split(/\s/)[0])).reverse()).toEqual([
      ...[1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15],
    ]);
    expect(rows.filter((row) => row.includes('BROKEN')).map((row) => row.replace(/\s+/g, ' ').trim())).toEqual([
      '8 ? BROKEN - - - - - - entries 7 to 8 are missing',
      '5 ? BROKEN - - - - - - entry 5 is broken: its content does not decrypt',
    ]);
    expect(stderr).toContain('2 entries do not verify');
  });

  test('is exported as far as it verifies, with a line for the rest and exit code 8', async () => {
    const out = join(home, 'audit.jsonl');
    const { code, stderr } = await keyhold('audit', 'export', '--out', out);
    expect(code).toBe(8);
    expect(stderr).toContain('2 lines say "broken"');
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('broken')).map((line) => JSON.parse(line))).toEqual([
      { seq: 5, broken: 'entry 5 is broken: its content does not decrypt' },
      { seq: 8, broken: 'entries 7 to 8 are missing' },
    ]);
    expect(lines.length).toBeGreaterThanOrEqual(14);
  });
});
