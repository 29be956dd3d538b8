import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { formatDate } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { TextField } from '../../ui/field.tsx';
import { Switch } from '../../ui/switch.tsx';
import { kmsCall } from './kms.ts';
import { placeOf, useKmsChange } from './kms-queries.ts';
import { wholeNumber } from './waiting-period.ts';

const LEAST_DAYS = 90;
const MOST_DAYS = 2560;
const USUAL_DAYS = 365;

/** Automatic rotation: on or off, and how often. */
export function RotationSchedule({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const place = placeOf(key);
  const period = key.rotation?.periodInDays;
  const [typed, setTyped] = useState(String(period ?? USUAL_DAYS));
  const enable = useKmsChange((days: number) =>
    kmsCall(place, 'EnableKeyRotation', { KeyId: key.keyId, RotationPeriodInDays: days }),
  );
  const disable = useKmsChange(() => kmsCall(place, 'DisableKeyRotation', { KeyId: key.keyId }));
  const pending = enable.isPending || disable.isPending;
  const days = wholeNumber(typed, LEAST_DAYS, MOST_DAYS);
  const replica = key.multiRegion === 'REPLICA';
  const error = enable.error ?? disable.error;
  return (
    <>
      <Switch
        label="Rotate automatically"
        isSelected={key.rotation !== undefined}
        isDisabled={pending || replica || key.state !== 'Enabled'}
        onChange={(on) => (on ? enable.mutate(days ?? USUAL_DAYS) : disable.mutate(undefined))}
      />
      {replica && <p className="text-muted">A replica rotates with its primary.</p>}
      {key.rotation !== undefined && !replica && (
        <Form
          className="flex flex-wrap items-start gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (days !== null && !pending) enable.mutate(days);
          }}
        >
          <TextField
            label="Days between rotations"
            inputMode="numeric"
            value={typed}
            onChange={setTyped}
            isDisabled={key.state !== 'Enabled'}
            error={days === null ? `Between ${LEAST_DAYS} and ${MOST_DAYS} days.` : null}
            hint={`Next on ${formatDate(key.rotation.nextAt)}.`}
            className="w-56"
          />
          {days !== period && (
            <Button type="submit" className="mt-6" isDisabled={days === null || pending}>
              Save
            </Button>
          )}
        </Form>
      )}
      {error !== null && <ErrorCallout error={asWireError(error)} />}
    </>
  );
}
