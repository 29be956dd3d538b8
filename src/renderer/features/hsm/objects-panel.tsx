import type { HsmStatus } from '../../../contract/hsm.ts';
import { formatCount } from '../../lib/format.ts';
import { Panel } from './panel.tsx';

/** What the HSM holds, by kind: how many of each, drawn to the same scale. */
export function ObjectsPanel({ objects }: { objects: NonNullable<HsmStatus['objects']> }) {
  const kinds = [...objects.byKind].sort((a, b) => b.count - a.count);
  const most = kinds[0]?.count ?? 1;
  return (
    <Panel title="Objects" note={`${formatCount(objects.total)}, none of which can be read out`}>
      {kinds.length === 0 ? (
        <p className="px-4 py-3 text-muted">None yet. Access keys, client keys and KMS keys each have one.</p>
      ) : (
        <ul className="py-1.5">
          {kinds.map((kind) => (
            <li key={`${kind.class} ${kind.spec}`} className="flex h-8 items-center gap-3 px-4">
              <span className="mono w-40 shrink-0 truncate" title={kind.spec}>
                {kind.spec}
              </span>
              <span className="w-24 shrink-0 truncate text-muted max-wide:hidden">{kind.class}</span>
              <svg aria-hidden="true" className="h-2 min-w-0 flex-1" width="100%">
                <rect width="100%" height="8" rx="4" className="fill-hover" />
                <rect width={`${Math.max(1, (kind.count / most) * 100)}%`} height="8" rx="4" className="fill-accent" />
              </svg>
              <span className="w-16 shrink-0 text-right tabular-nums">{formatCount(kind.count)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
