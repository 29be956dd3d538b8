import type { ReactNode } from 'react';
import { Mark } from '../../ui/mark.tsx';

/** The page before the vault is open: one column in the middle. */
export function Gate({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <main className="flex h-full overflow-y-auto bg-panel px-4 py-8">
      <div className="m-auto flex w-full max-w-100 flex-col gap-6">
        <div className="flex flex-col items-start gap-4">
          <Mark size={40} />
          <div className="flex flex-col gap-1">
            <h1 className="text-display font-semibold">{title}</h1>
            {lead !== undefined && <p className="text-muted">{lead}</p>}
          </div>
        </div>
        <div className="flex flex-col gap-4">{children}</div>
      </div>
    </main>
  );
}
