import { Switch as AriaSwitch } from 'react-aria-components';

export function Switch({
  label,
  isSelected,
  onChange,
  isDisabled = false,
  hideLabel = false,
}: {
  label: string;
  isSelected: boolean;
  onChange: (on: boolean) => void;
  isDisabled?: boolean;
  /** The name is beside it already; screen readers still hear it. */
  hideLabel?: boolean;
}) {
  return (
    <AriaSwitch
      isSelected={isSelected}
      onChange={onChange}
      isDisabled={isDisabled}
      className="group flex items-center gap-2.5 outline-none data-disabled:opacity-50"
    >
      <span className="flex h-5 w-9 items-center rounded-full border border-control bg-pressed p-0.5 transition-colors duration-100 group-data-focus-visible:focus-ring group-data-selected:border-accent group-data-selected:bg-accent">
        <span className="size-3.5 rounded-full bg-muted transition-transform duration-100 group-data-selected:translate-x-4 group-data-selected:bg-on-accent" />
      </span>
      <span className={hideLabel ? 'sr-only' : ''}>{label}</span>
    </AriaSwitch>
  );
}
