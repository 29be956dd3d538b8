import type { WireError } from '../../../contract/errors.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';

/** Why the vault stays shut; an older file can be opened by whoever wants that. */
export function UnlockError({
  error,
  isDisabled,
  onAccept,
}: {
  error: WireError;
  isDisabled: boolean;
  onAccept: () => void;
}) {
  if (error.code !== 'VaultRolledBack') return <ErrorCallout error={error} />;
  return (
    <ErrorCallout
      error={error}
      title="This vault file is older than the one last opened here"
      actions={
        <Button size="compact" isDisabled={isDisabled} onPress={onAccept}>
          Open the older file
        </Button>
      }
    />
  );
}
