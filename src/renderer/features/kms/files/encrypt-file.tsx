import { Form } from 'react-aria-components';
import { MOST_DATA_KEYS, RESERVED_CONTEXT } from '../../../../contract/files.ts';
import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { useProfiles } from '../../../api/queries.ts';
import { useStore } from '../../../lib/store.ts';
import { Button } from '../../../ui/button.tsx';
import { CodeLine } from '../../../ui/code.tsx';
import { ContextRows, contextOf } from '../context-rows.tsx';
import type { Place } from '../kms.ts';
import { encryptStore } from '../playground/draft.ts';
import { fileCommand } from './file-command.ts';
import { fileStore, patchFile, runFile } from './file-store.ts';
import { KeyRows } from './key-rows.tsx';

/** For whom, and with what beside it. */
export function EncryptFile({ file, keys, place }: { file: File; keys: readonly KmsKeySummary[]; place: Place }) {
  const draft = useStore(fileStore);
  const offered = useStore(encryptStore).key;
  const profiles = useProfiles().data ?? [];
  // Data keys are made by symmetric keys alone.
  const able = keys.filter((key) => key.spec === 'SYMMETRIC_DEFAULT');
  const usual = able.find((key) => key.id === offered) ?? able.find((key) => key.state === 'Enabled') ?? able[0];
  const kept = draft.keys.flatMap((id) => able.find((key) => key.id === id) ?? []);
  const chosen = kept.length > 0 ? kept : usual === undefined ? [] : [usual];
  const context = contextOf(draft.encryptContext);
  const reserved = Object.keys(context).find((name) => name.startsWith(RESERVED_CONTEXT));
  if (chosen.length === 0) {
    return (
      <p className="text-muted">
        Files are encrypted under symmetric keys, and {place.region} has none. Create one, or choose another Region.
      </p>
    );
  }
  return (
    <Form
      className="flex min-w-0 flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (reserved !== undefined) return;
        void runFile(file, { direction: 'encrypt', ...place, keys: chosen.map((key) => key.arn), context });
      }}
    >
      <KeyRows
        keys={able}
        chosen={chosen}
        most={MOST_DATA_KEYS}
        onChange={(next) => patchFile({ keys: next.map((key) => key.id) })}
      />
      <ContextRows
        label="Encryption context"
        hint="Stands in the file for all to read; nobody can change it."
        rows={draft.encryptContext}
        onChange={(encryptContext) => patchFile({ encryptContext })}
      />
      {reserved !== undefined && (
        <p role="alert" className="text-danger-ink">
          Names that begin with {RESERVED_CONTEXT} are reserved. Choose another than {reserved}.
        </p>
      )}
      <div>
        <Button type="submit" variant="primary" isDisabled={reserved !== undefined}>
          Encrypt and save…
        </Button>
      </div>
      <div className="flex min-w-0 flex-col gap-1">
        <span className="text-muted">The same in a terminal:</span>
        <CodeLine
          text={fileCommand({ direction: 'encrypt', fileName: file.name, keys: chosen, context, profiles, place })}
        />
      </div>
    </Form>
  );
}
