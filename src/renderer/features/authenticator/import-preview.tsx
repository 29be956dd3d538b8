import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { addOtp, type PlannedOtp } from '../../../client/otp/plan-import.ts';
import type { OtpImport } from '../../../client/otp/read-import.ts';
import type { WireError } from '../../../contract/errors.ts';
import { Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { client } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { useGone } from '../../lib/use-gone.ts';
import { withMember } from '../../lib/with-member.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { countEntries } from './count-entries.ts';

/** A look at what comes in, before it does: what is new, what is there already, and what is left behind. */
export function ImportPreview({
  found,
  planned,
  onBack,
  onDone,
}: {
  found: OtpImport;
  planned: readonly PlannedOtp[];
  onBack: () => void;
  onDone: () => void;
}) {
  const queries = useQueryClient();
  const fresh = planned.filter(({ twin }) => twin === undefined);
  const only = planned.length === 1 ? planned[0] : undefined;
  const [chosen, setChosen] = useState<ReadonlySet<PlannedOtp>>(new Set(fresh));
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const gone = useGone();
  const form = useForm({ name: only?.name ?? '' }, only === undefined ? {} : { name: matches(Name) });

  const save = async () => {
    if (!form.validate()) return;
    setWorking(true);
    setError(null);
    try {
      let id = '';
      let count = 0;
      for (const one of chosen) {
        if (gone.current) break;
        const added = await addOtp(client, one === only ? form.values.name : one.name, one.entry);
        setChosen((current) => new Set([...current].filter((other) => other !== one)));
        id = added.id;
        count += 1;
      }
      const added = count === 1 ? 'Added to the authenticator' : `${countEntries(count)} added`;
      const rest = chosen.size - count;
      notify({ message: rest === 0 ? `${added}.` : `${added}; ${rest} not, as the dialog was closed.` });
      if (gone.current) return;
      navigate('authenticator', id === '' ? null : id);
      onDone();
    } catch (caught) {
      if (gone.current) notify({ message: asWireError(caught).message, tone: 'error' });
      else setError(asWireError(caught));
      setWorking(false);
    } finally {
      await refresh(queries, 'totp');
    }
  };

  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (!working) void save();
      }}
    >
      <DialogBody>
        {only === undefined ? (
          <fieldset className="flex flex-col gap-1">
            <legend className="pb-1 font-medium">
              {found.source === 'otpauth' ? '' : `${found.source}: `}
              {countEntries(planned.length)}
            </legend>
            {fresh.map((one) => (
              <Checkbox
                key={one.name}
                isSelected={chosen.has(one)}
                onChange={(on) => setChosen((current) => withMember(current, one, on))}
              >
                <span className="flex flex-wrap gap-x-2">
                  <span className="font-medium">{one.name}</span>
                  <span className="text-muted">{describe(one)}</span>
                </span>
              </Checkbox>
            ))}
            {fresh.length < planned.length && (
              <p className="pt-1 text-muted">
                There already, with the same secret:{' '}
                {listNames(
                  planned.flatMap(({ twin }) => twin ?? []),
                  8,
                )}
              </p>
            )}
          </fieldset>
        ) : (
          <>
            {only.twin !== undefined && (
              <Callout tone="warning" live title="There already">
                This secret is in the vault as {only.twin}.
              </Callout>
            )}
            {only.twin === undefined && <TextField label="Name" autoFocus {...form.field('name')} />}
            <Facts>
              {only.entry.issuer !== '' && <Fact name="Issuer">{only.entry.issuer}</Fact>}
              {only.entry.label !== '' && <Fact name="Account">{only.entry.label}</Fact>}
              <Fact name="Codes">{describe(only)}</Fact>
            </Facts>
          </>
        )}
        {found.problems.length > 0 && (
          <Callout tone="warning" title="Left behind">
            <ul className="flex flex-col gap-1">
              {found.problems.map(({ where, message }) => (
                <li key={`${where} ${message}`}>
                  <span className="font-medium">{where}</span>: {message}
                </li>
              ))}
            </ul>
          </Callout>
        )}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onBack}>Back</Button>
        <Button type="submit" variant="primary" isDisabled={working || chosen.size === 0}>
          {working ? 'Adding…' : chosen.size > 1 ? `Add ${countEntries(chosen.size)}` : 'Add entry'}
        </Button>
      </DialogFooter>
    </Form>
  );
}

function describe({ entry }: PlannedOtp): string {
  const time = entry.type === 'hotp' ? 'by counter' : `every ${entry.period} s`;
  const algorithm = entry.algorithm === 'SHA1' ? '' : `, ${entry.algorithm.replace('SHA', 'SHA-')}`;
  return `${entry.digits} digits ${time}${algorithm}`;
}
