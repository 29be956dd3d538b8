import { CircleCheck } from 'lucide-react';
import { useEffect } from 'react';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { formatCount } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { WorkBar } from '../../ui/progress.tsx';

/** Verifies the whole log, and says which entry is the first broken one if any is. */
export function VerifyDialog({ onClose }: { onClose: () => void }) {
  const { mutate, data, error } = useChange('audit.verify');
  useEffect(() => mutate({}), [mutate]);
  return (
    <Dialog title="Verify the audit log" width="small" isOpen onClose={onClose}>
      <DialogBody className="min-h-24">
        {error !== null ? (
          <ErrorCallout error={asWireError(error)} />
        ) : data === undefined ? (
          <WorkBar label="Checking every hash and every MAC…" />
        ) : data.ok ? (
          <p role="status" className="flex gap-2.5">
            <CircleCheck size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-accent-ink" />
            <span>
              <span className="block font-semibold">The log is whole</span>
              {formatCount(data.entries)} entries: every hash and every MAC is right, and none is missing.
            </span>
          </p>
        ) : (
          <Callout
            tone="error"
            live
            title={
              data.firstBroken === null ? 'The log is not whole' : `Entry ${formatCount(data.firstBroken)} is broken`
            }
          >
            {data.message}
          </Callout>
        )}
      </DialogBody>
      <DialogFooter>
        <Button onPress={() => mutate({})} isDisabled={data === undefined && error === null}>
          Verify again
        </Button>
        <Button variant="primary" onPress={onClose} autoFocus>
          Done
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
