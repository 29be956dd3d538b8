import { useState } from 'react';
import type { Credential } from '../../../contract/credentials.ts';
import type { AccessKey, Account } from '../../../contract/schemas.ts';
import { useAccounts, useChange } from '../../api/queries.ts';
import { formatAge, KEY_POLICY_DAYS, plural } from '../../lib/format.ts';
import { useForm } from '../../lib/use-form.ts';
import { useNow } from '../../lib/use-now.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { credentialBirth } from '../credentials/credential-words.ts';
import { keyBirth } from '../keys/key-facts.ts';
import { daysError, maxAgeOf } from './max-age.ts';

export type MaxAgeTarget =
  | { kind: 'key'; key: AccessKey }
  | { kind: 'credential'; credential: Credential }
  | { kind: 'account'; account: Account };

/** A credential has no schedule: somebody hands its successor to the tools. */
export type ScheduleTarget = Exclude<MaxAgeTarget, { kind: 'credential' }>;

/** How old a key, a credential, or the keys of an account, may become before they are due. */
export function MaxAgeDialog({ target, onClose }: { target: MaxAgeTarget; onClose: () => void }) {
  const now = useNow();
  const accounts = useAccounts().data;
  const change = useChange('rotation.setMaxAge', 'keys', 'credentials', 'accounts', 'rotations');
  const record = recordOf(target);
  const account = target.kind === 'account' ? target.account : accounts?.find((one) => one.name === accountOf(target));
  const present = target.kind === 'account' ? maxAgeOf({}, account) : maxAgeOf(record, account);
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
          {target.kind === 'account'
            ? 'Counts for every access key and credential of the account that has no maximum age of its own.'
            : `${record.name} is ${formatAge(birthOf(target), now)} old. Past its maximum age it is due for rotation.`}
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
            { id: 'own', title: target.kind === 'account' ? 'Set one' : 'One of its own' },
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

function recordOf(target: MaxAgeTarget): AccessKey | Account | Credential {
  if (target.kind === 'account') return target.account;
  return target.kind === 'key' ? target.key : target.credential;
}

type Aged = Exclude<MaxAgeTarget, { kind: 'account' }>;

function accountOf(target: Aged): string {
  return target.kind === 'key' ? target.key.account : target.credential.account;
}

function birthOf(target: Aged): string {
  return target.kind === 'key' ? keyBirth(target.key) : credentialBirth(target.credential);
}

function accountWords(account: Account | undefined): string {
  if (account?.maxAgeDays === undefined) {
    return `${account?.name ?? 'The account'} has none: nothing of it is ever due, and keys are marked as old after ${KEY_POLICY_DAYS} days.`;
  }
  return `${plural(account.maxAgeDays, 'day')}, set for ${account.name}.`;
}
