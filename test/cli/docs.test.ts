import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createCli } from '../../src/cli/cli.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { createProgram, leaves } from '../../src/cli/program.ts';

const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

test('docs/cli.md names every command', async () => {
  const program = await createProgram(createCli(), 'all');
  for (const command of leaves(program)) {
    if (command.name().startsWith('__') || command.name() === 'help') continue;
    const path = [command.name()];
    for (let at = command.parent; at !== null && at !== program; at = at.parent) path.unshift(at.name());
    const group = path.slice(0, -1).join(' ');
    const line = text
      .split('\n')
      .find((one) => one.startsWith('| `keyhold') && one.includes(`keyhold ${group === '' ? path[0] : group}`));
    expect([path.join(' '), line]).toEqual([path.join(' '), expect.stringMatching(new RegExp(`\\b${path.at(-1)}\``))]);
  }
});

test('docs/cli.md names every exit code', () => {
  for (const code of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^\\| (\\d+, )?${code}(, \\d+)? \\|`, 'm'));
});
