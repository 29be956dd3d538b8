import { useState } from 'react';
import { toBase64 } from '../../../../client/base64.ts';
import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { useProfiles } from '../../../api/queries.ts';
import { formatBytes } from '../../../lib/format.ts';
import { useStore } from '../../../lib/store.ts';
import { Callout } from '../../../ui/callout.tsx';
import { CodeLine } from '../../../ui/code.tsx';
import { FileDrop } from '../../../ui/file-drop.tsx';
import { contextOf } from '../context-rows.tsx';
import type { Place } from '../kms.ts';
import { encryptStore } from './draft.ts';
import { encryptCommand } from './encrypt-command.ts';
import { plaintextLimit } from './limits.ts';
import { Panel } from './panel.tsx';

/** A file: into the form above where it fits in one message of the KMS, else the command that encrypts it. */
export function FilePanel({ keys, place }: { keys: readonly KmsKeySummary[]; place: Place }) {
  const draft = useStore(encryptStore);
  const profiles = useProfiles().data ?? [];
  const [file, setFile] = useState<{ name: string; size: number; fits: boolean } | null>(null);
  const key = keys.find((one) => one.id === draft.key) ?? keys.find((one) => one.state === 'Enabled') ?? keys[0];
  if (key === undefined) return null;

  const take = async (given: File) => {
    const fits = given.size > 0 && given.size <= plaintextLimit(key.spec, draft.algorithm);
    if (fits) {
      const bytes = new Uint8Array(await given.arrayBuffer());
      encryptStore.set((current) => ({ ...current, plaintext: toBase64(bytes), form: 'base64' }));
    }
    setFile({ name: given.name, size: given.size, fits });
  };
  const command = encryptCommand({
    fileName: file?.name ?? 'backup.tar',
    key,
    context: contextOf(draft.context),
    profiles,
    place,
  });
  return (
    <Panel title="Encrypt a file">
      <div className="grid items-start gap-x-8 gap-y-4 min-[1080px]:grid-cols-2">
        <FileDrop
          label={file === null ? 'Drop a file' : `${file.name}, ${formatBytes(file.size)}. Drop another to replace it.`}
          onFile={(given) => void take(given)}
        />
        <div className="flex min-w-0 flex-col gap-3">
          {file?.fits === true ? (
            <Callout tone="info" live title="It fits in one message">
              {file.name} stands above, as base64. Encrypt it there.
            </Callout>
          ) : key.spec !== 'SYMMETRIC_DEFAULT' ? (
            <p className="text-muted">
              Files are encrypted under symmetric keys. Choose one above for anything over{' '}
              {formatBytes(plaintextLimit(key.spec, draft.algorithm))}.
            </p>
          ) : (
            <>
              <p role={file === null ? undefined : 'status'}>
                {file === null
                  ? 'Files of any size are encrypted by one command:'
                  : `${file.name} is for the command line. In its folder:`}
              </p>
              <CodeLine text={command} />
              <p className="text-muted">
                A page would have to hold all of the file, and the key to it, in the browser’s memory. The command
                streams it in the AWS Encryption SDK’s format, which other tools read, and leaves nothing half-written.
                Files up to {formatBytes(plaintextLimit(key.spec, draft.algorithm))} can be encrypted here.
              </p>
            </>
          )}
        </div>
      </div>
    </Panel>
  );
}
