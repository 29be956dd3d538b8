import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { formatBytes } from '../../../lib/format.ts';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { TextField } from '../../../ui/field.tsx';
import { FileDrop } from '../../../ui/file-drop.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import { FILES } from './recipe.ts';

export interface UploadedFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface Upload {
  token: UploadedFile | null;
  encrypted: UploadedFile | null;
  expires: boolean;
  /** As `<input type="datetime-local">` has it, in the reader's own time. */
  until: string;
  /** The same material as before, not new one to rotate to. */
  again: boolean;
  description: string;
}

/** AWS's bound of ImportKeyMaterial's ValidTo. */
const LONGEST_MS = 365 * 86_400_000;

export function expiryProblem(upload: Pick<Upload, 'expires' | 'until'>, now: number): string | null {
  if (!upload.expires) return null;
  const at = Date.parse(upload.until);
  if (Number.isNaN(at)) return 'Say when the material expires.';
  if (at <= now) return 'The material must expire in the future.';
  return at > now + LONGEST_MS ? 'The material can be valid for at most 365 days.' : null;
}

async function readFile(file: File): Promise<UploadedFile> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

export function UploadStep({
  kmsKey: key,
  upload,
  onChange,
  complaint,
}: {
  kmsKey: KmsKeySummary;
  upload: Upload;
  onChange: (change: Partial<Upload>) => void;
  complaint: string | null;
}) {
  const symmetric = key.spec === 'SYMMETRIC_DEFAULT';
  return (
    <>
      <FileDrop
        label={
          upload.encrypted === null
            ? `Drop ${FILES.encrypted}`
            : `${upload.encrypted.name}, ${formatBytes(upload.encrypted.bytes.length)}. Drop another to replace it.`
        }
        onFile={(file) => void readFile(file).then((encrypted) => onChange({ encrypted }))}
      />
      {upload.token === null ? (
        <FileDrop
          label={`And ${FILES.token}, which you saved with the wrapping key`}
          onFile={(file) => void readFile(file).then((token) => onChange({ token }))}
        />
      ) : (
        <p className="text-muted">Import token: {upload.token.name}.</p>
      )}
      {complaint !== null && (
        <p role="alert" className="text-danger-ink">
          {complaint}
        </p>
      )}
      {symmetric && key.materials > 0 && (
        <RadioCards
          label="What is it?"
          columns={2}
          cards={[
            { id: 'again', title: 'The same material again', text: 'It had expired or was deleted.' },
            { id: 'new', title: 'New material', text: 'The key rotates to it when you say so.' },
          ]}
          value={upload.again ? 'again' : 'new'}
          onChange={(id) => onChange({ again: id === 'again' })}
        />
      )}
      <Checkbox isSelected={upload.expires} onChange={(expires) => onChange({ expires })}>
        It expires
        <span className="block text-muted">
          Keyhold then deletes it by itself, and the key waits until you import it again.
        </span>
      </Checkbox>
      {upload.expires && (
        <TextField
          label="Valid until"
          type="datetime-local"
          value={upload.until}
          onChange={(until) => onChange({ until })}
          className="max-w-64"
        />
      )}
      {symmetric && (
        <TextField
          label="Description of the material"
          optional
          maxLength={256}
          placeholder="From the safe, 2026"
          value={upload.description}
          onChange={(description) => onChange({ description })}
        />
      )}
    </>
  );
}
