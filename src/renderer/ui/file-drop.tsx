import { FileUp } from 'lucide-react';
import { DropZone, FileTrigger, isFileDropItem, Text } from 'react-aria-components';
import { Button } from './button.tsx';

type FileDropProps = { label: string } & (
  | { onFile: (file: File) => void }
  /** Where several may come at once. */
  | { onFiles: (files: readonly File[]) => void }
);

/** A place for one file, or for several, dropped or chosen. */
export function FileDrop({ label, ...wanted }: FileDropProps) {
  const many = 'onFiles' in wanted;
  const take = (files: readonly File[]) => {
    const [first] = files;
    if (first === undefined) return;
    if ('onFiles' in wanted) wanted.onFiles(files);
    else wanted.onFile(first);
  };
  return (
    <DropZone
      getDropOperation={() => 'copy'}
      onDrop={(event) => {
        const items = event.items.filter(isFileDropItem);
        void Promise.all((many ? items : items.slice(0, 1)).map((item) => item.getFile())).then(take);
      }}
      className="flex flex-col items-center gap-3 rounded-panel border border-dashed border-control px-6 py-5 text-center data-drop-target:border-accent data-drop-target:bg-accent-soft"
    >
      <FileUp size={16} aria-hidden="true" className="text-muted" />
      <Text slot="label">{label}</Text>
      <FileTrigger allowsMultiple={many} onSelect={(files) => take([...(files ?? [])])}>
        <Button size="compact">{many ? 'Choose files…' : 'Choose a file…'}</Button>
      </FileTrigger>
    </DropZone>
  );
}
