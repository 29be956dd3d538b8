import { basename } from 'node:path';
import { parseIamCsv, wipeCsv } from '../client/import/iam-csv.ts';
import { KeyholdError } from '../contract/errors.ts';
import type { Cli } from './cli.ts';
import { usageError } from './errors.ts';
import { keyFormOf } from './key-form.ts';
import { readFile } from './read-file.ts';
import { whichAccount } from './which-account.ts';
import { count } from './words.ts';

export interface ImportCsvOptions {
  account?: string;
  name?: string;
  dryRun?: boolean;
}

/** `keyhold import csv`: the file the IAM console hands out once. */
export async function importCsv(cli: Cli, file: string, options: ImportCsvOptions): Promise<void> {
  const bytes = readFile(file);
  const account = await whichAccount(cli, options.account);
  const found = parseIamCsv(basename(file), bytes, await keyFormOf(cli, account));
  bytes.fill(0);
  try {
    if (found.problems.length > 0) {
      const lines = found.problems.map(({ line, message }) => `${file} line ${line}: ${message}`);
      throw new KeyholdError('InvalidInput', `Nothing was imported:\n  ${lines.join('\n  ')}`, {
        problems: found.problems,
      });
    }
    if (options.name !== undefined && found.keys.length > 1) {
      throw usageError(`${file} holds ${found.keys.length} keys, so --name cannot name them all.`);
    }
    const planned = found.keys.map((key) => ({
      key,
      name: options.name ?? key.userName?.replaceAll(/[\p{C}/\\]+/gu, '-') ?? `${account}-${key.accessKeyId.slice(-4)}`,
    }));
    const imported: Array<{ name: string; accessKeyId: string }> = [];
    for (const { key, name } of options.dryRun === true ? [] : planned) {
      const added = await cli.callSealed('key.import', async (seal) => ({
        name,
        account,
        accessKeyId: key.accessKeyId,
        secretAccessKey: await seal('secret-access-key', key.secretAccessKey),
        source: 'csv',
      }));
      imported.push({ name: added.name, accessKeyId: added.accessKeyId });
    }
    const keys = planned.map(({ key, name }) => ({ name, accessKeyId: key.accessKeyId }));
    cli.print({ keys, dryRun: options.dryRun === true }, () => {
      const lines = keys.map((key) => `${key.name}  ${key.accessKeyId}\n`).join('');
      return options.dryRun === true
        ? `${lines}Nothing was imported (--dry-run).\n`
        : `${lines}Imported ${count(imported.length, 'key')}. The file still holds them in the clear: delete ${file}.\n`;
    });
  } finally {
    wipeCsv(found);
  }
}
