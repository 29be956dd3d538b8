import { useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Section } from '../../ui/facts.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { kmsCall } from './kms.ts';
import { placeOf, useKmsChange } from './kms-queries.ts';
import { takeBack } from './take-back.ts';

/** Tags, which policies can ask for. */
export function TagsSection({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [complaint, setComplaint] = useState<string | null>(null);
  const place = placeOf(key);
  const queries = useQueryClient();
  const tagWith = (tag: { TagKey: string; TagValue: string }) =>
    kmsCall(place, 'TagResource', { KeyId: key.keyId, Tags: [tag] });
  const put = useKmsChange(tagWith);
  const remove = useKmsChange((tagKey: string) =>
    kmsCall(place, 'UntagResource', { KeyId: key.keyId, TagKeys: [tagKey] }),
  );
  const submit = () => {
    if (name.trim() === '') return setComplaint('Give the tag a name.');
    put.mutate(
      { TagKey: name.trim(), TagValue: value.trim() },
      {
        onSuccess: () => {
          setName('');
          setValue('');
        },
        onError: (error) => setComplaint(asWireError(error).message),
      },
    );
  };
  return (
    <Section title="Tags">
      {key.tags.length === 0 ? (
        <p className="text-muted">None. Tags sort keys by team or purpose, and policies can ask for them.</p>
      ) : (
        <ul className="flex flex-wrap gap-1.5">
          {key.tags.map((tag) => (
            <li
              key={tag.key}
              className="flex h-8 max-w-full items-center gap-2 rounded-control border border-line bg-panel pr-0.5 pl-2.5"
            >
              <span className="min-w-0 truncate font-medium">{tag.key}</span>
              <span className="min-w-0 truncate text-muted">{tag.value}</span>
              <IconButton
                label={`Remove the tag ${tag.key}`}
                icon={<X size={16} aria-hidden="true" />}
                isDisabled={remove.isPending}
                onPress={() =>
                  remove.mutate(tag.key, {
                    onSuccess: () =>
                      notify({
                        message: `Removed the tag ${tag.key}.`,
                        action: {
                          label: 'Undo',
                          run: () => void takeBack(queries, () => tagWith({ TagKey: tag.key, TagValue: tag.value })),
                        },
                      }),
                    onError: (error) => notify({ message: asWireError(error).message, tone: 'error' }),
                  })
                }
              />
            </li>
          ))}
        </ul>
      )}
      <Form
        className="flex flex-wrap items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (!put.isPending) submit();
        }}
      >
        <TextField
          label="Tag name"
          hideLabel
          placeholder="team"
          value={name}
          onChange={(next) => {
            setName(next);
            setComplaint(null);
          }}
          error={complaint}
          className="w-36"
        />
        <TextField
          label="Tag value"
          hideLabel
          placeholder="payments"
          value={value}
          onChange={setValue}
          className="w-36"
        />
        <Button type="submit" icon={<Plus size={16} aria-hidden="true" />} isDisabled={put.isPending}>
          Add tag
        </Button>
      </Form>
    </Section>
  );
}
