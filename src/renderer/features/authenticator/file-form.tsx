import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { needsPassword, readImport } from '../../../client/otp/read-import.ts';
import { ErrorCallout } from '../../ui/callout.tsx';
import { DialogBody } from '../../ui/dialog.tsx';
import { FileDrop } from '../../ui/file-drop.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { type OtpForm, OtpFormFooter } from './add-otp-dialog.tsx';

/** What another authenticator has exported. */
export function FileForm({ take, error, onCancel }: OtpForm) {
  const [locked, setLocked] = useState<{ name: string; bytes: Uint8Array } | null>(null);
  const [working, setWorking] = useState(false);
  const password = useRef<SecretHandle>(null);

  const choose = async (file: File) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (needsPassword(bytes)) {
      setLocked({ name: file.name, bytes });
      return;
    }
    setLocked(null);
    await take(() => readImport(bytes));
    bytes.fill(0);
  };
  const open = async () => {
    const typed = password.current?.bytes();
    if (locked === null || typed === undefined || typed.length === 0) return;
    setWorking(true);
    await take(() => readImport(locked.bytes, typed));
    typed.fill(0);
    setWorking(false);
  };

  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <DialogBody>
        <FileDrop
          label={
            locked === null ? 'Drop the exported file' : `${locked.name} is encrypted. Drop another to replace it.`
          }
          onFile={(file) => void choose(file)}
        />
        {locked === null ? (
          <p className="text-muted">
            From Aegis, andOTP or 2FAS, or a list of otpauth:// addresses. Google Authenticator exports QR codes: choose
            QR code above.
          </p>
        ) : (
          <SecretField
            label="Password of the file"
            handle={password}
            autoFocus
            hint="The one it was exported with. It has nothing to do with the vault’s."
          />
        )}
        {working && <WorkBar label="Opening the file" />}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <OtpFormFooter
        onCancel={onCancel}
        {...(locked === null ? {} : { submit: { label: 'Open the file', disabled: working } })}
      />
    </Form>
  );
}
