import { useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { Section } from '../../ui/facts.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { aliasProblem } from './check-alias.ts';
import { aliasName } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, useKmsChange } from './kms-queries.ts';
import { takeBack } from './take-back.ts';

/** The names that tools call the key by. */
export function AliasesSection({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const [name, setName] = useState('');
  const [complaint, setComplaint] = useState<string | null>(null);
  const place = placeOf(key);
  const queries = useQueryClient();
  const create = (alias: string) => kmsCall(place, 'CreateAlias', { AliasName: alias, TargetKeyId: key.keyId });
  const add = useKmsChange(create);
  const remove = useKmsChange((alias: string) => kmsCall(place, 'DeleteAlias', { AliasName: alias }));
  const own = key.manager === 'CUSTOMER';

  const submit = () => {
    const problem = name === '' ? 'Give the alias a name.' : aliasProblem(name);
    setComplaint(problem);
    if (problem !== null) return;
    add.mutate(`alias/${name}`, {
      onSuccess: () => setName(''),
      onError: (error) => setComplaint(asWireError(error).message),
    });
  };

  return (
    <Section title="Aliases">
      {key.aliases.length === 0 ? (
        <p className="text-muted">
          None. With an alias, tools name this key by a word, which <code>aws kms update-alias</code> moves to another
          key.
        </p>
      ) : (
        <ul className="flex flex-col">
          {key.aliases.map((alias) => (
            <li key={alias} className="flex min-h-8 max-w-100 items-center gap-1">
              <span className="mono min-w-0 flex-1 truncate">
                <span className="text-muted">alias/</span>
                {aliasName(alias)}
              </span>
              <CopyButton text={alias} label={`Copy ${alias}`} />
              {own && (
                <IconButton
                  label={`Remove ${alias}`}
                  icon={<X size={16} aria-hidden="true" />}
                  isDisabled={remove.isPending}
                  onPress={() =>
                    remove.mutate(alias, {
                      onSuccess: () =>
                        notify({
                          message: `Removed ${alias}. Tools that name it are refused from now on.`,
                          action: { label: 'Undo', run: () => void takeBack(queries, () => create(alias)) },
                        }),
                      onError: (error) => notify({ message: asWireError(error).message, tone: 'error' }),
                    })
                  }
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {own && (
        <Form
          className="flex items-start gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (!add.isPending) submit();
          }}
        >
          <TextField
            label="New alias, without alias/"
            hideLabel
            mono
            placeholder="backup"
            value={name}
            onChange={(value) => {
              setName(value.replace(/^alias\//, ''));
              setComplaint(null);
            }}
            onBlur={() => setComplaint(name === '' ? null : aliasProblem(name))}
            error={complaint}
            className="max-w-72 min-w-0 flex-1"
          />
          <Button type="submit" icon={<Plus size={16} aria-hidden="true" />} isDisabled={add.isPending}>
            Add alias
          </Button>
        </Form>
      )}
    </Section>
  );
}
