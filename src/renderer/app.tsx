import { useQueryClient } from '@tanstack/react-query';
import { transport } from './api/keyhold.ts';
import { connectionStore, refreshStatus, statusErrorStore, statusStore } from './api/live.ts';
import { ceremonyStore } from './features/create/ceremony.ts';
import { CreateVault } from './features/create/create-vault.tsx';
import { KeyPrompts } from './features/security-keys/key-prompts.tsx';
import { ConnectionBanner } from './features/shell/connection-banner.tsx';
import { Gate } from './features/shell/gate.tsx';
import { Shell } from './features/shell/shell.tsx';
import { Unlock } from './features/unlock/unlock.tsx';
import { useStore } from './lib/store.ts';
import { useLate } from './lib/use-late.ts';
import { Bulks } from './ui/bulks.tsx';
import { Button } from './ui/button.tsx';
import { ErrorDetails } from './ui/callout.tsx';
import { CodeLine } from './ui/code.tsx';
import { WorkBar } from './ui/progress.tsx';
import { Toasts } from './ui/toasts.tsx';

/** Which of the four faces of the app is shown: reaching the daemon, making a vault, unlocking it, or the vault itself. */
export function App() {
  return (
    <div className="flex h-full flex-col">
      <ConnectionBanner />
      <div className="min-h-0 flex-1">
        <Face />
      </div>
      {/* In the top layer: a dialog must neither hide it from screen readers nor keep the pointer from it. */}
      <div
        data-react-aria-top-layer="true"
        className="pointer-events-none fixed right-4 bottom-4 z-30 flex max-w-[calc(100vw-2rem)] flex-col items-end gap-2"
      >
        <Bulks />
        <Toasts />
        <KeyPrompts />
      </div>
    </div>
  );
}

function Face() {
  const status = useStore(statusStore);
  const error = useStore(statusErrorStore);
  const connection = useStore(connectionStore);
  const ceremony = useStore(ceremonyStore);
  // A recovery code on the screen is shown this once, whatever becomes of the session.
  if (ceremony) return <CreateVault />;
  if (connection === 'unauthorized' || error?.code === 'Unauthorized') return <SignedOut />;
  if (status === null) return error === null ? <Reaching /> : <Unreached error={error} />;
  if (status.state === 'none') return <CreateVault />;
  if (status.state === 'locked') return <Unlock status={status} />;
  return <Shell status={status} />;
}

function Reaching() {
  const late = useLate(true);
  return late ? (
    <Gate title="Keyhold">
      <WorkBar label="Reaching the vault…" />
    </Gate>
  ) : null;
}

function Unreached({ error }: { error: Parameters<typeof ErrorDetails>[0]['error'] }) {
  const queries = useQueryClient();
  const retry = () => {
    transport.reconnect();
    return refreshStatus(queries);
  };
  return (
    <Gate title="Keyhold is not running">
      <p role="status">{error.message}</p>
      <p className="text-muted">Your vault is safe on disk. This opens it again, and starts Keyhold where it has to:</p>
      <CodeLine text="keyhold open" />
      {/* Not by loading the page anew: it is the daemon that would have to answer with it. */}
      <Button variant="primary" onPress={() => void retry()}>
        Try again
      </Button>
      <ErrorDetails error={error} />
    </Gate>
  );
}

function SignedOut() {
  return (
    <Gate title="This tab is not signed in">
      <p>
        Keyhold runs, but every tab needs a one-time link of its own: a typed address, a bookmark or an old tab does not
        open the vault. Tabs that are signed in stay so.
      </p>
      <p className="text-muted">Get one from a terminal. It opens in a new tab; this one can be closed.</p>
      <CodeLine text="keyhold open" />
    </Gate>
  );
}
