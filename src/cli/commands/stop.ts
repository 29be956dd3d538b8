import { setTimeout as sleep } from 'node:timers/promises';
import { KeyholdError } from '../../contract/errors.ts';
import { type Define, withExamples } from '../command.ts';

const PATIENCE_MS = 15_000;

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold stop']).action(async () => {
    const status = await cli.statusIfRunning();
    if (status === null) {
      cli.print({ running: false }, () => 'Keyhold is not running.\n');
      return;
    }
    await cli.call('daemon.stop', {});
    // Stopped means that the vault is closed, not that it was asked to.
    for (const deadline = Date.now() + PATIENCE_MS; isAlive(status.pid); await sleep(20)) {
      if (Date.now() > deadline) {
        throw new KeyholdError('Timeout', `Keyhold (process ${status.pid}) was asked to stop and still runs.`);
      }
    }
    cli.print({ running: false, pid: status.pid }, () => `Stopped (process ${status.pid}).\n`);
  });
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
