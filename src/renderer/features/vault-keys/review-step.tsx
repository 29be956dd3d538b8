import type { KeyRotation } from '../../../contract/rekey.ts';
import type { SlotInfo } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { type Proved, planSentences } from './rekey-plan.ts';

/** What is going to happen, and the last question before it does. */
export function ReviewStep({
  slots,
  proved,
  records,
  onChanged,
  onStartOver,
  onClose,
}: {
  slots: readonly SlotInfo[];
  proved: Proved;
  records: number;
  onChanged: (rotation: KeyRotation) => void;
  onStartOver: () => void;
  onClose: () => void;
}) {
  const change = useChange('vault.rotateKeys', 'slots');
  return (
    <>
      <DialogBody>
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {planSentences(slots, proved, records).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <Callout tone="warning" title="This cannot be taken back">
          Old backups and copies of the file still open with what opened them then. Destroy those that are in wrong
          hands.
        </Callout>
        {change.isError && (
          <ErrorCallout
            error={asWireError(change.error)}
            actions={
              <Button size="compact" onPress={onStartOver}>
                Prove the ways in again
              </Button>
            }
          />
        )}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep the present key
        </Button>
        <Button
          variant="danger"
          isDisabled={change.isPending}
          onPress={() =>
            change.mutate(
              { proofs: [...proved.tickets], drop: [...proved.dropped] },
              { onSuccess: (rotation) => onChanged(rotation) },
            )
          }
        >
          {change.isPending ? 'Changing…' : 'Change the root key'}
        </Button>
      </DialogFooter>
    </>
  );
}
