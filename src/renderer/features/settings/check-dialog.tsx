import { useEffect } from 'react';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { CheckReport } from './check-report.tsx';

export function CheckDialog({ onClose }: { onClose: () => void }) {
  const { mutate, data, error } = useChange('vault.check');
  useEffect(() => mutate({}), [mutate]);
  return (
    <Dialog title="Check the vault" isOpen onClose={onClose}>
      <DialogBody className="min-h-24">
        {error !== null ? (
          <ErrorCallout error={asWireError(error)} />
        ) : data === undefined ? (
          <WorkBar label="Reading every row and checking every MAC…" />
        ) : (
          <CheckReport report={data} subject="The vault" />
        )}
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onPress={onClose} autoFocus>
          Done
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
