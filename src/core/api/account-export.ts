import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { accountRecords, requireLocal } from '../account-file/account-records.ts';
import { writeAccountFile } from '../account-file/write-account-file.ts';
import { IAM_KINDS } from '../directory/remove-records.ts';
import { KMS_KINDS } from '../kms/remove-records.ts';
import { publish, syncFolder } from '../vault/durable.ts';
import { sweepTemporaries, temporaryBeside } from '../vault/file.ts';
import { targetPath } from '../vault/target-path.ts';
import { requireSecret } from './authorize.ts';
import type { Handler } from './handler.ts';
import { assertAbsolute } from './vault.ts';

const KINDS = ['account', 'profile', 'client', ...KMS_KINDS, ...IAM_KINDS] as const;

/** The file gets its name only once the log says that it was made: nothing leaves the vault unrecorded. */
export const accountExport: Handler<'account.export'> = async (
  call,
  { name, path, overwrite, passphrase, authorize },
) => {
  const { core, actor } = call;
  const session = core.session();
  assertAbsolute(path);
  const replaces = overwrite === true;
  const target = targetPath(session.vault.path, path, { noun: 'account file', overwrite: replaces });
  requireLocal((await session.need('account')).byName('account', name));
  await requireSecret(call, authorize);
  const objects = () => {
    const account = session.things.byName('account', name);
    return [...accountRecords(session.things, account)].flatMap((record) => record.objects);
  };
  await session.allowExport(actor, objects, KINDS);
  const kdf = await core.lifecycle.kdf();
  await session.flushUsage();
  return session.write(
    actor,
    async (draft) => {
      const account = session.things.byName('account', name);
      requireLocal(account);
      // What a killed export has left.
      sweepTemporaries(target);
      const temporary = temporaryBeside(target, 'export', randomBytes(6).toString('hex'));
      const written = await writeAccountFile(core.ports, session, account, { temporary, passphrase, kdf });
      draft.record('account.export', target, { account: account.value.name, reason: `${written.kmsKeys} KMS keys` });
      return () => {
        if (replaces) {
          renameSync(temporary, target);
          syncFolder(dirname(target));
        } else publish(temporary, target);
        return { path: target, ...written };
      };
    },
    KINDS,
  );
};
