import { transport } from './api/keyhold.ts';
import { connectionStore, statusErrorStore, statusStore } from './api/live.ts';
import { ceremonyStore } from './features/create/ceremony.ts';
import { CreateVault } from './features/create/create-vault.tsx';
import { Gate } from './features/shell/gate.tsx';
import { Shell } from './features/shell/shell.tsx';
import { Unlock } from './features/unlock/unlock.tsx';
import { useStore } from './lib/store.ts';
import { useLate } from './lib/use-late.ts';
import { Button } from './ui/button.tsx';
import { ErrorDetails } from './ui/callout.tsx';
import { CodeLine } from './ui/code.tsx';
import { WorkBar } from './ui/progress.tsx';
import { Toasts } from './ui/toasts.tsx';

/** Which of the four faces of the app is shown: reaching the daemon, making a vault, unlocking it, or the vault itself. */
export function App() {
  return (
    <>
      <Face />
      <Toasts />
    </>
  );
}

function Face() {
  const status = useStore(statusStore);
  const error = useStore(statusErrorStore);
  const connection = useStore(connectionStore);
  const ceremony = useStore(ceremonyStore);
  if (connection === 'unauthorized' || error?.code === 'Unauthorized') return <SignedOut />;
  if (status === null) return error === null ? <Reaching /> : <Unreached error={error} />;
  if (status.state === 'none' || ceremony) return <CreateVault />;
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
  return (
    <Gate title="Keyhold is not running">
      <p>{error.message}</p>
      <p className="text-muted">Your vault is safe on disk. This page connects by itself when Keyhold runs again.</p>
      <CodeLine text="keyhold serve --open" />
      <Button variant="primary" onPress={() => window.location.reload()}>
        Try again
      </Button>
      <ErrorDetails error={error} />
    </Gate>
  );
}

function SignedOut() {
  return (
    <Gate title="This page is signed out">
      <p>Keyhold runs, but it does not know this page: each start of the daemon hands out a fresh one-time link.</p>
      <p className="text-muted">Open Keyhold again from a terminal. This tab can be closed.</p>
      <CodeLine text="keyhold serve --open" />
      <Button onPress={() => transport.reconnect()}>Check again</Button>
    </Gate>
  );
}
