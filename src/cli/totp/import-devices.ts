import { wipe } from '../../client/import/credential-values.ts';
import { addOtp, type PlannedOtp, planOtpImport } from '../../client/otp/plan-import.ts';
import {
  needsPassword,
  type OtpImport,
  readImport,
  readOtpauthLines,
  wipeEntries,
} from '../../client/otp/read-import.ts';
import type { Cli } from '../cli.ts';
import { readFile } from '../read-file.ts';
import { table } from '../table.ts';
import { count } from '../words.ts';

export interface ImportOptions {
  dryRun?: boolean;
  yes?: boolean;
  exportPasswordFile?: string;
}

/** `keyhold totp import`: shows what comes in and what does not, asks, and puts it into the vault. */
export async function importDevices(cli: Cli, files: readonly string[], options: ImportOptions): Promise<void> {
  const found = await readAll(cli, files, options);
  try {
    const { devices } = await cli.call('totp.list', {});
    const planned = await planOtpImport(cli, found, devices);
    const coming = planned.filter(({ twin }) => twin === undefined);
    const entries = planned.map(({ name, twin, entry: { seed: _, ...entry } }) => ({
      name,
      ...entry,
      twin: twin ?? null,
    }));
    if (options.dryRun === true) {
      const report = { source: found.source, entries, problems: found.problems, imported: [], dryRun: true };
      cli.print(report, () => `${preview(cli, found, planned)}Nothing was imported (--dry-run).\n`);
      return;
    }
    cli.note(preview(cli, found, planned).trimEnd());
    if (coming.length > 0 && !(await agreed(cli, coming.length, options))) {
      cli.note('Nothing was imported.');
      return;
    }
    const imported: string[] = [];
    for (const { name, entry } of coming) imported.push((await addOtp(cli, name, entry)).name);
    const report = { source: found.source, entries, problems: found.problems, imported, dryRun: false };
    cli.print(report, () => {
      if (imported.length === 0) return 'There was nothing to import.\n';
      const them = files.length === 1 ? 'The file still holds' : 'The files still hold';
      return `${count(imported.length, 'secret')} imported. ${them} them in the open: delete ${files.join(' ')}.\n`;
    });
  } finally {
    wipeEntries(found.entries);
  }
}

async function agreed(cli: Cli, number: number, options: ImportOptions): Promise<boolean> {
  const person = options.yes === true || cli.json ? null : cli.terminal();
  return person === null || person.confirm(`Import ${count(number, 'secret')}?`, true);
}

/** Pictures are read together: an export of Google Authenticator has several. */
async function readAll(cli: Cli, files: readonly string[], options: ImportOptions): Promise<OtpImport> {
  const { isPicture, readQrPicture } = await import('./read-picture.ts');
  const addresses: string[] = [];
  const imports: OtpImport[] = [];
  for (const file of files) {
    const bytes = readFile(file);
    try {
      if (isPicture(bytes)) addresses.push(readQrPicture(bytes));
      else imports.push(await readOne(cli, file, bytes, options));
    } finally {
      bytes.fill(0);
    }
  }
  if (addresses.length > 0) imports.push(readOtpauthLines(addresses));
  return {
    source: [...new Set(imports.map(({ source }) => source))].join(', '),
    entries: imports.flatMap(({ entries }) => entries),
    problems: imports.flatMap(({ problems }) => problems),
  };
}

async function readOne(cli: Cli, file: string, bytes: Buffer, options: ImportOptions): Promise<OtpImport> {
  if (!needsPassword(bytes)) return readImport(bytes);
  const password = await filePassword(cli, file, options);
  try {
    return await readImport(bytes, password);
  } finally {
    wipe(password);
  }
}

/** Of the export, which has nothing to do with the vault's. */
async function filePassword(cli: Cli, file: string, { exportPasswordFile }: ImportOptions): Promise<Uint8Array> {
  if (exportPasswordFile !== undefined) {
    return cli.withPasswordFile(exportPasswordFile, () => cli.password(''));
  }
  return cli.needTerminal('Use --export-password-file.').askSecret(`Password of ${file}: `);
}

function preview(cli: Cli, found: OtpImport, planned: readonly PlannedOtp[]): string {
  const list = table(
    [{ title: 'Name' }, { title: 'Issuer' }, { title: 'Account' }, { title: 'Codes', fixed: true }, { title: '' }],
    planned.map(({ name, entry, twin }) => [
      twin === undefined ? name : '',
      entry.issuer,
      entry.label,
      `${entry.type.toUpperCase()} ${entry.algorithm} ${entry.digits}`,
      twin === undefined ? '' : `there already, as ${twin}`,
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
  const problems = found.problems.map(({ where, message }) => `  ${where}: ${message}\n`).join('');
  const not = problems === '' ? '' : `Not taken over:\n${problems}`;
  return `${found.source}: ${count(planned.length, 'entry', 'entries')}\n${planned.length === 0 ? '' : list}${not}`;
}
