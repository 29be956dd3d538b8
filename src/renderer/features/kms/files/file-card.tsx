import { FileIcon, X } from 'lucide-react';
import { formatBytes } from '../../../lib/format.ts';
import { IconButton } from '../../../ui/button.tsx';
import { FileDrop } from '../../../ui/file-drop.tsx';
import { Segments } from '../../../ui/segments.tsx';
import { type Direction, forgetFile, patchFile, takeFile } from './file-store.ts';

/** The file that is in the form, and which way it goes. */
export function FileCard({ file, direction }: { file: File; direction: Direction }) {
  return (
    <div className="flex min-w-0 flex-col items-start gap-4">
      <div className="flex w-full items-center gap-2.5 rounded-control border border-line bg-panel py-1.5 pr-1.5 pl-3">
        <FileIcon size={16} aria-hidden="true" className="shrink-0 text-muted" />
        <span className="min-w-0 flex-1 truncate font-medium" title={file.name}>
          {file.name}
        </span>
        <span className="shrink-0 text-muted tabular-nums">{formatBytes(file.size)}</span>
        <IconButton label="Take the file out" icon={<X size={16} aria-hidden="true" />} onPress={forgetFile} />
      </div>
      <Segments
        label="What to do with it"
        value={direction}
        onChange={(next) => patchFile({ direction: next, error: null, done: null })}
        choices={[
          { id: 'encrypt', label: 'Encrypt' },
          { id: 'decrypt', label: 'Decrypt' },
        ]}
      />
      <div className="w-full">
        <FileDrop label="Drop another to replace it" onFile={(next) => void takeFile(next)} />
      </div>
    </div>
  );
}
