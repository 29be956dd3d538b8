import { Unplug } from 'lucide-react';
import { transport } from '../../api/keyhold.ts';
import { connectionStore, statusStore } from '../../api/live.ts';
import { useStore } from '../../lib/store.ts';
import { Button } from '../../ui/button.tsx';

/** Says that the daemon is gone and how to go on. One that was started anew listens elsewhere and knows no old session. */
export function ConnectionBanner() {
  const connection = useStore(connectionStore);
  const known = useStore(statusStore) !== null;
  // A page that never heard of the daemon says so by itself.
  if (connection !== 'down' || !known) return null;
  return (
    <div
      role="alert"
      className="flex min-h-10 shrink-0 items-center gap-2.5 border-b border-warn-line bg-warn-soft px-4 py-1.5 text-ink"
    >
      <Unplug size={16} aria-hidden="true" className="shrink-0 text-warn-ink" />
      <p className="min-w-0 flex-1">
        <span className="font-semibold">Keyhold is not answering.</span> If it was stopped or restarted, this tab’s
        session ended with it: open a new one with <code className="whitespace-nowrap">keyhold open</code>. What you see
        may be out of date.
      </p>
      <Button size="compact" onPress={() => transport.reconnect()}>
        Reconnect now
      </Button>
    </div>
  );
}
