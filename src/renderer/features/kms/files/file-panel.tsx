import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { useProfiles } from '../../../api/queries.ts';
import { useStore } from '../../../lib/store.ts';
import { CodeLine } from '../../../ui/code.tsx';
import { FileDrop } from '../../../ui/file-drop.tsx';
import type { Place } from '../kms.ts';
import { Panel } from '../playground/panel.tsx';
import { DecryptFile } from './decrypt-file.tsx';
import { EncryptFile } from './encrypt-file.tsx';
import { FileCard } from './file-card.tsx';
import { fileCommand } from './file-command.ts';
import { FileOutcome } from './file-outcome.tsx';
import { FileProgress } from './file-progress.tsx';
import { fileStore, takeFile } from './file-store.ts';

/** Files of any size: encrypted into AWS Encryption SDK messages, and decrypted again. */
export function FilePanel({ keys, place }: { keys: readonly KmsKeySummary[]; place: Place }) {
  const { file, kind, direction, running } = useStore(fileStore);
  return (
    <Panel title="Files">
      {running !== null ? (
        <FileProgress running={running} />
      ) : file === null ? (
        <NoFile keys={keys} place={place} />
      ) : (
        <div className="grid items-start gap-x-8 gap-y-4 min-[1080px]:grid-cols-2">
          <FileCard file={file} direction={direction} />
          {kind !== null &&
            (direction === 'encrypt' ? (
              <EncryptFile file={file} keys={keys} place={place} />
            ) : (
              <DecryptFile file={file} kind={kind} place={place} />
            ))}
        </div>
      )}
      <FileOutcome />
    </Panel>
  );
}

function NoFile({ keys, place }: { keys: readonly KmsKeySummary[]; place: Place }) {
  const profiles = useProfiles().data ?? [];
  const key = keys.find((one) => one.spec === 'SYMMETRIC_DEFAULT');
  return (
    <div className="grid items-center gap-x-8 gap-y-4 min-[1080px]:grid-cols-2">
      <FileDrop
        label="Drop a file to encrypt it, or an encrypted one to decrypt it"
        onFile={(file) => void takeFile(file)}
      />
      <div className="flex min-w-0 flex-col gap-2">
        <p className="text-muted">
          Of any size. It becomes a message of the AWS Encryption SDK, which AWS’s own tools read, and nothing is saved
          until all of it is good. In a terminal:
        </p>
        <CodeLine
          text={fileCommand({
            direction: 'encrypt',
            fileName: 'backup.tar',
            keys: key === undefined ? [] : [key],
            context: {},
            profiles,
            place,
          })}
        />
      </div>
    </div>
  );
}
