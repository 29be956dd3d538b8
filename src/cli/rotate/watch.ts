import { setTimeout } from 'node:timers/promises';
import { KeyholdError } from '../../contract/errors.ts';
import type { KeyRotation } from '../../contract/rekey.ts';
import type { Cli } from '../cli.ts';

const WIDTH = 24;
const POLL_MS = 150;

/** `[######······] 12,000 of 50,000 records` */
export function bar({ done, total }: Pick<KeyRotation, 'done' | 'total'>): string {
  const filled = total === 0 ? WIDTH : Math.floor((done / total) * WIDTH);
  const number = (value: number): string => value.toLocaleString('en');
  return `[${'#'.repeat(filled)}${'·'.repeat(WIDTH - filled)}] ${number(done)} of ${number(total)} records`;
}

/** Waits until all records are under the vault's present keys, and shows how far that is. Throws why it stopped; it goes on without us. */
export async function watchRotation(cli: Cli): Promise<KeyRotation> {
  const draws = !cli.json && process.stderr.isTTY === true;
  for (let progress = await cli.call('vault.continueRotation', {}); ; ) {
    if (draws) process.stderr.write(`\r${bar(progress)}`);
    if (progress.state !== 'running' && draws) process.stderr.write('\n');
    if (progress.state === 'none') return progress;
    if (progress.state === 'stopped' && progress.reason !== undefined) throw stopped(progress.reason);
    await setTimeout(POLL_MS);
    // One that was interrupted by a lock goes on after the unlock.
    progress = await cli.call(progress.state === 'stopped' ? 'vault.continueRotation' : 'vault.keyRotation', {});
  }
}

function stopped(reason: string): KeyholdError {
  return new KeyholdError(
    'DiskFull',
    `${reason} The vault is whole and has its new keys; the records that are left follow by themselves, or with "keyhold rotate vault --resume".`,
  );
}
