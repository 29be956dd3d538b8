import { type Define, withExamples } from '../command.ts';
import { ExitWith } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { statusText } from '../state-words.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold status', 'keyhold status --json']).action(async (options: { start?: boolean }) => {
    const running = await cli.statusIfRunning();
    const status = running ?? (options.start === true ? await cli.call('status.get', {}) : null);
    if (status !== null) {
      cli.print(status, () => statusText(status, cli));
      return;
    }
    cli.print({ running: false, home: cli.home }, () => `Keyhold is not running. Its folder is ${cli.home}\n`);
    throw new ExitWith(EXIT.unreachable);
  });
};
