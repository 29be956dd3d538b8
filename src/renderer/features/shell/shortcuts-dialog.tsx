import { SHORTCUTS } from '../../lib/shortcuts.ts';
import { Dialog, DialogBody } from '../../ui/dialog.tsx';
import { Keys } from '../../ui/kbd.tsx';

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const groups = Map.groupBy(SHORTCUTS, (shortcut) => shortcut.group);
  return (
    <Dialog title="Shortcuts" isOpen onClose={onClose} width="large">
      <DialogBody readLabel="Shortcuts">
        <div className="wide:columns-2 wide:gap-x-10">
          {[...groups].map(([group, shortcuts]) => (
            <section key={group} aria-label={group} className="flex break-inside-avoid flex-col gap-1 pb-4">
              <h3 className="pb-1 font-semibold">{group}</h3>
              {shortcuts.map((shortcut) => (
                <div key={shortcut.id} className="flex h-7 items-center justify-between gap-4">
                  <span>{shortcut.label}</span>
                  <Keys keys={shortcut.keys} />
                </div>
              ))}
            </section>
          ))}
        </div>
      </DialogBody>
    </Dialog>
  );
}
