import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';

/** One of two or three views of the same thing. */
export function Segments<Id extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  label: string;
  choices: readonly { id: Id; label: string }[];
  value: Id;
  onChange: (id: Id) => void;
}) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = choices.find((choice) => keys.has(choice.id));
        if (chosen !== undefined) onChange(chosen.id);
      }}
      className="inline-flex h-8 w-fit shrink-0 gap-0.5 rounded-control border border-line bg-panel p-0.5"
    >
      {choices.map((choice) => (
        <ToggleButton
          key={choice.id}
          id={choice.id}
          className="flex items-center rounded-[4px] border border-transparent px-2.5 whitespace-nowrap text-muted outline-none data-focus-visible:focus-ring data-hovered:text-ink data-selected:border-line data-selected:bg-canvas data-selected:font-medium data-selected:text-ink"
        >
          {choice.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
