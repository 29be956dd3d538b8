import { useState } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { useAccounts, useClients } from '../../api/queries.ts';
import { useForm } from '../../lib/use-form.ts';
import { withMember } from '../../lib/with-member.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { ComboField } from '../../ui/combo-field.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { notify } from '../../ui/toast-store.ts';
import { type ContextRow, ContextRows, contextOf } from './context-rows.tsx';
import { grantOperations, operationsProblem } from './grant-operations.ts';
import { keyTitle } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, useKmsChange } from './kms-queries.ts';
import { clientArn, policyClients, rootArn, shortPrincipal } from './principals.ts';

const PRINCIPAL = /^(arn:aws[a-z-]*:(iam|sts)::\d{12}:.+|[a-z0-9.-]+\.amazonaws\.com(\.cn)?)$/;

function principalProblem(value: string, required: boolean): string | null {
  if (value === '') return required ? 'Say who the grant is for.' : null;
  return PRINCIPAL.test(value) ? null : 'A principal is an ARN, like arn:aws:iam::123456789012:user/ada.';
}

const LIMITS = [
  { id: 'none', label: 'Any context' },
  { id: 'subset', label: 'Contexts that have these pairs' },
  { id: 'equals', label: 'Exactly these pairs' },
] as const;

export function GrantDialog({ kmsKey: key, onClose }: { kmsKey: KmsKeySummary; onClose: () => void }) {
  const account = useAccounts().data?.find((one) => one.name === key.account);
  const clients = useClients().data ?? [];
  const form = useForm(
    { grantee: '', retiring: '', name: '' },
    {
      grantee: (value) => principalProblem(value, true),
      retiring: (value) => principalProblem(value, false),
      name: (value) =>
        /^[a-zA-Z0-9:/_-]*$/.test(value)
          ? null
          : 'A name has letters, digits, colons, slashes, dashes and underscores.',
    },
  );
  const [operations, setOperations] = useState<ReadonlySet<string>>(new Set());
  const [operationsError, setOperationsError] = useState<string | null>(null);
  const [limit, setLimit] = useState<string>('none');
  const [rows, setRows] = useState<ContextRow[]>([]);
  const create = useKmsChange(() => {
    const context = contextOf(rows);
    const { grantee, retiring, name } = form.values;
    return kmsCall(placeOf(key), 'CreateGrant', {
      KeyId: key.keyId,
      GranteePrincipal: grantee,
      ...(retiring === '' ? {} : { RetiringPrincipal: retiring }),
      ...(name === '' ? {} : { Name: name }),
      Operations: grantOperations(key).filter((operation) => operations.has(operation)),
      ...(limit === 'equals' ? { Constraints: { EncryptionContextEquals: context } } : {}),
      ...(limit === 'subset' ? { Constraints: { EncryptionContextSubset: context } } : {}),
    });
  });
  const principals =
    account === undefined
      ? []
      : [
          ...policyClients(clients, key.account).map((client) => clientArn(account, key.region, client)),
          rootArn(account, key.region),
        ];
  const symmetric = key.spec === 'SYMMETRIC_DEFAULT';

  const submit = () => {
    const sound = form.validate();
    const problem = operationsProblem(operations);
    setOperationsError(problem);
    if (!sound || problem !== null) return;
    create.mutate(undefined, {
      onSuccess: () => {
        notify({ message: `Granted to ${shortPrincipal(form.values.grantee)}.` });
        onClose();
      },
    });
  };

  return (
    <Dialog title={`Create a grant for ${keyTitle(key)}`} isOpen onClose={onClose} width="large">
      <DialogForm
        send="Create the grant"
        sending="Creating…"
        isSending={create.isPending}
        error={create.error}
        onSend={submit}
        onCancel={onClose}
      >
        <ComboField
          label="Who"
          placeholder="arn:aws:iam::123456789012:user/keyhold/ci"
          suggestions={principals}
          hint="The ARN of a principal. Clients of this account with a policy of their own are offered."
          {...form.field('grantee')}
        />
        <fieldset className="flex flex-col gap-1.5">
          <legend className="pb-1 font-medium">May</legend>
          <div className="grid gap-x-4 gap-y-1.5 wide:grid-cols-2">
            {grantOperations(key).map((operation) => (
              <Checkbox
                key={operation}
                isSelected={operations.has(operation)}
                onChange={(on) => {
                  setOperationsError(null);
                  setOperations(withMember(operations, operation, on));
                }}
              >
                {operation}
              </Checkbox>
            ))}
          </div>
          {operationsError !== null && (
            <p role="alert" className="text-danger-ink">
              {operationsError}
            </p>
          )}
        </fieldset>
        {symmetric && (
          <>
            <Select
              label="With which encryption context"
              choices={LIMITS}
              value={limit}
              onChange={(next) => {
                setLimit(next);
                if (next !== 'none' && rows.length === 0) setRows([{ id: 0, name: '', value: '' }]);
              }}
            />
            {limit !== 'none' && <ContextRows label="Pairs" rows={rows} onChange={setRows} />}
          </>
        )}
        <ComboField
          label="May be retired by"
          placeholder="Nobody but who may revoke it"
          suggestions={principals}
          {...form.field('retiring')}
        />
        <TextField label="Name" optional placeholder="nightly-export" {...form.field('name')} />
      </DialogForm>
    </Dialog>
  );
}
