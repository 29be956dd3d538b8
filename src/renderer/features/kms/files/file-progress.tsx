import { ProgressBar } from 'react-aria-components';
import { formatBytes } from '../../../lib/format.ts';
import { Button } from '../../../ui/button.tsx';
import { cancelFile, type Running } from './file-store.ts';

/** How far a file is. */
export function FileProgress({ running }: { running: Running }) {
  const { direction, name, size, bytes, startedMs } = running;
  const seconds = (performance.now() - startedMs) / 1000;
  const share = size === 0 ? 100 : (bytes / size) * 100;
  const what = `${direction === 'encrypt' ? 'Encrypting' : 'Decrypting'} ${name}`;
  return (
    <div className="flex items-center gap-4">
      <ProgressBar value={share} aria-label={what} className="flex min-w-0 flex-1 flex-col gap-2">
        <span className="flex min-w-0 items-baseline gap-3">
          <span className="min-w-0 flex-1 truncate">{what}</span>
          <span className="shrink-0 text-muted tabular-nums">
            {formatBytes(bytes)} of {formatBytes(size)}
            {bytes > 0 && seconds > 1 && ` · ${formatBytes(bytes / seconds)}/s`}
          </span>
        </span>
        <span className="h-1 overflow-hidden rounded-full bg-pressed">
          <svg aria-hidden="true" className="h-full w-full" preserveAspectRatio="none" viewBox="0 0 100 1">
            <rect width={share} height={1} className="fill-accent" />
          </svg>
        </span>
      </ProgressBar>
      <Button onPress={cancelFile}>Cancel</Button>
    </div>
  );
}
