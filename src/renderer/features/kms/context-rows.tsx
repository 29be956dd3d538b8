import { Plus, X } from 'lucide-react';
import { useRef } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';

export interface ContextRow {
  id: number;
  name: string;
  value: string;
}

/** The pairs that have a name; a later one of the same name wins. */
export function contextOf(rows: readonly ContextRow[]): Record<string, string> {
  return Object.fromEntries(rows.filter((row) => row.name !== '').map((row) => [row.name, row.value]));
}

/** An encryption context, pair by pair. */
export function ContextRows({
  label,
  hint,
  rows,
  onChange,
}: {
  label: string;
  hint?: string;
  rows: readonly ContextRow[];
  onChange: (rows: ContextRow[]) => void;
}) {
  const group = useRef<HTMLFieldSetElement>(null);
  const patch = (id: number, change: Partial<ContextRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...change } : row)));
  const add = () => {
    onChange([...rows, { id: Math.max(0, ...rows.map((row) => row.id)) + 1, name: '', value: '' }]);
    window.requestAnimationFrame(() => [...(group.current?.querySelectorAll('input') ?? [])].at(-2)?.focus());
  };
  return (
    <fieldset ref={group} className="flex flex-col gap-1.5">
      <legend className="pb-1 font-medium">{label}</legend>
      {rows.map((row, index) => (
        <div key={row.id} className="flex items-start gap-1.5">
          <TextField
            label={`Name ${index + 1}`}
            hideLabel
            mono
            placeholder="project"
            value={row.name}
            onChange={(name) => patch(row.id, { name })}
            className="min-w-0 flex-1"
          />
          <TextField
            label={`Value ${index + 1}`}
            hideLabel
            mono
            placeholder="blue"
            value={row.value}
            onChange={(value) => patch(row.id, { value })}
            className="min-w-0 flex-1"
          />
          <IconButton
            label={`Remove pair ${index + 1}`}
            className="size-8"
            icon={<X size={16} aria-hidden="true" />}
            onPress={() => onChange(rows.filter((one) => one.id !== row.id))}
          />
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button size="compact" icon={<Plus size={16} aria-hidden="true" />} onPress={add}>
          Add a pair
        </Button>
        {hint !== undefined && <span className="min-w-0 flex-1 text-muted">{hint}</span>}
      </div>
    </fieldset>
  );
}
