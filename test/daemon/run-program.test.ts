import { expect, test } from 'vitest';
import { programs } from '../../src/daemon/run-program.ts';

const LIMITS = { timeoutMs: 20_000, mostBytes: 1000 };
const node = (script: string, limits = LIMITS, ...args: string[]) =>
  programs.run([process.execPath, '-e', script, ...args], limits);

test('gives what was printed and how it ended, each argument as it is', async () => {
  const script = 'console.log(JSON.stringify(process.argv.slice(1))); console.error("why"); process.exitCode = 4';
  const outcome = await node(script, LIMITS, 'a b', '$(id)', ';');
  expect(JSON.parse(Buffer.from(outcome.stdout).toString())).toEqual(['a b', '$(id)', ';']);
  expect([outcome.code, outcome.stderr]).toEqual([4, 'why\n']);
});

test('kills what does not end, and what prints without end', async () => {
  await expect(node('setInterval(() => {}, 1000)', { ...LIMITS, timeoutMs: 300 })).rejects.toThrow(
    /has not ended in 0.3/,
  );
  await expect(node('for (;;) process.stdout.write("x".repeat(500))')).rejects.toThrow(/prints more than 1000 bytes/);
});

test('says which program is not there', async () => {
  await expect(programs.run(['/nowhere/get-creds'], LIMITS)).rejects.toThrow(
    'The program /nowhere/get-creds is not there. Give its whole path, and see that it is installed.',
  );
});
