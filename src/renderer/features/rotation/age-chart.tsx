import { TriangleAlert } from 'lucide-react';
import type { AccessKey } from '../../../contract/schemas.ts';
import { formatCount } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { ageBands } from './key-ages.ts';

/** Ages of the keys in use: a table whose rows have a bar, so that it reads the same without being seen. */
export function AgeChart({ keys }: { keys: readonly AccessKey[] }) {
  const now = useNow();
  const bands = ageBands(keys, now);
  const most = Math.max(1, ...bands.map((band) => band.count));
  return (
    <table className="w-full [@media(max-height:560px)]:hidden">
      <caption className="pb-1 text-left text-muted">Keys in use by age</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Age</th>
          <th scope="col">Keys</th>
        </tr>
      </thead>
      <tbody>
        {bands.map((band) => (
          <tr key={band.label} className="h-5">
            <th scope="row" className="w-26 text-left font-normal whitespace-nowrap">
              {band.label}
            </th>
            <td>
              <span className="flex items-center gap-2">
                <span
                  aria-hidden="true"
                  className="flex h-2 overflow-hidden rounded-full"
                  style={{ width: `${band.count === 0 ? 0 : Math.max(2, (band.count / most) * 60)}%` }}
                >
                  <span className="flex-1 bg-accent" />
                  <span className="bg-warn" style={{ width: `${(100 * band.due) / Math.max(1, band.count)}%` }} />
                </span>
                <span className="tabular-nums">{formatCount(band.count)}</span>
                {band.due > 0 && (
                  <span className="flex items-center gap-1 font-medium text-warn-ink">
                    <TriangleAlert size={12} aria-hidden="true" />
                    {band.due === band.count ? 'due' : `${formatCount(band.due)} due`}
                  </span>
                )}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
