import { type Define, leaf, withExamples } from '../command.ts';
import { Cancelled } from '../errors.ts';
import { type PanicOptions, requireComplete, startPanic } from '../panic/start-panic.ts';
import { reportText } from '../panic/words.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';

export const define: Define = (command, cli) => {
  const start = command
    .command('start', { isDefault: true })
    .description('switch access keys off, here and at AWS, refuse their older sessions, and lock');
  start.copyInheritedSettings(command);
  withExamples(start, [
    'keyhold panic --plan              # only say what it would switch off',
    'keyhold panic                     # "start" may be left out',
    'keyhold panic --keys deploy,ci --yes',
    'keyhold panic --now --yes         # lock first; AWS is told by "keyhold panic resume"',
  ])
    .option('--keys <names>', 'access keys with commas between them', 'all')
    .option('--keep-unlocked', 'do not lock at the end')
    .option('--now', 'lock at once, and leave what AWS is to be told for “panic resume”')
    .option('--plan', 'only say what would be done')
    .option('-y, --yes', 'do not ask before beginning')
    .action((options: PanicOptions) => startPanic(cli, options));

  leaf(command, 'status', 'say what was done, what was not, and what to do next', ['keyhold panic status']).action(
    async () => {
      const { report } = await cli.call('panic.status', {});
      cli.print({ report }, () => (report === null ? 'There has been no panic.\n' : reportText(cli, report)));
    },
  );

  leaf(command, 'resume', 'try again what AWS was not told, or did not allow', ['keyhold panic resume']).action(() =>
    withPrompts(cli, ['gate'], async () => {
      const report = await cli.call('panic.resume', {});
      cli.print(report, () => reportText(cli, report));
      requireComplete(report);
    }),
  );

  leaf(command, 'undo', 'take it back: keys, clients and older sessions are of use again', ['keyhold panic undo'])
    .option('-y, --yes', 'do not ask')
    .action(async ({ yes }: { yes?: boolean }) => {
      if (yes !== true) {
        const person = cli.needTerminal('Add --yes to take it back without being asked.');
        const question = 'Whoever has the keys or their sessions can use them again. Take the panic back?';
        if (!(await person.confirm(question, false))) throw new Cancelled();
      }
      await withPrompts(cli, ['gate'], async () => {
        const report = await cli.call('panic.undo', {});
        cli.print(report, () => reportText(cli, report));
      });
    });

  leaf(command, 'close', 'put the report away and leave everything as it is', ['keyhold panic close']).action(
    async () => {
      const report = await cli.call('panic.close', {});
      cli.print(report, () => 'Put away. Keys, clients and policies stay as they are.\n');
    },
  );
};
