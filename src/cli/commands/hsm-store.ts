import { resolve } from 'node:path';
import type { Command } from 'commander';
import { KeyholdError } from '../../contract/errors.ts';
import type { HsmObjectInfo } from '../../contract/hsm.ts';
import { reportText } from '../check-report.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';
import { hsmStatusText } from '../hsm-words.ts';
import { type RestoreOptions, restoreBackup } from '../restore-backup.ts';
import { table } from '../table.ts';
import { count, fileSize } from '../words.ts';

/** `keyhold hsm status`, `mirror`, `backup`, `restore` and `objects`. */
export function defineStore(command: Command, cli: Cli): void {
  leaf(command, 'status', 'the key process, its objects, the copies of the vault and its backups', [
    'keyhold hsm status',
    'keyhold hsm status --json | jq \'.copies[] | select(.state != "in-step")\'',
  ]).action(async () => {
    const status = await cli.call('hsm.status', {});
    cli.print(status, () => hsmStatusText(status, cli));
  });

  const mirror = command.command('mirror').description('further copies of the vault that get every change');
  mirror.copyInheritedSettings(command);
  leaf(mirror, 'add <path>', 'keep a copy of the vault in step, best on another disk', [
    'keyhold hsm mirror add /media/stick/keyhold',
    'keyhold hsm mirror add /mnt/nas/keyhold/vault.keyhold',
  ])
    .option(
      '--replace',
      'keep a file that is there already under another name, where it is no earlier state of this vault',
    )
    .action(async (path: string, options: { replace?: boolean }) => {
      const added = await cli.call('hsm.mirrorAdd', {
        path: resolve(path),
        ...(options.replace === true ? { replace: true } : {}),
      });
      cli.print(added, () => {
        const near = added.apart
          ? ''
          : 'It is on the same disk as the vault, and lost with it. Choose another disk if you can.\n';
        return `${added.path} is a complete, verified copy and gets every change from now on.\n${near}`;
      });
    });
  leaf(mirror, 'remove <path>', 'no longer keep a copy in step; its file stays', [
    'keyhold hsm mirror remove /media/stick/keyhold',
  ]).action(async (path: string) => {
    const removed = await cli.call('hsm.mirrorRemove', { path: resolve(path) });
    cli.print(removed, () => `${removed.path} gets no more changes. The file is still there, a vault of its own.\n`);
  });

  leaf(command, 'backup', 'make a verified backup in the backups’ folder now', [
    'keyhold hsm backup',
    'keyhold settings set backup-folder /mnt/nas/keyhold   # where, from now on',
  ]).action(async () => {
    const { backup, report, removed } = await cli.call('hsm.backup', {});
    cli.print({ backup, report, removed }, () => {
      const gone = removed.length === 0 ? '' : `${count(removed.length, 'older backup')} removed.\n`;
      return `Backed up ${count(report.records, 'record')} (${fileSize(backup.sizeBytes)}) to ${backup.path}\n${gone}${reportText(report, cli)}`;
    });
  });

  leaf(command, 'restore [file]', 'replace the vault by a backup or a copy; the present file is kept beside it', [
    'keyhold hsm restore                   # the newest backup',
    'keyhold hsm restore /media/stick/keyhold/vault.keyhold',
  ])
    .option('--recovery-code', 'open it with its recovery code instead of its password')
    .option('--key', 'open it with a security key')
    .option('--device <id>', 'which of several security keys (keyhold mfa devices)')
    .option('--pin-file <file>', 'read the security key’s PIN from a file, first line')
    .option('-y, --yes', 'do not ask before replacing the present vault')
    .action(async (file: string | undefined, options: RestoreOptions) => {
      await restoreBackup(cli, file ?? (await newestBackup(cli)), options);
    });

  leaf(command, 'objects', 'what keys there are, without their material', [
    'keyhold hsm objects',
    'keyhold hsm objects --spec RSA_2048 --json',
  ])
    .option('--class <class>', 'only of this class, e.g. private-key')
    .option('--spec <spec>', 'only of this spec, e.g. AES_256')
    .action(async (options: { class?: string; spec?: string }) => {
      const objects = await allObjects(cli, options);
      cli.print({ objects }, () => objectsText(objects, cli));
    });
}

async function newestBackup(cli: Cli): Promise<string> {
  const { backups } = await cli.call('hsm.status', {});
  const newest = backups.list[0];
  if (newest !== undefined) return newest.path;
  const why = backups.failure ?? `There is no backup in ${backups.folder}.`;
  throw new KeyholdError('NotFound', `${why} Name the file to restore.`);
}

async function allObjects(cli: Cli, options: { class?: string; spec?: string }): Promise<HsmObjectInfo[]> {
  const wanted = {
    ...(options.class === undefined ? {} : { class: options.class }),
    ...(options.spec === undefined ? {} : { spec: options.spec }),
  };
  const objects: HsmObjectInfo[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await cli.call('hsm.objects', { ...wanted, ...(after === undefined ? {} : { after }) });
    objects.push(...page.objects);
    after = page.nextAfter;
  }
  return objects;
}

function objectsText(objects: readonly HsmObjectInfo[], cli: Cli): string {
  if (objects.length === 0) return 'There are no such objects.\n';
  return table(
    [
      { title: 'Id', fixed: true },
      { title: 'Class', fixed: true },
      { title: 'Spec', fixed: true },
      { title: 'Usage' },
      { title: 'Label' },
      { title: 'Created', fixed: true },
      { title: 'Leaves' },
    ],
    objects.map((one) => [
      one.id,
      one.class,
      one.spec,
      one.usage.join(', '),
      one.label,
      one.createdAt.slice(0, 10),
      one.extractable ? 'sealed, to its owner' : 'never',
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}
