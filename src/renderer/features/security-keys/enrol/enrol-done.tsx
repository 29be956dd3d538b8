import { CircleCheck } from 'lucide-react';
import { isPasswordAlone } from '../../../../client/ways.ts';
import type { SecurityKey } from '../../../../contract/mfa.ts';
import { useSlots } from '../../../api/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout } from '../../../ui/callout.tsx';
import { DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { useSecurityKeys } from '../key-queries.ts';

/** What the key can be used for from now on, and what is wise next. */
export function EnrolDone({
  made,
  trouble,
  onClose,
}: {
  made: SecurityKey;
  trouble: string | null;
  onClose: () => void;
}) {
  const key = useSecurityKeys().data?.find(({ id }) => id === made.id) ?? made;
  const opens = key.slots.length > 0;
  const passwordAlone = (useSlots().data ?? []).some(isPasswordAlone);
  return (
    <>
      <DialogBody>
        <p role="status" className="flex items-start gap-2.5">
          <CircleCheck size={16} aria-hidden="true" className="mt-0.5 shrink-0 text-accent-ink" />
          <span>
            <span className="font-semibold">{made.name} is enrolled.</span>{' '}
            {opens ? 'It opens the vault from now on.' : 'Anything that asks for a touch can ask for this key.'}
          </span>
        </p>
        {trouble !== null && (
          <Callout tone="warning" title="It does not open the vault yet">
            {trouble} You can let it under “Security keys” at any time.
          </Callout>
        )}
        {opens && passwordAlone && (
          <p className="text-muted">
            The password alone still opens the vault too. Once you trust the key, and have a second one or the recovery
            code at hand, remove that under Ways in, in the settings.
          </p>
        )}
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" autoFocus onPress={onClose}>
          Done
        </Button>
      </DialogFooter>
    </>
  );
}
