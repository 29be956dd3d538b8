import type { ReactNode } from 'react';
import { Form } from 'react-aria-components';
import { asWireError } from '../api/error.ts';
import { Button } from './button.tsx';
import { ErrorCallout } from './callout.tsx';
import { DialogBody, DialogFooter } from './dialog.tsx';

export interface DialogFormProps {
  /** What the button that sends is called, and what it says meanwhile. */
  send: string;
  sending?: string;
  isSending: boolean;
  /** Why it was refused. What a field complains of already is not said again. */
  error: Error | null;
  onSend: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** The body and the footer of a dialog that is filled in and sent: once at a time, by Enter too. */
export function DialogForm({ send, sending = send, isSending, error, onSend, onCancel, children }: DialogFormProps) {
  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSending) onSend();
      }}
    >
      <DialogBody>
        {children}
        {error !== null && <ErrorCallout error={asWireError(error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={isSending}>
          {isSending ? sending : send}
        </Button>
      </DialogFooter>
    </Form>
  );
}
