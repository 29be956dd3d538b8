import { Plus, X } from 'lucide-react';
import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Select } from '../../../ui/select.tsx';
import { keyTitle, stateWords } from '../key-words.ts';

/** The keys any one of which will open a file. */
export function KeyRows({
  keys,
  chosen,
  most,
  onChange,
}: {
  keys: readonly KmsKeySummary[];
  chosen: readonly KmsKeySummary[];
  most: number;
  onChange: (keys: KmsKeySummary[]) => void;
}) {
  const free = keys.filter((key) => !chosen.includes(key));
  const next = free.find((key) => key.state === 'Enabled');
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="pb-1 font-medium">Keys that open it</legend>
      {chosen.map((key, index) => (
        <div key={key.id} className="flex items-start gap-1.5">
          <Select
            label={`Key ${index + 1}`}
            hideLabel
            className="min-w-0 flex-1"
            choices={[key, ...free].map((one) => ({
              id: one.id,
              label: one.state === 'Enabled' ? keyTitle(one) : `${keyTitle(one)} (${stateWords(one.state)})`,
            }))}
            value={key.id}
            onChange={(id) => {
              const found = keys.find((one) => one.id === id);
              if (found !== undefined) onChange(chosen.map((one) => (one === key ? found : one)));
            }}
          />
          {chosen.length > 1 && (
            <IconButton
              label={`Remove key ${index + 1}`}
              className="size-8"
              icon={<X size={16} aria-hidden="true" />}
              onPress={() => onChange(chosen.filter((one) => one !== key))}
            />
          )}
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button
          size="compact"
          icon={<Plus size={16} aria-hidden="true" />}
          isDisabled={next === undefined || chosen.length >= most}
          onPress={() => {
            if (next !== undefined) onChange([...chosen, next]);
          }}
        >
          Add a key
        </Button>
        {chosen.length > 1 && <span className="text-muted">Any one of them is enough.</span>}
      </div>
    </fieldset>
  );
}
