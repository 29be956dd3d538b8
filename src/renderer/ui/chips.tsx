import { ToggleButton } from 'react-aria-components';

export interface Chip {
  id: string;
  label: string;
}

/** Filters that are on or off. */
export function Chips({
  label,
  chips,
  on,
  onChange,
}: {
  label: string;
  chips: readonly Chip[];
  on: readonly string[];
  onChange: (on: readonly string[]) => void;
}) {
  return (
    <fieldset aria-label={label} className="flex min-w-0 flex-wrap gap-1.5">
      {chips.map((chip) => (
        <ToggleButton
          key={chip.id}
          isSelected={on.includes(chip.id)}
          onChange={(selected) => onChange(selected ? [...on, chip.id] : on.filter((id) => id !== chip.id))}
          className="h-6 rounded-full border border-line px-2.5 text-muted outline-none data-hovered:bg-hover data-focus-visible:focus-ring data-selected:border-accent-line data-selected:bg-accent-soft data-selected:font-medium data-selected:text-accent-ink"
        >
          {chip.label}
        </ToggleButton>
      ))}
    </fieldset>
  );
}
