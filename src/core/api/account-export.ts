import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import { accountRecords, requireLocal } from '../account-file/account-records.ts';
import { writeAccountFile } from '../account-file/write-account-file.ts';
import { allGated, GATED_KINDS } from '../gates/gated-things.ts';
import { KMS_KINDS } from '../kms/remove-records.ts';
import type { Session } from '../session.ts';
import { publish, syncFolder } from '../vault/durable.ts';
import { sweepTemporaries, temporaryBeside } from '../vault/file.ts';
import { targetPath } from '../vault/target-path.ts';
import { requireSecret } from './authorize.ts';
import type { Handler } from './handler.ts';
import { assertAbsolute } from './vault.ts';

const KINDS = ['account', 'profile', 'client', ...KMS_KINDS] as const;

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
  await requireNoGate(session, name);
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

/** The HSM refuses it for what it holds; a profile has only its record. */
async function requireNoGate(session: Session, name: string): Promise<void> {
  const things = await session.need(...GATED_KINDS);
  const account = things.byName('account', name).id;
  const gated = allGated(things).find(({ records }) =>
    records.some(({ kind, id }) => {
      if (kind === 'client') return things.must('profile', things.must(kind, id).profile).account === account;
      return things.must(kind, id).account === account;
    }),
  );
  if (gated === undefined) return;
  throw new KeyholdError(
    'HsmRefused',
    `${gated.name} wants a security key to be touched, which an account file cannot ask for. Remove its gate first.`,
  );
}
