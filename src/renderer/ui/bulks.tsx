import { useState } from 'react';
import { formatCount } from '../lib/format.ts';
import { useStore } from '../lib/store.ts';
import { useLate } from '../lib/use-late.ts';
import { type Bulk, bulkStore } from './bulk-store.ts';
import { Button } from './button.tsx';
import { ShareBar } from './progress-share.tsx';

/** What is being done with many things at once, in the corner of the page, with a way to stop it. */
export function Bulks() {
  return useStore(bulkStore).map((bulk) => <BulkCard key={bulk.id} bulk={bulk} />);
}

function BulkCard({ bulk }: { bulk: Bulk }) {
  const [stopping, setStopping] = useState(false);
  // A few things are done before anyone could read this.
  if (!useLate(true, 400)) return null;
  return (
    <div className="pointer-events-auto flex w-96 max-w-full items-center gap-3 rounded-panel border border-line bg-float py-2.5 pr-2.5 pl-4 shadow-float">
      <ShareBar label={bulk.label} value={bulk.done / bulk.of}>
        {formatCount(bulk.done)} of {formatCount(bulk.of)}
      </ShareBar>
      <Button
        size="compact"
        isDisabled={stopping}
        onPress={() => {
          setStopping(true);
          bulk.stop();
        }}
      >
        {stopping ? 'Stopping…' : 'Stop'}
      </Button>
    </div>
  );
}
