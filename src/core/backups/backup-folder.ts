import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { fileError } from '../vault/durable.ts';

/** In the thread of the backups' disk: makes the folder, and removes what was never finished in it: a thread that is given up leaves its file. */
export function backupFolder(folder: string, vault: string): void {
  makeFolder(folder);
  for (const name of readdirSync(folder)) {
    if (isUnfinished(name, vault)) rmSync(join(folder, name), { force: true });
  }
}

/** As `temporaryBeside` names it; only those of one vault: others may keep their backups here too. */
function isUnfinished(name: string, vault: string): boolean {
  return name.startsWith(`.keyhold-${vault}-`) && /\.vault\.backup-[0-9a-f]{12}\.tmp(-journal)?$/.test(name);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const mapped = fileError(error, folder);
    if (mapped instanceof KeyholdError) throw mapped;
    const reason = error instanceof Error ? error.message : 'unknown reason';
    throw new KeyholdError(
      'InvalidInput',
      `The backups’ folder ${folder} cannot be made. Set another one. (${reason})`,
    );
  }
}
