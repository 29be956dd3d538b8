import { useState } from 'react';
import type { AccessKey, Account } from '../../../contract/schemas.ts';
import { useAccounts, useChange } from '../../api/queries.ts';
import { formatAge, KEY_POLICY_DAYS, plural } from '../../lib/format.ts';
import { useForm } from '../../lib/use-form.ts';
import { useNow } from '../../lib/use-now.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { keyBirth } from '../keys/key-facts.ts';
import { daysError, maxAgeOf } from './max-age.ts';

export type MaxAgeTarget = { kind: 'key'; key: AccessKey } | { kind: 'account'; account: Account };

/** How old a key, or the keys of an account, may become before they are due. */
export function MaxAgeDialog({ target, onClose }: { target: MaxAgeTarget; onClose: () => void }) {
  const now = useNow();
  const accounts = useAccounts().data;
  const change = useChange('rotation.setMaxAge', 'keys', 'accounts', 'rotations');
  const record = target.kind === 'key' ? target.key : target.account;
  const account = target.kind === 'key' ? accounts?.find((one) => one.name === target.key.account) : target.account;
  const present = target.kind === 'key' ? maxAgeOf(target.key, account) : maxAgeOf({}, account);
  const [set, setSet] = useState(record.maxAgeDays !== undefined ? 'own' : 'none');
  const form = useForm({ days: String(present.days) }, { days: (text) => (set === 'own' ? daysError(text) : null) });
  const save = () => {
    if (!form.validate()) return;
    change.mutate(
      {
        target: { kind: target.kind, name: record.name },
        maxAgeDays: set === 'own' ? Number(form.values.days.trim()) : null,
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title={`Maximum age for ${record.name}`} isOpen onClose={onClose}>
      <DialogForm send="Save" isSending={change.isPending} error={change.error} onSend={save} onCancel={onClose}>
        <p className="text-muted">
          {target.kind === 'key'
            ? `${target.key.name} is ${formatAge(keyBirth(target.key), now)} old. Past its maximum age it is due for rotation.`
            : 'Counts for every access key of the account that has no maximum age of its own.'}
        </p>
        <RadioCards
          label="Maximum age"
          cards={[
            target.kind === 'account'
              ? {
                  id: 'none',
                  title: 'None',
                  text: `Keys are marked as old after ${KEY_POLICY_DAYS} days, and never due.`,
                }
              : { id: 'none', title: 'As the account has it', text: accountWords(account) },
            { id: 'own', title: target.kind === 'key' ? 'One of its own' : 'Set one' },
          ]}
          value={set}
          onChange={setSet}
        />
        {set === 'own' && (
          <TextField
            label="Days"
            inputMode="numeric"
            autoFocus
            className="max-w-40"
            hint="Many choose 90."
            {...form.field('days')}
          />
        )}
      </DialogForm>
    </Dialog>
  );
}

function accountWords(account: Account | undefined): string {
  if (account?.maxAgeDays === undefined) {
    return `${account?.name ?? 'The account'} has none: the key is marked as old after ${KEY_POLICY_DAYS} days, and never due.`;
  }
  return `${plural(account.maxAgeDays, 'day')}, set for ${account.name}.`;
}
