import { type ReactNode, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { Gate } from '../../../contract/schemas.ts';
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
] as const;
const MOST_MINUTES = 1440;

interface TouchDialogProps {
  title: string;
  gate: Gate | undefined;
  /** What holds without a touch. */
  without: string;
  /** Whether the recovery code stands in for a key that is lost. */
  byCode: boolean;
  /** Null takes it away; `code` is wiped afterwards. */
  onSave: (wanted: Gate | null, code: Uint8Array | null) => Promise<void>;
  trouble?: (error: WireError, wanted: Gate | null) => ReactNode;
  onClose: () => void;
}

/** When which security key has to be touched. What is loosened wants a touch itself. */
export function TouchDialog({ title, gate, without, byCode, onSave, trouble, onClose }: TouchDialogProps) {
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
  const keys = named.size === 0 ? ('any' as const) : [...named];
  const wanted = when === 'off' ? null : { withinSeconds: when === 'within' ? whole * 60 : 0, keys };
  const nothing = when === 'off' && gate === undefined;

  const save = async () => {
    if (lost && code.current?.isEmpty() !== false) {
      setCodeError('Type the recovery code.');
      return;
    }
    const bytes = lost ? (code.current?.bytes() ?? null) : null;
    const done = await work.run(() => onSave(wanted, bytes));
    wipe(bytes ?? undefined);
    if (!done) return;
    notify({
      message: when === 'off' ? `${title} needs no touch any more.` : `${title} wants a touch from now on.`,
    });
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
              cards={[...WHEN, { id: 'off', title: 'Not at all', text: without }]}
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
            {byCode && gate !== undefined && (
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
            {work.error !== null && (trouble?.(work.error, wanted) ?? <KeyTrouble error={work.error} />)}
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
