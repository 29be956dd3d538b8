import { FileUp } from 'lucide-react';
import { DropZone, FileTrigger, isFileDropItem, Text } from 'react-aria-components';
import { Button } from './button.tsx';

/** A place for one file, dropped or chosen. */
export function FileDrop({ label, onFile }: { label: string; onFile: (file: File) => void }) {
  return (
    <DropZone
      getDropOperation={() => 'copy'}
      onDrop={(event) => {
        const item = event.items.find(isFileDropItem);
        if (item !== undefined) void item.getFile().then(onFile);
      }}
      className="flex flex-col items-center gap-3 rounded-panel border border-dashed border-control px-6 py-5 text-center data-drop-target:border-accent data-drop-target:bg-accent-soft"
    >
      <FileUp size={16} aria-hidden="true" className="text-muted" />
      <Text slot="label">{label}</Text>
      <FileTrigger
        onSelect={(files) => {
          const file = files?.[0];
          if (file !== undefined) onFile(file);
        }}
      >
        <Button size="compact">Choose a file…</Button>
      </FileTrigger>
    </DropZone>
  );
}
