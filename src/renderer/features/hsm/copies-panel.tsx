import { useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { VaultCopy } from '../../../contract/hsm.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { formatCount } from '../../lib/format.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { notify } from '../../ui/toast-store.ts';
import { AddMirrorDialog } from './add-mirror-dialog.tsx';
import { CopyState } from './copy-state.tsx';
import { Panel } from './panel.tsx';

/** The files that hold the whole vault. */
export function CopiesPanel({ copies }: { copies: readonly VaultCopy[] }) {
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Copies of the vault"
      note="each holds all of it, encrypted"
      actions={
        <Button size="compact" icon={<Plus size={16} aria-hidden="true" />} onPress={() => setAdding(true)}>
          Add a mirror
        </Button>
      }
    >
      <ul>
        {copies.map((copy) => (
          <Copy key={copy.path} copy={copy} />
        ))}
      </ul>
      {copies.length < 2 && (
        <div className="flex flex-col gap-1 border-t border-line px-4 py-3">
          <span className="text-muted">A mirror from a terminal</span>
          <CodeLine text="keyhold hsm mirror add /media/stick/keyhold" className="max-w-112" />
        </div>
      )}
      {adding && <AddMirrorDialog onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function Copy({ copy }: { copy: VaultCopy }) {
  const queries = useQueryClient();
  const remove = async () => {
    try {
      await call('hsm.mirrorRemove', { path: copy.path });
      notify({
        message: `${copy.path} gets no more changes. The file stays, a vault of its own.`,
        action: { label: 'Undo', run: () => void add() },
      });
    } catch (error) {
      notify({ message: asWireError(error).message, tone: 'error' });
    } finally {
      await queries.invalidateQueries({ queryKey: ['hsm'] });
    }
  };
  const add = async () => {
    try {
      await call('hsm.mirrorAdd', { path: copy.path });
    } catch (error) {
      notify({ message: asWireError(error).message, tone: 'error' });
    } finally {
      await queries.invalidateQueries({ queryKey: ['hsm'] });
    }
  };
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2 first:border-t-0">
      <div className="flex min-w-64 flex-1 flex-col">
        <span className="mono break-all">{copy.path}</span>
        <span className="text-muted">
          {copy.role === 'primary'
            ? 'The vault’s own file'
            : copy.apart
              ? 'Mirror on another disk'
              : 'Mirror on the same disk'}
          {copy.generation !== null && ` · change ${formatCount(copy.generation)}`}
          {copy.lastSeen !== null && copy.state !== 'in-step' && (
            <>
              {' · '}seen <RelativeTime instant={copy.lastSeen} />
            </>
          )}
          {copy.verifiedAt !== null && (
            <>
              {' · '}verified <RelativeTime instant={copy.verifiedAt} />
            </>
          )}
        </span>
        {copy.reason !== null && (
          <span className="text-warn-ink">
            {copy.reason.charAt(0).toUpperCase() + copy.reason.slice(1)}
            {copy.retryAt !== null && (
              <>
                ; tried again <RelativeTime instant={copy.retryAt} />
              </>
            )}
          </span>
        )}
      </div>
      <CopyState state={copy.state} />
      <span className="flex w-8 justify-end">
        {copy.role === 'mirror' && (
          <Menu
            label={`More for ${copy.path}`}
            trigger={<IconButton label={`More for ${copy.path}`} icon={<Ellipsis size={16} aria-hidden="true" />} />}
            actions={[
              {
                id: 'remove',
                label: 'Stop keeping it in step',
                icon: <Trash2 size={16} aria-hidden="true" />,
                danger: true,
                run: () => void remove(),
              },
            ]}
          />
        )}
      </span>
    </li>
  );
}
