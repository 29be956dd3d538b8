import { Command } from 'commander';
import { expect, test } from 'vitest';
import { type Cli, createCli } from '../../src/cli/cli.ts';
import { define } from '../../src/cli/commands/account.ts';
import { Cancelled } from '../../src/cli/errors.ts';
import { createKeyholdClient } from '../../src/client/client.ts';
import { KeyholdError } from '../../src/contract/errors.ts';

const UNDECIDED = new KeyholdError('InUse', 'Say what becomes of them.', {
  dependents: [],
  tokenKeys: 2,
  tokens: ['vault-room'],
});

/** Removes `lab`, which has two keys in a token; `answer` is the person's, where one is at the keyboard. */
async function remove(args: string[], answer?: boolean) {
  const asked: string[] = [];
  const called: unknown[] = [];
  const said: string[] = [];
  const documents: unknown[] = [];
  const client = createKeyholdClient(async (_method, params) => {
    called.push(params);
    if (typeof params !== 'object' || params === null || !('tokenKeys' in params)) throw UNDECIDED;
    return { tokenKeys: 2 };
  });
  const cli: Cli = {
    ...createCli(),
    ...client,
    terminal: () =>
      answer === undefined
        ? null
        : {
            ask: () => Promise.reject(new Error('only yes or no')),
            askSecret: () => Promise.reject(new Error('only yes or no')),
            confirm: async (question) => {
              asked.push(question);
              return answer;
            },
            say: () => undefined,
            close: () => undefined,
          },
    print: (value, text) => {
      documents.push(value);
      said.push(text());
    },
  };
  const command = new Command().exitOverride();
  define(command, cli);
  const failed = await command.parseAsync(['remove', 'lab', '--cascade', ...args], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { asked, called, said: said.join(''), documents, failed };
}

const params = { name: 'lab', cascade: true };

test('somebody at the keyboard is asked before keys in tokens are destroyed', async () => {
  const yes = await remove([], true);
  expect(yes.asked).toEqual([
    'Destroy 2 keys of lab in the token vault-room, for good? (--keep-token-keys leaves them there.)',
  ]);
  expect(yes.called).toEqual([params, { ...params, tokenKeys: 'destroy' }]);
  expect(yes.said).toBe('Account lab removed. Its 2 keys in tokens will be destroyed there.\n');
  const no = await remove([], false);
  expect(no.failed).toBeInstanceOf(Cancelled);
  expect(no.called).toEqual([params]);
});

test('an option says it beforehand, and nobody is asked', async () => {
  const kept = await remove(['--keep-token-keys']);
  expect(kept.called).toEqual([{ ...params, tokenKeys: 'keep' }]);
  expect(kept.said).toBe('Account lab removed. Its 2 keys in tokens stay there.\n');
  expect(kept.documents).toEqual([{ removed: 'lab', tokenKeysKept: 2 }]);
  expect((await remove(['--destroy-token-keys'])).called).toEqual([{ ...params, tokenKeys: 'destroy' }]);
});

test('where nobody can be asked, nothing is removed', async () => {
  const { failed, called } = await remove([]);
  expect(failed).toBe(UNDECIDED);
  expect(called).toEqual([params]);
});
