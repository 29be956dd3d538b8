import { isMac, keyLabel } from '../lib/shortcuts.ts';

/** Keys of a shortcut. */
export function Keys({ keys }: { keys: readonly string[] }) {
  const mac = isMac();
  return (
    <span className="inline-flex shrink-0 gap-1">
      {keys.map((key) => (
        <kbd
          key={key}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-control border border-line bg-panel px-1.5 text-muted"
        >
          {keyLabel(key, mac)}
        </kbd>
      ))}
    </span>
  );
}
