import { join, resolve } from 'node:path';
import { run } from './run.ts';

/** `npm run check`: what a person runs before a commit. Everything runs to its end, so that one look shows all that is wrong. */

const root = resolve(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const steps: readonly { name: string; args: readonly string[] }[] = [
  { name: 'tsc', args: ['-b'] },
  { name: 'biome', args: ['check', '.'] },
  { name: 'knip', args: [] },
  { name: 'vitest', args: ['run', '--project', 'unit', '--project', 'unit-isolated', '--reporter=dot'] },
];

const started = performance.now();
const failed: string[] = [];
for (const { name, args } of steps) {
  const outcome = await run(bin(name), args, { cwd: root, shell: process.platform === 'win32' });
  console.log(
    `${outcome.code === 0 ? 'ok    ' : 'FAILED'} ${name} ${args.join(' ')} (${outcome.seconds.toFixed(1)} s)`,
  );
  if (outcome.code !== 0) failed.push(name);
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  failed.length === 0 ? `All checks passed in ${seconds} s.` : `Failed in ${seconds} s: ${failed.join(', ')}.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
