import { expect, test } from 'vitest';
import type { Terminal } from '../../src/cli/terminal.ts';
import { whichAccount } from '../../src/cli/which-account.ts';
import { createKeyholdClient } from '../../src/client/client.ts';

/** A CLI over these accounts, with a person who types these lines (null: nobody is there). */
function cliWith(names: readonly string[], typed: string[] | null) {
  const said: string[] = [];
  const accounts = [...names.map((name) => ({ name, kind: 'remote' })), { name: 'here', kind: 'local' }];
  const person: Terminal = {
    ask: async (question) => {
      said.push(question);
      return typed?.shift() ?? '';
    },
    askSecret: async () => new Uint8Array(),
    confirm: async () => false,
    say: (text) => void said.push(text),
    close() {},
  };
  const { call } = createKeyholdClient(async () => ({ accounts }));
  return { cli: { call, terminal: () => (typed === null ? null : person) }, said };
}

test('the one that was named, whatever there is', async () => {
  expect(await whichAccount(cliWith([], null).cli, 'prod')).toBe('prod');
});

test('the only one that can hold a key', async () => {
  expect(await whichAccount(cliWith(['prod'], null).cli, undefined)).toBe('prod');
});

test('with several, the person says which', async () => {
  const { cli, said } = cliWith(['prod', 'stage'], ['prd', 'STAGE']);
  expect(await whichAccount(cli, undefined)).toBe('stage');
  expect(said).toEqual(['Account (prod, stage): ', 'There is no account called prd.\n', 'Account (prod, stage): ']);
});

test('with several and nobody to ask, or with none, says what to do', async () => {
  await expect(whichAccount(cliWith(['prod', 'stage'], null).cli, undefined)).rejects.toMatchObject({
    code: 'InvalidInput',
    message: 'Say with --account which account the key belongs to: prod, stage.',
  });
  await expect(whichAccount(cliWith([], []).cli, undefined)).rejects.toMatchObject({
    code: 'NotFound',
    message: expect.stringContaining('keyhold account add'),
  });
});
