import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { doEach, failuresAsError } from '../../lib/do-each.ts';
import { formatDate, formatRelative, listNames, plural } from '../../lib/format.ts';
import { progressWords, useEach } from '../../lib/use-each.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { keyTitle } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, refreshKms } from './kms-queries.ts';
import { useSetKeysEnabled } from './use-set-keys-enabled.ts';
import { deletionDays } from './waiting-period.ts';

/** Schedules the deletion of keys: names what goes, what hangs on it, and until when it can be taken back. */
export function DeleteKeysDialog({ keys: asked, onClose }: { keys: readonly KmsKeySummary[]; onClose: () => void }) {
  const queries = useQueryClient();
  const setEnabled = useSetKeysEnabled();
  const [typed, setTyped] = useState('30');
  const days = deletionDays(typed);
  const able = asked.filter((key) => key.manager === 'CUSTOMER' && !key.state.startsWith('Pending'));
  const staying = asked.length - able.length;
  const {
    left: keys,
    progress,
    error,
    run,
  } = useEach({
    items: able,
    nameOf: keyTitle,
    told: (done) => ({ message: `Scheduled the deletion of ${whatOf(done)}`, undo: () => void cancel(done) }),
    after: () => refreshKms(queries),
    onClose,
  });
  const end = days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString();

  const schedule = async (waiting: number) => {
    await run((key) =>
      kmsCall(placeOf(key), 'ScheduleKeyDeletion', { KeyId: key.keyId, PendingWindowInDays: waiting }),
    );
  };

  /** Takes it back, to the state before: AWS leaves a key disabled when its deletion is cancelled. */
  const cancel = async (scheduled: readonly KmsKeySummary[]) => {
    const { failed } = await doEach(scheduled, {
      async work(key) {
        await kmsCall(placeOf(key), 'CancelKeyDeletion', { KeyId: key.keyId });
        if (key.state === 'Enabled') await kmsCall(placeOf(key), 'EnableKey', { KeyId: key.keyId });
      },
      wire: asWireError,
      stopped: () => false,
    });
    const refused = failuresAsError(failed, keyTitle, scheduled.length);
    if (refused !== null) notify({ message: refused.message, tone: 'error' });
    await refreshKms(queries);
  };

  return (
    <Dialog title={`Delete ${whatOf(keys)}?`} role="alertdialog" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (progress === null && days !== null && keys.length > 0) void schedule(days);
        }}
      >
        <DialogBody>
          {keys.length > 1 && <p className="font-medium break-words">{listNames(keys.map(keyTitle), 12)}</p>}
          {staying > 0 && (
            <p className="text-muted">
              {plural(staying, 'key')} of the selection {staying === 1 ? 'stays' : 'stay'}: managed by AWS, or waiting
              already.
            </p>
          )}
          <p>
            Whatever was encrypted under {keys.length === 1 ? 'this key' : 'these keys'} can never be read again once it
            is gone, by nobody. A backup of the vault from before then still holds the material.
          </p>
          <Dependents keys={keys} />
          <TextField
            label="Waiting period, in days"
            inputMode="numeric"
            value={typed}
            onChange={setTyped}
            error={days === null ? 'Between 7 and 30 days.' : null}
            {...(end === null
              ? {}
              : {
                  hint: `Unusable from now on, deleted on ${formatDate(end)}. Until then you can cancel.`,
                })}
            className="max-w-72"
          />
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          {keys.some((key) => key.state === 'Enabled') && (
            <Button
              variant="ghost"
              className="mr-auto -ml-3"
              isDisabled={progress !== null}
              onPress={() => {
                onClose();
                void setEnabled(keys, false);
              }}
            >
              Disable instead
            </Button>
          )}
          <Button onPress={onClose} autoFocus>
            Keep
          </Button>
          <Button type="submit" variant="danger" isDisabled={progress !== null || days === null || keys.length === 0}>
            {progress === null ? 'Schedule the deletion' : progressWords('Scheduling', progress)}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}

function whatOf(keys: readonly KmsKeySummary[]): string {
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? `“${keyTitle(only)}”` : plural(keys.length, 'key');
}

function Dependents({ keys }: { keys: readonly KmsKeySummary[] }) {
  const now = Date.now();
  const aliases = keys.flatMap((key) => key.aliases);
  const grants = keys.reduce((sum, key) => sum + key.grants, 0);
  const lastUse = keys
    .flatMap((key) => (key.lastUse === undefined ? [] : [key.lastUse.at]))
    .sort()
    .at(-1);
  const replicas = keys.filter((key) => key.multiRegion === 'PRIMARY').flatMap((key) => key.otherRegions);
  if (aliases.length === 0 && grants === 0 && lastUse === undefined && replicas.length === 0) return null;
  return (
    <div className="flex flex-col gap-1 rounded-control border border-warn-line bg-warn-soft px-3 py-2.5">
      <p className="font-semibold">
        {lastUse === undefined ? 'This goes too' : `Last used ${formatRelative(lastUse, now)}`}
      </p>
      <ul className="list-disc pl-4">
        {aliases.length > 0 && <li>Aliases: {listNames(aliases, 6)}</li>}
        {grants > 0 && <li>{plural(grants, 'grant')}</li>}
        {replicas.length > 0 && <li>Waits until its replicas are deleted: {listNames(replicas, 6)}</li>}
      </ul>
    </div>
  );
}
