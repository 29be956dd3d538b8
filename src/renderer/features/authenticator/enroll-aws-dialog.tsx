import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../contract/errors.ts';
import type { OtpDevice } from '../../../contract/totp.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useAccounts, useProfiles } from '../../api/queries.ts';
import { navigate } from '../../lib/router.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { notify } from '../../ui/toast-store.ts';
import { CountdownRing } from './countdown-ring.tsx';
import { useTick } from './use-tick.ts';

/** A virtual MFA device for an IAM user, from nothing to in use. One that was begun before is gone on with. */
export function EnrollAwsDialog({ device: given, onClose }: { device?: OtpDevice; onClose: () => void }) {
  const [device, setDevice] = useState<OtpDevice | null>(given ?? null);
  return (
    <Dialog title="MFA device at AWS" isOpen onClose={onClose}>
      {device === null ? (
        <BeginForm onBegun={setDevice} onCancel={onClose} />
      ) : (
        <FinishEnrolment device={device} onClose={onClose} />
      )}
    </Dialog>
  );
}

function BeginForm({ onBegun, onCancel }: { onBegun: (device: OtpDevice) => void; onCancel: () => void }) {
  const queries = useQueryClient();
  const accounts = useAccounts().data;
  const profiles = useProfiles().data;
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const form = useForm(
    { profile: '', user: '', name: '' },
    {
      user: (value) =>
        value === '' || /^[\w+=,.@-]{1,64}$/.test(value) ? null : 'A user name has up to 64 letters, digits and +=,.@-',
      name: (value) =>
        value === '' || /^[\w+=,.@-]{1,64}$/.test(value)
          ? null
          : 'A device’s name has up to 64 letters, digits and +=,.@-',
    },
  );
  const profile =
    form.values.profile === '' && profiles?.length === 1 ? (profiles[0]?.name ?? '') : form.values.profile;
  const account = profiles?.find(({ name }) => name === profile)?.account;
  const isLocal = accounts?.find(({ name }) => name === account)?.kind === 'local';
  // The root of a local account asks, which is no user.
  const isReady = profile !== '' && !(isLocal && form.values.user === '');
  const begin = async () => {
    if (!form.validate() || !isReady) return;
    setWorking(true);
    setError(null);
    const { user, name } = form.values;
    try {
      onBegun(
        await call('totp.enrollBegin', {
          profile,
          ...(user === '' ? {} : { userName: user }),
          ...(name === '' ? {} : { name }),
        }),
      );
    } catch (caught) {
      setError(asWireError(caught));
      setWorking(false);
    } finally {
      await refresh(queries, 'totp');
    }
  };
  if (profiles !== undefined && profiles.length === 0) {
    return (
      <>
        <DialogBody>
          <EmptyState title="No profile of an AWS account yet">
            AWS is asked with an access key of the vault: add one, with a profile, and come back.
          </EmptyState>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onCancel}>Close</Button>
        </DialogFooter>
      </>
    );
  }
  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <DialogBody>
        <p className="text-muted">
          {isLocal ? 'The IAM of the account, which is in this vault, makes' : 'AWS makes'} the device and its secret,
          which goes straight into the vault. Then it wants two codes in a row, which takes up to a minute.
        </p>
        <Select
          label="Ask as"
          choices={(profiles ?? []).map(({ name, account }) => ({ id: name, label: name, note: account }))}
          value={profile === '' ? null : profile}
          onChange={(id) => form.set('profile', id)}
          placeholder="Choose a profile"
        />
        <div className="grid grid-cols-2 gap-3">
          <TextField
            label="IAM user"
            optional={!isLocal}
            hint={isLocal ? 'Who is to have the device' : 'The one whose key it is'}
            {...form.field('user')}
          />
          <TextField label="Name of the device" optional hint="The user’s name" {...form.field('name')} />
        </div>
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={working || !isReady}>
          {working ? 'Asking…' : 'Make the device'}
        </Button>
      </DialogFooter>
    </Form>
  );
}

interface Waiting {
  have: number;
  until: number;
}

function FinishEnrolment({ device, onClose }: { device: OtpDevice; onClose: () => void }) {
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const [tries, setTries] = useState(0);
  const [error, setError] = useState<WireError | null>(null);
  const { name } = device;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try begins anew
  useEffect(() => {
    let over = false;
    let timer = 0;
    const step = async () => {
      try {
        const answer = await call('totp.enrollStep', { name });
        if (over) return;
        if (answer.outcome === 'wait') {
          setWaiting({ have: answer.have, until: Date.now() + answer.waitMs });
          timer = window.setTimeout(() => void step(), answer.waitMs + 60);
          return;
        }
        notify({ message: `${name} is in use.` });
        navigate('authenticator', answer.device.id);
        onClose();
      } catch (caught) {
        if (!over) setError(asWireError(caught));
      } finally {
        void refresh(queries, 'totp');
      }
    };
    void step();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [name, tries]);

  const cancel = async (here: boolean) => {
    try {
      if (here) await call('totp.remove', { name, abandon: true });
      else await call('totp.enrollCancel', { name });
      notify({
        message: here
          ? `${name} is removed here. Delete the device at AWS too.`
          : `The enrolment of ${name} is taken back.`,
      });
      onClose();
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      await refresh(queries, 'totp');
    }
  };

  return (
    <>
      <DialogBody>
        <Facts>
          <Fact name="Device">
            <span className="mono break-all">{device.mfaSerial}</span>
          </Fact>
          {device.enrolling !== undefined && <Fact name="IAM user">{device.enrolling.userName}</Fact>}
        </Facts>
        {error === null ? <Progress waiting={waiting} /> : <ErrorCallout error={error} />}
        <p className="text-muted">You can close this and finish later: the device stays in the list.</p>
      </DialogBody>
      <DialogFooter>
        <Button variant="danger-ghost" className="mr-auto -ml-3" onPress={() => void cancel(false)}>
          Take it back
        </Button>
        {error !== null && (
          <Button variant="danger-ghost" onPress={() => void cancel(true)}>
            Remove here only
          </Button>
        )}
        <Button onPress={onClose}>Later</Button>
        {error !== null && (
          <Button
            variant="primary"
            onPress={() => {
              setError(null);
              setWaiting(null);
              setTries(tries + 1);
            }}
          >
            Try again
          </Button>
        )}
      </DialogFooter>
    </>
  );
}

function Progress({ waiting }: { waiting: Waiting | null }) {
  const now = useTick(0);
  const left = waiting === null ? 0 : Math.max(0, waiting.until - now);
  return (
    <div className="flex items-center gap-4 rounded-panel border border-line bg-panel px-4 py-3">
      <CountdownRing left={left} of={30_000} size={40} showSeconds />
      <ol className="flex flex-col gap-0.5">
        <li className={waiting?.have === 1 ? 'text-muted' : 'font-medium'}>
          {waiting?.have === 1 ? 'First code taken' : 'Taking the first code'}
        </li>
        <li className={waiting?.have === 1 ? 'font-medium' : 'text-muted'}>
          <span role="status">{waiting?.have === 1 ? 'Waiting for the second one' : 'Then the one after it'}</span>
        </li>
      </ol>
    </div>
  );
}
