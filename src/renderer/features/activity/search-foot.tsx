import { formatExact } from '../../lib/format.ts';
import { useLate } from '../../lib/use-late.ts';
import { Button } from '../../ui/button.tsx';
import { ShareBar } from '../../ui/progress-share.tsx';
import type { SearchState } from './use-audit-log.ts';

/** Below what was found so far: how far back that is, and the way on. Nothing once the whole log was looked at. */
export function SearchFoot({ search }: { search: SearchState }) {
  const { state, reached, share, error } = search;
  const late = useLate(state === 'searching', 400);
  if (state === 'failed') {
    return (
      <div role="alert" className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1">{error?.message}</p>
        <Button size="compact" onPress={search.goOn}>
          Try again
        </Button>
      </div>
    );
  }
  if (state === 'stopped') {
    return (
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 text-muted tabular-nums">{searchedBack(reached)}</p>
        <Button size="compact" onPress={search.goOn}>
          Search on
        </Button>
      </div>
    );
  }
  if (state !== 'searching' || !late) return null;
  return (
    <div className="flex items-center gap-3">
      <ShareBar label="Searching older entries" value={share}>
        {reached !== null && `back to ${formatExact(reached)}`}
      </ShareBar>
      <Button size="compact" onPress={search.stop}>
        Stop
      </Button>
    </div>
  );
}

function searchedBack(reached: string | null): string {
  return reached === null ? 'Older entries were not searched.' : `Searched back to ${formatExact(reached)}.`;
}

/** In the place of the list while nothing was found: that there is nothing is said only once everything was looked at. */
export function NothingFound({ search, onClear }: { search: SearchState; onClear: () => void }) {
  const isStopped = search.state === 'stopped';
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-3 px-6 text-center">
      {search.state === 'done' && <p className="text-muted">No entry matches.</p>}
      {isStopped ? (
        <p className="text-muted tabular-nums">No entry matches so far. {searchedBack(search.reached)}</p>
      ) : (
        <div className="w-full max-w-112 text-left empty:hidden">
          <SearchFoot search={search} />
        </div>
      )}
      <div className="flex flex-wrap justify-center gap-2">
        {isStopped && <Button onPress={search.goOn}>Search on</Button>}
        <Button onPress={onClear}>Clear search and filters</Button>
      </div>
    </div>
  );
}
