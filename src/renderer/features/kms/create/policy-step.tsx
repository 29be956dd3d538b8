import type { Account } from '../../../../contract/schemas.ts';
import { useClients } from '../../../api/queries.ts';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { CodeEditor } from '../../../ui/code-editor.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import { clientArn, policyClients } from '../principals.ts';
import type { DraftKey, DraftProblems } from './draft-key.ts';

/** Who may use the key, as far as its own policy says. */
export function PolicyStep({
  draft,
  onChange,
  problems,
  account,
  region,
  policy,
}: {
  draft: DraftKey;
  onChange: (change: Partial<DraftKey>) => void;
  problems: DraftProblems;
  account: Account;
  region: string;
  policy: string;
}) {
  const clients = policyClients(useClients().data ?? [], account.name);
  return (
    <>
      <RadioCards
        label="Who may use the key?"
        cards={[
          {
            id: 'usual',
            title: 'Whom the account lets',
            text: 'The account’s root, and clients whose own policy allows it. As AWS does it when nothing is said.',
            note: 'recommended',
          },
          { id: 'own', title: 'A policy that I write', text: 'Begins with the usual one.' },
        ]}
        value={draft.policy === null ? 'usual' : 'own'}
        onChange={(id) => onChange({ policy: id === 'own' ? policy : null })}
      />
      {draft.policy === null ? (
        clients.length > 0 && (
          <fieldset className="flex flex-col gap-1.5">
            <legend className="pb-1 font-medium">And these clients, whatever their own policy says</legend>
            {clients.map((client) => {
              const arn = clientArn(account, region, client);
              return (
                <Checkbox
                  key={client.id}
                  isSelected={draft.users.includes(arn)}
                  onChange={(on) =>
                    onChange({ users: on ? [...draft.users, arn] : draft.users.filter((one) => one !== arn) })
                  }
                >
                  {client.name}
                </Checkbox>
              );
            })}
          </fieldset>
        )
      ) : (
        <CodeEditor
          label="Policy document"
          rows={11}
          value={draft.policy}
          onChange={(text) => onChange({ policy: text })}
          error={problems.policy ?? null}
          errorLine={problems.policy === undefined ? null : Number(/line (\d+)/i.exec(problems.policy)?.[1] ?? 0)}
        />
      )}
    </>
  );
}
