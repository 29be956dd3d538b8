import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { isMigration } from '../../../client/otp/google-migration.ts';
import { parseOtpauth } from '../../../client/otp/parse-otpauth.ts';
import { readOtpauthLines } from '../../../client/otp/read-import.ts';
import { ErrorCallout } from '../../ui/callout.tsx';
import { DialogBody } from '../../ui/dialog.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { type OtpForm, OtpFormFooter } from './add-otp-dialog.tsx';

/** An address as issuers show it beside their QR code. */
export function UriForm({ take, error, onCancel }: OtpForm) {
  const field = useRef<SecretHandle>(null);
  const [empty, setEmpty] = useState(false);
  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        const text = field.current?.text() ?? '';
        if (text.trim() === '') {
          setEmpty(true);
          return;
        }
        void take(() =>
          isMigration(text)
            ? readOtpauthLines([text])
            : { source: 'otpauth', entries: [{ entry: parseOtpauth(text) }], problems: [] },
        );
      }}
    >
      <DialogBody>
        <SecretField
          label="Address"
          handle={field}
          mono
          autoFocus
          placeholder="otpauth://totp/…"
          hint="It begins with otpauth:// and holds the secret, so it is hidden like a password."
          error={empty ? 'Paste the address.' : null}
          onEdit={() => setEmpty(false)}
        />
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <OtpFormFooter onCancel={onCancel} submit={{ label: 'Next' }} />
    </Form>
  );
}
