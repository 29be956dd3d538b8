import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { BackupDialog } from './backup-dialog.tsx';
import { CheckDialog } from './check-dialog.tsx';
import { RestoreDialog } from './restore-dialog.tsx';
import { Setting, SettingGroup } from './setting.tsx';

export function BackupGroup() {
  const [open, setOpen] = useState<'backup' | 'restore' | 'check' | null>(null);
  const close = () => setOpen(null);
  return (
    <SettingGroup title="Vault file">
      <Setting title="Back up" text="Copies the encrypted vault while it is in use, and verifies the copy.">
        <Button onPress={() => setOpen('backup')}>Back up…</Button>
      </Setting>
      <Setting title="Restore" text="Replaces the vault by a backup. The present file is kept beside it.">
        <Button onPress={() => setOpen('restore')}>Restore…</Button>
      </Setting>
      <Setting
        title="Check"
        text="Goes through the structure, every MAC and the log. Finds rows that were edited, deleted, swapped or rolled back."
      >
        <Button onPress={() => setOpen('check')}>Check the vault</Button>
      </Setting>
      {open === 'backup' && <BackupDialog onClose={close} />}
      {open === 'restore' && <RestoreDialog onClose={close} />}
      {open === 'check' && <CheckDialog onClose={close} />}
    </SettingGroup>
  );
}
