import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { checkEntry } from '../../../client/otp/entry.ts';
import { fromBase32 } from '../../../contract/base32.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { DialogBody } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { Select } from '../../ui/select.tsx';
import { type OtpForm, OtpFormFooter } from './add-otp-dialog.tsx';

const TYPES = [
  { id: 'totp', label: 'By time' },
  { id: 'hotp', label: 'By counter' },
] as const;
const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'].map((id) => ({ id, label: id.replace('SHA', 'SHA-') }));
const DIGITS = ['6', '7', '8'].map((id) => ({ id, label: id }));

/** A base32 secret, with what nearly always is as it is folded away. */
export function SecretForm({ take, error, onCancel }: OtpForm) {
  const field = useRef<SecretHandle>(null);
  const [empty, setEmpty] = useState(false);
  const [more, setMore] = useState(false);
  const form = useForm(
    { issuer: '', label: '', type: 'totp', algorithm: 'SHA1', digits: '6', period: '30', counter: '0' },
    {
      period: (value, { type }) =>
        type === 'hotp' || inRange(value, 1, 3600) ? null : 'A period has 1 to 3,600 seconds.',
      counter: (value, { type }) =>
        type === 'totp' || inRange(value, 0, 2 ** 52) ? null : 'A counter is a whole number from 0.',
    },
  );
  const { values } = form;
  const submit = () => {
    if (field.current?.isEmpty() !== false) {
      setEmpty(true);
      return;
    }
    if (!form.validate()) {
      setMore(true);
      return;
    }
    const ascii = field.current.bytes();
    void take(() => {
      const { issuer, label, type, algorithm, digits, period, counter } = values;
      const raw = { type, issuer, label, algorithm, digits, seed: fromBase32(ascii) };
      const entry = checkEntry(type === 'hotp' ? { ...raw, counter } : { ...raw, period });
      return { source: 'secret', entries: [{ entry }], problems: [] };
    }).finally(() => ascii.fill(0));
  };
  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <DialogBody>
        <SecretField
          label="Secret"
          handle={field}
          mono
          autoFocus
          hint="Letters and digits, as shown beside the QR code. Spaces do no harm."
          error={empty ? 'Type or paste the secret.' : null}
          onEdit={() => setEmpty(false)}
        />
        <div className="grid grid-cols-2 gap-3">
          <TextField label="Issuer" optional {...form.field('issuer')} />
          <TextField label="Account" optional {...form.field('label')} />
        </div>
        {more ? (
          <div className="grid grid-cols-2 gap-3">
            <Select label="Codes" choices={TYPES} value={values.type} onChange={(id) => form.set('type', id)} />
            <Select
              label="Algorithm"
              choices={ALGORITHMS}
              value={values.algorithm}
              onChange={(id) => form.set('algorithm', id)}
            />
            <Select label="Digits" choices={DIGITS} value={values.digits} onChange={(id) => form.set('digits', id)} />
            {values.type === 'totp' ? (
              <TextField label="Seconds" inputMode="numeric" {...form.field('period')} />
            ) : (
              <TextField label="First counter" inputMode="numeric" {...form.field('counter')} />
            )}
          </div>
        ) : (
          <Button variant="ghost" size="compact" className="-ml-2 self-start text-muted" onPress={() => setMore(true)}>
            6 digits every 30 s, SHA-1: change…
          </Button>
        )}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <OtpFormFooter onCancel={onCancel} submit={{ label: 'Next' }} />
    </Form>
  );
}

function inRange(text: string, least: number, most: number): boolean {
  return /^\d{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most;
}
