import { Unplug } from 'lucide-react';
import { transport } from '../../api/keyhold.ts';
import { connectionStore } from '../../api/live.ts';
import { useStore } from '../../lib/store.ts';
import { Button } from '../../ui/button.tsx';

/** Says that the daemon is gone, and that the page keeps trying. */
export function ConnectionBanner() {
  const connection = useStore(connectionStore);
  if (connection !== 'down') return null;
  return (
    <div
      role="alert"
      className="flex min-h-10 shrink-0 items-center gap-2.5 border-b border-warn-line bg-warn-soft px-4 py-1.5 text-ink"
    >
      <Unplug size={16} aria-hidden="true" className="shrink-0 text-warn-ink" />
      <p className="min-w-0 flex-1">
        <span className="font-semibold">Keyhold is not answering.</span> What you see may be out of date; nothing can be
        changed until it is back. Trying again…
      </p>
      <Button size="compact" onPress={() => transport.reconnect()}>
        Reconnect now
      </Button>
    </div>
  );
}
