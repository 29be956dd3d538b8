import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { Account } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { useAllKmsKeys } from '../kms/kms-queries.ts';

/** Empties a local account. There is no way back, so the account's name has to be typed. */
export function ResetAccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const reset = useChange('account.reset', 'accounts');
  const keys = useAllKmsKeys().data?.filter((key) => key.account === account.name) ?? [];
  const aliases = keys.reduce((sum, key) => sum + key.aliases.length, 0);
  const grants = keys.reduce((sum, key) => sum + key.grants, 0);
  const inTokens = keys.filter(({ origin }) => origin === 'AWS_CLOUDHSM').length;
  const sure = typed === account.name;
  return (
    <Dialog title={`Empty “${account.name}”?`} role="alertdialog" isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!sure || reset.isPending) return;
          reset.mutate(
            { name: account.name },
            {
              onSuccess: () => {
                notify({ message: `“${account.name}” is empty.` });
                onClose();
              },
            },
          );
        }}
      >
        <DialogBody>
          <p>
            {keys.length === 0 ? (
              'All that its services hold is destroyed at once.'
            ) : (
              <>
                {plural(keys.length, 'KMS key')} with {aliases === 1 ? '1 alias' : `${aliases} aliases`} and{' '}
                {plural(grants, 'grant')} are destroyed at once, without a waiting period. Whatever was encrypted under
                them can never be read again.
                {inTokens > 0 &&
                  ` ${plural(inTokens, 'key')} in tokens ${inTokens === 1 ? 'is' : 'are'} destroyed there.`}
              </>
            )}{' '}
            Its profiles and clients stay.
          </p>
          <TextField label={`Type ${account.name} to confirm`} autoFocus value={typed} onChange={setTyped} />
          {reset.isError && <ErrorCallout error={asWireError(reset.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Keep</Button>
          <Button type="submit" variant="danger" isDisabled={!sure || reset.isPending}>
            {reset.isPending ? 'Emptying…' : 'Empty the account'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
