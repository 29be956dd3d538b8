import { ProgressBar } from 'react-aria-components';

/** Work whose length is not known: a bar that sweeps, with what is being done in words. */
export function WorkBar({ label }: { label: string }) {
  return (
    <ProgressBar isIndeterminate aria-label={label} className="flex flex-col gap-2">
      <span className="text-muted">{label}</span>
      <span className="relative h-1 overflow-hidden rounded-full bg-pressed">
        <span className="absolute inset-y-0 left-0 w-1/3 animate-sweep rounded-full bg-accent" />
      </span>
    </ProgressBar>
  );
}
