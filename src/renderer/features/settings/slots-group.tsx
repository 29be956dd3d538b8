import { useState } from 'react';
import type { SlotInfo } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useSlots } from '../../api/queries.ts';
import { formatDate } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { RowsSkeleton } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { factorWords } from '../security-keys/key-words.ts';
import { AddSlotDialog } from './add-slot-dialog.tsx';
import { ChangePasswordDialog } from './change-password-dialog.tsx';
import { RemoveSlotDialog } from './remove-slot-dialog.tsx';
import { Setting, SettingGroup } from './setting.tsx';

type Open =
  | { kind: 'change' }
  | { kind: 'add'; factor: 'password' | 'recovery-code' }
  | { kind: 'remove'; slot: SlotInfo };

/** The ways into the vault. */
export function SlotsGroup() {
  const slots = useSlots();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const last = slots.data?.length === 1;
  return (
    <SettingGroup title="Ways in">
      {slots.isError && slots.data === undefined ? (
        <div className="p-4">
          <ErrorCallout
            error={asWireError(slots.error)}
            actions={
              <Button size="compact" onPress={() => void slots.refetch()}>
                Try again
              </Button>
            }
          />
        </div>
      ) : slots.data === undefined ? (
        <RowsSkeleton rows={2} />
      ) : (
        slots.data.map((slot) => (
          <Setting
            key={slot.id}
            title={slot.label}
            text={
              <span title={costOf(slot)}>
                {factorWords(slot)}, since {formatDate(slot.createdAt)}
              </span>
            }
          >
            <Button variant="danger-ghost" isDisabled={last} onPress={() => setOpen({ kind: 'remove', slot })}>
              Remove…<span className="sr-only"> {slot.label}</span>
            </Button>
          </Setting>
        ))
      )}
      <Setting title="Change or add" text="Each of these opens the vault by itself. The last one cannot be removed.">
        <Button onPress={() => setOpen({ kind: 'change' })}>Change password…</Button>
        <Button onPress={() => setOpen({ kind: 'add', factor: 'recovery-code' })}>New recovery code…</Button>
        <Button onPress={() => setOpen({ kind: 'add', factor: 'password' })}>Add a password…</Button>
        <Button onPress={() => openDialog({ kind: 'slot.addKey' })}>Add a security key…</Button>
      </Setting>
      {open?.kind === 'change' && <ChangePasswordDialog onClose={close} />}
      {open?.kind === 'add' && <AddSlotDialog factor={open.factor} onClose={close} />}
      {open?.kind === 'remove' && <RemoveSlotDialog slot={open.slot} onClose={close} />}
    </SettingGroup>
  );
}

function costOf({ kdf }: SlotInfo): string | undefined {
  if (kdf === undefined) return undefined;
  return `Argon2id: ${Math.round(kdf.memoryKiB / 1024)} MiB, ${kdf.passes} passes, ${kdf.parallelism} lanes`;
}
