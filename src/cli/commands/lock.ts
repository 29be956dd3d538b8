import { type Define, withExamples } from '../command.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold lock']).action(async () => {
    const before = await cli.statusIfRunning();
    if (before === null) {
      cli.print({ running: false }, () => 'Keyhold is not running, so nothing is unlocked.\n');
      return;
    }
    if (before.state === 'none') {
      cli.print(before, () => 'There is no vault yet, so nothing is unlocked.\n');
      return;
    }
    const status = await cli.call('vault.lock', {});
    cli.print(status, () => 'Locked. The process that held the keys has ended.\n');
  });
};
