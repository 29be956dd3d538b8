import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { Params } from '../../../contract/methods.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { PANIC_WORD } from './panic-words.ts';

/** The last question: a word has to be typed, so that nobody does it by a slip. */
export function ConfirmPanicDialog({
  wanted,
  count,
  onClose,
}: {
  wanted: Params<'panic.start'>;
  /** Of the access keys that are active here. */
  count: number;
  onClose: () => void;
}) {
  const start = useChange('panic.start', 'panic', 'keys', 'clients', 'sessions');
  const [typed, setTyped] = useState('');
  const sure = typed.trim().toLowerCase() === PANIC_WORD;
  return (
    <Dialog
      title={`Switch off ${count === 0 ? 'all clients and sessions' : plural(count, 'access key')} now?`}
      role="alertdialog"
      isOpen
      onClose={onClose}
      isDismissable={!start.isPending}
    >
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (sure && !start.isPending) start.mutate(wanted, { onSuccess: onClose });
        }}
      >
        <DialogBody>
          <p>Tools that work with these keys, their clients or their sessions stop at once.</p>
          <TextField
            label={`Type ${PANIC_WORD} to go on`}
            autoFocus
            isDisabled={start.isPending}
            value={typed}
            onChange={setTyped}
          />
          {start.isPending && <WorkBar label="Everything here is off. Telling AWS…" />}
          {start.isError && <ErrorCallout error={asWireError(start.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button isDisabled={start.isPending} onPress={onClose}>
            Not now
          </Button>
          <Button type="submit" variant="danger" isDisabled={!sure || start.isPending}>
            {start.isPending ? 'Switching off…' : 'Switch them off'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
