import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { Result } from '../../../contract/methods.ts';
import type { Account } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { formatBytes, plural } from '../../lib/format.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { NewPassword, type NewPasswordHandle } from '../create/new-password.tsx';
import { pathError } from '../settings/backup-dialog.tsx';
import { SecretPrompt, type SecretPromptHandle } from '../settings/secret-prompt.tsx';

/** Writes a local account to one encrypted file. */
export function ExportAccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const secret = useRef<SecretPromptHandle>(null);
  const next = useRef<NewPasswordHandle>(null);
  const form = useForm({ path: '' }, { path: pathError });
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  const [made, setMade] = useState<Result<'account.export'> | null>(null);

  const write = async (overwrite: boolean) => {
    if (!form.validate()) return;
    const passphrase = await next.current?.take();
    if (passphrase === null || passphrase === undefined) return;
    setWorking(true);
    setError(null);
    try {
      const result = await secret.current?.use((sealSecret) =>
        callSealed('account.export', async (seal) => ({
          name: account.name,
          path: form.values.path.trim(),
          passphrase: await seal('passphrase', passphrase),
          authorize: await sealSecret(seal),
          ...(overwrite ? { overwrite } : {}),
        })),
      );
      if (result !== null && result !== undefined) setMade(result);
    } catch (caught) {
      const wire = asWireError(caught);
      if (wire.code === 'WrongSecret') secret.current?.refuse();
      else setError(wire);
    } finally {
      wipe(passphrase);
      setWorking(false);
    }
  };

  if (made !== null) return <Exported account={account} made={made} onClose={onClose} />;
  return (
    <Dialog title={`Export “${account.name}”`} isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void write(false);
        }}
      >
        <DialogBody>
          <p className="text-muted">
            All its KMS keys, profiles and clients go into one encrypted file, for another vault. The account stays
            here.
          </p>
          <TextField
            label="File"
            mono
            autoFocus
            placeholder={`/media/usb/${account.name}.keyhold-account`}
            {...form.field('path')}
          />
          <NewPassword handle={next} label="Passphrase for the file" />
          <SecretPrompt handle={secret} label="Password of this vault" />
          {working && <WorkBar label="Sealing every key for the file…" />}
          {error !== null && (
            <ErrorCallout
              error={error}
              {...(error.code === 'AlreadyExists'
                ? {
                    actions: (
                      <Button size="compact" onPress={() => void write(true)}>
                        Overwrite that file
                      </Button>
                    ),
                  }
                : {})}
            />
          )}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working}>
            Export
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}

function Exported({
  account,
  made,
  onClose,
}: {
  account: Account;
  made: Result<'account.export'>;
  onClose: () => void;
}) {
  return (
    <Dialog title="Account exported" isOpen onClose={onClose}>
      <DialogBody>
        <p className="flex items-center gap-1">
          <code className="min-w-0 break-all">{made.path}</code>
          <CopyButton text={made.path} label="Copy the path" />
          <span className="shrink-0 text-muted">{formatBytes(made.sizeBytes)}</span>
        </p>
        <p>
          “{account.name}” with {plural(made.kmsKeys, 'KMS key')}, {plural(made.profiles, 'profile')} and{' '}
          {plural(made.clients, 'client')}. Whoever has the file and its passphrase has the keys.
        </p>
        {made.keyStores > 0 && (
          <p className="text-muted">
            The tokens and proxies behind its key stores, and their credentials, are not in the file.
          </p>
        )}
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" autoFocus onPress={onClose}>
          Done
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
