import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { Seal } from '../../../client/client.ts';
import { wipe } from '../../../client/import/credential-values.ts';
import type { GateTarget } from '../../../contract/gates.ts';
import type { Params } from '../../../contract/methods.ts';
import type { Gate } from '../../../contract/schemas.ts';
import { callSealed } from '../../api/keyhold.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { KeyTrouble } from '../security-keys/device/device-trouble.tsx';
import { useSecurityKeys } from '../security-keys/key-queries.ts';
import { KEY_FORM, KeyWorkArea } from '../security-keys/touch-panel.tsx';
import { useKeyWork } from '../security-keys/use-key-work.ts';

type When = 'off' | 'each' | 'within';

const WHEN = [
  { id: 'each', title: 'For each use', text: 'Nothing happens without a hand on the key.' },
  {
    id: 'within',
    title: 'Once in a while',
    text: 'One touch is enough for some minutes, until the vault locks at most.',
  },
  { id: 'off', title: 'Not at all', text: 'Policies alone decide.' },
] as const;
const MOST_MINUTES = 1440;
/** The lists that show gates. */
const SHOWN_IN = ['keys', 'profiles', 'clients', 'kms'] as const;

/** Sets, changes or takes away a gate. What is loosened wants a touch itself, or the recovery code where the key is lost. */
export function GateDialog({
  target,
  title,
  gate,
  onClose,
}: {
  target: GateTarget;
  title: string;
  gate: Gate | undefined;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const known = useSecurityKeys().data ?? [];
  const [when, setWhen] = useState<When>(gate === undefined || gate.withinSeconds === 0 ? 'each' : 'within');
  const [minutes, setMinutes] = useState(String(Math.max(1, Math.ceil((gate?.withinSeconds || 900) / 60))));
  const [named, setNamed] = useState<ReadonlySet<string>>(
    new Set(gate === undefined || gate.keys === 'any' ? [] : gate.keys),
  );
  const [lost, setLost] = useState(false);
  const [codeError, setCodeError] = useState<string | null>(null);
  const code = useRef<SecretHandle>(null);
  const work = useKeyWork('gate');
  const whole = /^\d{1,4}$/.test(minutes) ? Number(minutes) : 0;
  const minutesError =
    when === 'within' && (whole < 1 || whole > MOST_MINUTES) ? `A number of minutes from 1 to ${MOST_MINUTES}.` : null;
  const nothing = when === 'off' && gate === undefined;

  const save = async () => {
    if (lost && code.current?.isEmpty() !== false) {
      setCodeError('Type the recovery code.');
      return;
    }
    const bytes = lost ? (code.current?.bytes() ?? null) : null;
    const proof = async (seal: Seal): Promise<Pick<Params<'gate.remove'>, 'authorize'>> =>
      bytes === null ? {} : { authorize: { factor: 'recovery-code', sealed: await seal('recovery-code', bytes) } };
    const keys = named.size === 0 ? ('any' as const) : [...named];
    const withinSeconds = when === 'within' ? whole * 60 : 0;
    const done = await work.run(async () => {
      if (when === 'off') await callSealed('gate.remove', async (seal) => ({ target, ...(await proof(seal)) }));
      else await callSealed('gate.set', async (seal) => ({ target, withinSeconds, keys, ...(await proof(seal)) }));
    });
    wipe(bytes ?? undefined);
    if (!done) return;
    notify({
      message: when === 'off' ? `${title} needs no touch any more.` : `${title} wants a touch from now on.`,
    });
    await Promise.all(SHOWN_IN.map((list) => queries.invalidateQueries({ queryKey: [list] })));
    onClose();
  };
  return (
    <Dialog title={`Touch for ${title}`} isOpen onClose={onClose}>
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working && !nothing && minutesError === null) void save();
        }}
      >
        <DialogBody>
          <KeyWorkArea work={work}>
            {known.length === 0 && (
              <Callout
                tone="info"
                title="No security key is enrolled"
                actions={
                  <Button size="compact" onPress={() => openDialog({ kind: 'mfa.enroll' })}>
                    Enrol a key
                  </Button>
                }
              >
                There has to be one that can be touched.
              </Callout>
            )}
            <RadioCards
              label="Touch a security key"
              cards={WHEN}
              value={when}
              onChange={(id) => setWhen(id === 'off' || id === 'within' ? id : 'each')}
            />
            {when === 'within' && (
              <TextField label="Minutes" className="w-32" value={minutes} onChange={setMinutes} error={minutesError} />
            )}
            {when !== 'off' && known.length > 1 && (
              <fieldset className="flex flex-col gap-2">
                <legend className="pb-1 font-medium">Only these keys</legend>
                {known.map(({ id, name }) => (
                  <Checkbox
                    key={id}
                    isSelected={named.has(name)}
                    onChange={(on) =>
                      setNamed(on ? new Set([...named, name]) : new Set([...named].filter((one) => one !== name)))
                    }
                  >
                    {name}
                  </Checkbox>
                ))}
                <p className="text-muted">None ticked: any key that is enrolled.</p>
              </fieldset>
            )}
            {gate !== undefined && (
              <Checkbox isSelected={lost} onChange={setLost}>
                The key is lost: use the recovery code
              </Checkbox>
            )}
            {lost && (
              <SecretField
                label="Recovery code"
                handle={code}
                mono
                error={codeError}
                onEdit={() => setCodeError(null)}
                autoFocus
              />
            )}
            {work.error !== null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            isDisabled={work.working || nothing || (when !== 'off' && known.length === 0)}
          >
            {when === 'off' ? 'Take it away' : 'Require the touch'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
