import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import type { OtpDevice } from '../../../contract/totp.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { notify } from '../../ui/toast-store.ts';
import { countEntries } from './count-entries.ts';

/** Names what is destroyed, before it is: a seed is nowhere else. */
export function RemoveOtpDialog({ devices, onClose }: { devices: readonly OtpDevice[]; onClose: () => void }) {
  const queries = useQueryClient();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const names = devices.map(({ name }) => name);
  const what = names.length === 1 ? `“${names[0]}”` : countEntries(names.length);
  const remove = async () => {
    setWorking(true);
    setError(null);
    try {
      for (const name of names) await call('totp.remove', { name });
      notify({ message: `Removed ${what}.` });
      onClose();
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      setWorking(false);
      await refresh(queries, 'totp');
    }
  };
  return (
    <Dialog title={`Remove ${what}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
      <DialogBody>
        {names.length > 1 && <p className="font-medium break-words">{listNames(names, 12)}</p>}
        <p>
          The secret is destroyed and cannot be brought back. Whoever issued it keeps asking for codes until you turn
          that off there: do so first, or you lock yourself out.
        </p>
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep
        </Button>
        <Button variant="danger" isDisabled={working} onPress={() => void remove()}>
          {working ? 'Removing…' : names.length === 1 ? 'Remove entry' : `Remove ${countEntries(names.length)}`}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
