import { useQueryClient } from '@tanstack/react-query';
import type { OtpDevice } from '../../../contract/totp.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { progressWords, useEach } from '../../lib/use-each.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { countEntries } from './count-entries.ts';

/** Names what is destroyed, before it is: a seed is nowhere else. */
export function RemoveOtpDialog({ devices, onClose }: { devices: readonly OtpDevice[]; onClose: () => void }) {
  const queries = useQueryClient();
  const { left, progress, error, run } = useEach({
    items: devices,
    nameOf: ({ name }) => name,
    told: (done) => ({ message: `Removed ${whatOf(done)}` }),
    after: () => refresh(queries, 'totp'),
    onClose,
  });
  const names = left.map(({ name }) => name);
  const remove = () => run(({ name }) => call('totp.remove', { name }));
  return (
    <Dialog title={`Remove ${whatOf(left)}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
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
        <Button variant="danger" isDisabled={progress !== null} onPress={() => void remove()}>
          {progress !== null
            ? progressWords('Removing', progress)
            : names.length === 1
              ? 'Remove entry'
              : `Remove ${countEntries(names.length)}`}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function whatOf(devices: readonly OtpDevice[]): string {
  const [first] = devices;
  return devices.length === 1 && first !== undefined ? `“${first.name}”` : countEntries(devices.length);
}
