import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { CREDENTIAL_PREFIX } from '../../../contract/called-as.ts';
import type { Params } from '../../../contract/methods.ts';
import type { RotationPlan } from '../../../contract/rotation.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { useChange, useKeys } from '../../api/queries.ts';
import { formatAge, shortKeyId } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { Select } from '../../ui/select.tsx';
import { useCredentials } from '../credentials/credential-queries.ts';
import { canRotateCredential, credentialBirth, whatWords } from '../credentials/credential-words.ts';
import { keyBirth } from '../keys/key-facts.ts';
import { canRotate } from './board.ts';
import { canStart, PlanView } from './plan-view.tsx';
import { QUARANTINES, quarantineWanted, ROTATION_QUARANTINES } from './quarantines.ts';
import { calledOf } from './rotation-words.ts';

/** First a plan, which changes nothing; then the start. */
export function RotateDialog({
  keyName,
  credential,
  onClose,
}: {
  keyName?: string;
  /** A credential besides access keys, instead of a key. */
  credential?: string;
  onClose: () => void;
}) {
  const now = useNow();
  const keys = (useKeys().data ?? []).filter(canRotate);
  const credentials = (useCredentials().data ?? []).filter(canRotateCredential);
  const choices = [
    ...keys.map((one) => ({
      id: calledOf({ key: one.name }),
      label: `${one.account} / ${one.name}`,
      note: `${formatAge(keyBirth(one), now)}, ${shortKeyId(one.accessKeyId)}`,
    })),
    ...credentials.map((one) => ({
      id: `${CREDENTIAL_PREFIX}${one.name}`,
      label: `${one.account} / ${one.name}`,
      note: `${formatAge(credentialBirth(one), now)}, ${whatWords(one)}`,
    })),
  ];
  const given = credential === undefined ? keyName && calledOf({ key: keyName }) : `${CREDENTIAL_PREFIX}${credential}`;
  const [called, setCalled] = useState(given ?? (choices.length === 1 ? (choices[0]?.id ?? null) : null));
  const [chosen, setChosen] = useState('schedule');
  // A credential has no schedule; a key that is chosen after one goes by its own again.
  const quarantine = isCredential(called) && chosen === 'schedule' ? '86400' : chosen;
  const [missing, setMissing] = useState(false);
  const plan = useMutation({
    mutationFn: (wanted: Params<'rotation.plan'>) => call('rotation.plan', wanted),
  });
  const start = useChange('rotation.start', 'rotations', 'keys');
  const planned = plan.data;
  const asksWhich = given === undefined;

  // A plan is of one key and one quarantine: another choice wants another one.
  const choose = (change: () => void) => {
    plan.reset();
    start.reset();
    setMissing(false);
    change();
  };
  const go = () => {
    if (called === null) {
      setMissing(true);
      return;
    }
    const wanted = { key: called, ...quarantineWanted(quarantine) };
    if (planned === undefined) {
      plan.mutate(wanted);
      return;
    }
    // Without a network it is kept, and asked about once there is one.
    start.mutate(
      { ...wanted, whenOnline: planned.blockers.length > 0 },
      {
        onSuccess: (rotation) => {
          onClose();
          navigate('rotation', rotation.id);
        },
      },
    );
  };
  const error = start.error ?? plan.error;
  return (
    <Dialog
      title={asksWhich ? 'Rotate a key or credential' : `Rotate ${credential ?? keyName}`}
      isOpen
      onClose={onClose}
    >
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!plan.isPending && !start.isPending) go();
        }}
      >
        <DialogBody>
          {asksWhich && (
            <Select
              label="Which"
              choices={choices}
              value={called}
              onChange={(id) => choose(() => setCalled(id))}
              isDisabled={choices.length === 0}
              {...(choices.length === 0 ? { hint: 'No access key here can be rotated: add one, or enable one.' } : {})}
              error={missing && choices.length > 0 ? 'Choose what to rotate.' : null}
            />
          )}
          <Select
            label="Quarantine"
            choices={isCredential(called) ? QUARANTINES : ROTATION_QUARANTINES}
            value={quarantine}
            onChange={(seconds) => choose(() => setChosen(seconds))}
            hint="How long the old one stays, deactivated, before it is deleted."
          />
          {plan.isPending && <WorkBar label="Looking at the user at AWS…" />}
          {planned === undefined && !plan.isPending && (
            <p className="text-muted">
              The plan asks AWS about the user and what it has. It changes nothing, there or here.
            </p>
          )}
          {planned !== undefined && <PlanView plan={planned} />}
          {error !== null && <ErrorCallout error={asWireError(error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          {planned !== undefined && !canStart(planned) ? (
            <Button variant="primary" isDisabled={plan.isPending} onPress={() => plan.reset()}>
              Plan again
            </Button>
          ) : (
            <Button type="submit" variant="primary" isDisabled={plan.isPending || start.isPending}>
              {labelOf(planned)}
            </Button>
          )}
        </DialogFooter>
      </Form>
    </Dialog>
  );
}

function isCredential(called: string | null): boolean {
  return called?.startsWith(CREDENTIAL_PREFIX) === true;
}

function labelOf(plan: RotationPlan | undefined): string {
  if (plan === undefined) return 'Make a plan';
  return plan.blockers.length === 0 ? 'Start the rotation' : 'Start when AWS can be reached';
}
