import type { Account } from '../../../contract/schemas.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';

export interface AccountChoiceProps {
  accounts: readonly Account[];
  account: string | null;
  onAccount: (name: string) => void;
  onNewAccount: () => void;
}

export function AccountChoice({
  accounts,
  account,
  onAccount,
  onNewAccount,
  error,
}: AccountChoiceProps & { error?: string | null }) {
  return (
    <div className="flex items-start gap-2">
      <Select
        label="Account"
        className="min-w-0 flex-1"
        choices={accounts.map((one) => ({ id: one.name, label: one.name, note: one.accountId }))}
        value={account}
        onChange={onAccount}
        error={error ?? null}
      />
      <Button className="mt-6" onPress={onNewAccount}>
        New…
      </Button>
    </div>
  );
}
