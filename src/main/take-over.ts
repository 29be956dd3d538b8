import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyholdError } from '../contract/errors.ts';
import { askHolder } from '../daemon/ask-holder.ts';
import { findSocketPath } from '../daemon/home.ts';

const PATIENCE_MS = 15_000;
const PAUSE_MS = 100;

/**
 * Asks the daemon that holds this home folder to stop and waits until it is gone. Throws `Timeout` when it stays.
 */
export async function takeOver(home: string): Promise<void> {
  const path = findSocketPath(home);
  if (path === null) return;
  await askToStop(path);
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    if ((await askHolder(path)) === null) return;
    await sleep(PAUSE_MS);
  }
  throw new KeyholdError(
    'Timeout',
    'The Keyhold in the background does not stop. End it with `keyhold stop` and start again.',
  );
}

/** Resolves when the call has been answered or the connection is over: then waiting shows whether it stopped. */
function askToStop(path: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (): void => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(PATIENCE_MS, finish);
    socket.once('connect', () => socket.write(`${JSON.stringify({ id: 1, method: 'daemon.stop', params: {} })}\n`));
    socket.once('data', finish);
    socket.once('error', finish);
    socket.once('close', finish);
  });
}
