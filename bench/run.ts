import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { type BenchRow, isBenchRow, renderTable } from './report.ts';

/**
 * `npm run bench [-- name…]`: runs each benchmark in a process of its own, one after the other, and prints one table. A missed target
 * or a benchmark that fails makes the exit status 1.
 */

const BENCHES = ['sigv4', 'iam', 'door', 'sessions', 'unlock', 'cli', 'hsm', 'kms', 'keys'] as const;

async function runBench(name: string): Promise<BenchRow[]> {
  const child = fork(join(import.meta.dirname, `${name}.ts`), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const rows: BenchRow[] = [];
  child.on('message', (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('rows' in message) || !Array.isArray(message.rows)) return;
    rows.push(...message.rows.filter(isBenchRow));
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  if (code !== 0) rows.push({ what: name, ours: `ended with status ${code}`, target: 'to run', met: false });
  return rows;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHES.some((bench) => bench === name));
if (unknown.length > 0) throw new Error(`Unknown benchmark ${unknown.join(', ')}. There are: ${BENCHES.join(', ')}.`);

const rows: BenchRow[] = [];
for (const name of BENCHES.filter((bench) => wanted.length === 0 || wanted.includes(bench))) {
  console.log(`── ${name} ──`);
  rows.push(...(await runBench(name)));
}
console.log(`\nNode ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
console.log(renderTable(rows));
process.exitCode = rows.some((row) => row.met === false) ? 1 : 0;
