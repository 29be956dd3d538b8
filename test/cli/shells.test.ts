import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectShell, quoteSh, setLine, shellNamed, unsetLine } from '../../src/cli/shells.ts';
import { runCli } from './support/run-cli.ts';

const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
const value = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\0', '').toWellFormed());

describe('quoting', () => {
  test('what sh reads back is what was written, for any value', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 20 }), (values) => {
        const script = values
          .map((text, index) => `${setLine('sh', `V${index}`, text)}\nprintf '%s\\0' "$V${index}"\n`)
          .join('');
        const { stdout, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
        expect(status).toBe(0);
        expect(stdout.split('\0').slice(0, -1)).toEqual(values);
      }),
      { numRuns: 10, seed: 41 },
    );
  });
  test('words for a command line', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 10 }), (values) => {
        const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${values.map(quoteSh).join(' ')}`], {
          encoding: 'utf8',
        });
        expect(stdout.split('\0').slice(0, -1)).toEqual(values);
      }),
      { numRuns: 20, seed: 42 },
    );
  });
  test('fish, PowerShell and cmd', () => {
    expect(setLine('fish', 'A', "it's \\n")).toBe("set -gx A 'it\\'s \\\\n'");
    expect(setLine('powershell', 'A', "it's $x ’")).toBe("$env:A = 'it''s $x ’’'");
    expect(setLine('cmd', 'A', 'a&b|c')).toBe('set "A=a&b|c"');
    expect(() => setLine('cmd', 'A', '%PATH%')).toThrow(/powershell/);
    expect(['sh', 'fish', 'powershell', 'cmd'].map((shell) => unsetLine(shellNamed(shell), 'A'))).toEqual([
      'unset A',
      'set -e A',
      'Remove-Item Env:A -ErrorAction SilentlyContinue',
      'set "A="',
    ]);
  });
});

test('the shell is found out', () => {
  expect(detectShell({ SHELL: '/usr/bin/fish' }, 'linux')).toBe('fish');
  expect(detectShell({ SHELL: '/bin/zsh' }, 'darwin')).toBe('sh');
  expect(detectShell({}, 'linux')).toBe('sh');
  expect(detectShell({ PSModulePath: 'x' }, 'win32')).toBe('powershell');
  expect(detectShell({ PROMPT: '$P$G', PSModulePath: 'x' }, 'win32')).toBe('cmd');
  expect(['bash', 'zsh', 'pwsh', 'CMD'].map(shellNamed)).toEqual(['sh', 'sh', 'powershell', 'cmd']);
  expect(() => shellNamed('tcsh')).toThrow(/no shell/);
});

describe('completion scripts', () => {
  const home = '/nonexistent/keyhold-home';
  const script = async (shell: string) => {
    const { code, stdout } = await runCli(['completion', shell], { home });
    expect(code).toBe(0);
    return stdout;
  };

  test('bash reads its own, and it completes commands', async () => {
    const text = await script('bash');
    const check = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect([check.status, check.stderr]).toEqual([0, '']);
    const drive = `${text}
keyhold() { printf 'exec\\trun\\nenv\\tprint\\n'; }
COMP_WORDS=(keyhold e) COMP_CWORD=1; _keyhold; printf '%s\\n' "\${COMPREPLY[@]}"
COMP_WORDS=(keyhold exec prod -- l) COMP_CWORD=4 COMPREPLY=(); _keyhold; printf 'after -- %s\\n' "\${#COMPREPLY[@]}"
`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', drive], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['exec\nenv\nafter -- 0\n', '']);
  });
  for (const [shell, check] of [
    ['zsh', '-n'],
    ['fish', '--no-execute'],
  ] as const) {
    test.skipIf(!has(shell))(`${shell} reads its own`, async () => {
      expect(spawnSync(shell, [check], { input: await script(shell) }).status).toBe(0);
    });
  }
  test('all four are there, and others are refused', async () => {
    for (const shell of ['zsh', 'fish', 'powershell']) expect(await script(shell)).toContain('keyhold __complete');
    expect((await runCli(['completion', 'tcsh'], { home })).code).toBe(2);
  });

  test('candidates follow the command tree', async () => {
    const ask = async (...words: string[]) => {
      const { stdout, code } = await runCli(['__complete', '--', ...words], { home });
      expect(code).toBe(0);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')[0]);
    };
    expect(await ask('e')).toEqual(['exec', 'env', 'encrypt']);
    expect(await ask('vault', 's')).toEqual(['slot']);
    expect(await ask('vault', 'slot', '')).toEqual(['list', 'add', 'add-key', 'remove']);
    expect(await ask('account', 'add', 'x', '--e')).toEqual(['--endpoint-url']);
    expect(await ask('exec', 'prod', '--', 'l')).toEqual([]);
    expect(await ask('')).not.toContain('__complete');
  });
});
