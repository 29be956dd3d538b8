import { asWireError } from '../../../api/error.ts';
import { shellQuote } from '../../../lib/shell-quote.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState, ErrorState, RowsSkeleton } from '../../../ui/states.tsx';
import { openDialog } from '../../dialogs/dialog-store.ts';
import { FilePanel } from '../files/file-panel.tsx';
import { useKmsKeys } from '../kms-queries.ts';
import { NoLocalAccount } from '../no-local-account.tsx';
import { usePlace } from '../place.ts';
import { PlacePicker } from '../place-picker.tsx';
import { DecryptPanel } from './decrypt-panel.tsx';
import { EncryptPanel } from './encrypt-panel.tsx';

/** A place to try keys out: encrypt some bytes and decrypt them again, with an encryption context. */
export function EncryptScreen() {
  const choices = usePlace();
  const { place } = choices;
  const query = useKmsKeys(place);
  if (place === null) return choices.known ? <NoLocalAccount title="Encrypt" /> : null;
  if (query.isError && query.data === undefined) {
    return <ErrorState what="KMS keys" error={asWireError(query.error)} onRetry={() => void query.refetch()} />;
  }
  const keys = (query.data ?? []).filter((key) => key.usage === 'ENCRYPT_DECRYPT');
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <header className="flex min-h-13 max-w-320 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 px-6 py-2">
        <h1 className="text-title font-semibold">Encrypt</h1>
        <span className="flex-1" />
        <div className="w-full max-w-96">
          <PlacePicker choices={choices} />
        </div>
      </header>
      {query.data === undefined ? (
        <RowsSkeleton />
      ) : keys.length === 0 ? (
        <EmptyState
          title={`No key to encrypt with in ${place.region}`}
          command={`keyhold exec ${shellQuote(place.account)} -- aws kms create-key --region ${place.region}`}
          action={
            <Button variant="primary" onPress={() => openDialog({ kind: 'kms.create', place })}>
              Create a key
            </Button>
          }
        >
          Here you can encrypt a few bytes under a key and read them again, to see how a tool will.
        </EmptyState>
      ) : (
        <div className="grid max-w-320 gap-x-8 gap-y-6 px-6 pt-2 pb-8 min-[1080px]:grid-cols-2">
          <EncryptPanel keys={keys} place={place} />
          <DecryptPanel keys={keys} place={place} />
          <div className="min-[1080px]:col-span-2">
            <FilePanel keys={keys} place={place} />
          </div>
        </div>
      )}
    </div>
  );
}
