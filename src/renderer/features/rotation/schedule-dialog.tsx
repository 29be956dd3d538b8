import { useState } from 'react';
import { type RotationSchedule, WEEKDAYS } from '../../../contract/schedule.ts';
import { useAccounts, useChange } from '../../api/queries.ts';
import { useForm } from '../../lib/use-form.ts';
import { Chips } from '../../ui/chips.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { Select } from '../../ui/select.tsx';
import type { ScheduleTarget } from './max-age-dialog.tsx';
import { QUARANTINES } from './quarantines.ts';
import { scheduleWords, timeError, WEEKDAY_CHIPS } from './schedule-words.ts';

const WHENS = [
  { id: 'any', title: 'At any time' },
  { id: 'window', title: 'In a weekly window' },
];

/** What becomes of a key, or of an account’s keys, once they are due. */
export function ScheduleDialog({ target, onClose }: { target: ScheduleTarget; onClose: () => void }) {
  const accounts = useAccounts().data;
  const change = useChange('rotation.schedule', 'keys', 'accounts', 'rotations');
  const record = target.kind === 'key' ? target.key : target.account;
  const account = target.kind === 'key' ? accounts?.find((one) => one.name === target.key.account) : undefined;
  const before = record.schedule;
  const [auto, setAuto] = useState<string>(before?.auto ?? 'none');
  const [when, setWhen] = useState(before?.window === undefined ? 'any' : 'window');
  const [days, setDays] = useState<readonly string[]>(before?.window?.days ?? ['mon', 'tue', 'wed', 'thu', 'fri']);
  const [quarantine, setQuarantine] = useState(String(before?.quarantineSeconds ?? 86_400));
  const [noDay, setNoDay] = useState(false);
  const inWindow = auto === 'rotate' && when === 'window';
  const check = (text: string) => (inWindow ? timeError(text) : null);
  const form = useForm(
    { from: before?.window?.from ?? '09:00', to: before?.window?.to ?? '17:00' },
    { from: check, to: check },
  );
  const save = () => {
    const chosen = WEEKDAYS.filter((day) => days.includes(day));
    setNoDay(inWindow && chosen.length === 0);
    if (!form.validate() || (inWindow && chosen.length === 0)) return;
    const window = { days: chosen, from: form.values.from.trim(), to: form.values.to.trim() };
    const schedule: RotationSchedule | null =
      auto === 'rotate'
        ? { auto, quarantineSeconds: Number(quarantine), ...(when === 'window' ? { window } : {}) }
        : auto === 'off' || auto === 'remind'
          ? { auto }
          : null;
    change.mutate({ target: { kind: target.kind, name: record.name }, schedule }, { onSuccess: onClose });
  };
  return (
    <Dialog title={`When ${record.name} is due`} isOpen onClose={onClose}>
      <DialogForm send="Save" isSending={change.isPending} error={change.error} onSend={save} onCancel={onClose}>
        <RadioCards
          label={target.kind === 'key' ? 'Once the key is due' : 'Once a key of the account is due'}
          cards={[
            target.kind === 'key'
              ? { id: 'none', title: 'As the account has it', text: `${scheduleWords(account?.schedule)}.` }
              : { id: 'none', title: 'As usual', text: 'A reminder once a day.' },
            { id: 'off', title: 'Show it on the board alone' },
            { id: 'remind', title: 'Remind once a day', text: 'In the tray and in the window.' },
            {
              id: 'rotate',
              title: 'Rotate it by itself',
              text: 'While the vault is unlocked. A key whose use wants a touch waits for you.',
            },
          ]}
          value={auto}
          onChange={setAuto}
        />
        {auto === 'rotate' && (
          <>
            <RadioCards label="When" cards={WHENS} value={when} onChange={setWhen} columns={2} />
            {when === 'window' && (
              <div className="flex flex-col gap-3">
                <Chips
                  label="Days"
                  chips={WEEKDAY_CHIPS}
                  on={days}
                  onChange={(on) => {
                    setNoDay(false);
                    setDays(on);
                  }}
                />
                {noDay && (
                  <p role="alert" className="text-danger-ink">
                    Choose a day at least.
                  </p>
                )}
                <div className="grid grid-cols-2 gap-3">
                  <TextField label="From" {...form.field('from')} hint="By the clock of this machine." />
                  <TextField label="To" {...form.field('to')} />
                </div>
              </div>
            )}
            <Select
              label="Quarantine"
              choices={QUARANTINES}
              value={quarantine}
              onChange={setQuarantine}
              hint="How long the old key stays, deactivated, before it is deleted."
            />
          </>
        )}
      </DialogForm>
    </Dialog>
  );
}
