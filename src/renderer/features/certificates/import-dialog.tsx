import { useQueryClient } from '@tanstack/react-query';
import { FileKey, FileText, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { wipe } from '../../../client/import/credential-values.ts';
import { KeyholdError } from '../../../contract/errors.ts';
import { Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { useGone } from '../../lib/use-gone.ts';
import { IconButton } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { FileDrop } from '../../ui/file-drop.tsx';
import { notify } from '../../ui/toast-store.ts';
import {
  missingWords,
  NO_FILES,
  type PemFiles,
  type PemRow,
  pemRows,
  pemText,
  withoutPemFile,
  withPemFile,
} from './pem-files.ts';
import { MAX_PEM_BYTES, readPemFile } from './read-pem-file.ts';

/** A private key and its certificate that were in files; the key is sealed in the page. */
export function ImportCertificateDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [files, setFiles] = useState<PemFiles>(NO_FILES);
  const [fault, setFault] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const form = useForm({ name: '' }, { name: matches(Name) });
  // What is wiped when the dialog goes, whatever was chosen last.
  const held = useRef(files);
  const gone = useGone();
  useEffect(() => () => wipe(held.current.key?.bytes), []);
  const hold = (next: PemFiles) => {
    held.current = next;
    setFiles(next);
  };

  /** Answers why the file is of no use, or null. */
  const read = async (file: File): Promise<string | null> => {
    if (file.size > MAX_PEM_BYTES) return `${file.name} is larger than 256 KiB, so it is no certificate and no key.`;
    const bytes = await bytesOf(file);
    if (bytes === null)
      return `${file.name} cannot be read. See that it is still there and yours to read, and choose it again.`;
    try {
      if (gone.current) return null;
      const pem = readPemFile(file.name, bytes);
      if (pem.fault !== null) return pem.fault;
      const isFirst = held.current.certificates.length === 0 && pem.certificates.length > 0;
      hold(withPemFile(held.current, pem));
      if (form.values.name === '' && isFirst) form.set('name', nameFrom(file.name));
      return null;
    } finally {
      wipe(bytes);
    }
  };
  /** One after the other: each adds to what those before it had. */
  const readAll = async (chosen: readonly File[]) => {
    setError(null);
    setFault(null);
    const faults: string[] = [];
    for (const file of chosen) {
      const why = await read(file);
      if (why !== null) faults.push(why);
    }
    if (faults.length > 0) setFault(faults.join(' '));
  };
  const takeOut = (called: string) => {
    setError(null);
    setFault(null);
    hold(withoutPemFile(held.current, called));
  };
  const save = async () => {
    const missing = missingWords(files);
    setFault(missing);
    const { key } = files;
    if (!form.validate() || missing !== null || key === null) return;
    setWorking(true);
    setError(null);
    // A copy: the dialog’s own is wiped when it is closed or another file is chosen meanwhile.
    const bytes = new Uint8Array(key.bytes);
    try {
      const made = await callSealed('certificate.import', async (seal) => ({
        name: form.values.name,
        pem: pemText(files),
        privateKey: await seal('private-key', bytes),
      }));
      notify({
        message: `The key of ${made.name} is in the HSM. ${key.fileName} still has it: delete it once nothing else needs it.`,
        lasting: true,
      });
      if (!gone.current) onClose();
    } catch (caught) {
      const wire = asWireError(caught);
      if (gone.current) {
        notify({ message: wire.message, tone: 'error' });
        return;
      }
      // A name that is taken is said at the name; a key that is here already is not the name’s fault.
      if (wire.code === 'AlreadyExists' && wire.details?.['name'] === form.values.name)
        form.complain('name', wire.message);
      else setError(KeyholdError.fromWire(wire));
    } finally {
      wipe(bytes);
      await refresh(queries, 'certificates');
      setWorking(false);
    }
  };
  const rows = pemRows(files);
  return (
    <Dialog title="Import a certificate" isOpen onClose={onClose}>
      <DialogForm
        send="Import"
        sending="Importing…"
        isSending={working}
        error={error}
        onSend={() => void save()}
        onCancel={onClose}
      >
        <FileDrop
          label={
            rows.length > 0
              ? 'Drop another file'
              : 'Drop the private key, the certificate and those above it, in PEM: one file or several'
          }
          onFiles={(chosen) => void readAll(chosen)}
        />
        {rows.length > 0 && (
          <ul aria-label="What the files have" className="flex flex-col gap-1">
            {rows.map((row) => (
              <FileRow key={row.called} row={row} isDisabled={working} onRemove={() => takeOut(row.called)} />
            ))}
          </ul>
        )}
        {fault !== null && (
          <Callout tone="error" live>
            {fault}
          </Callout>
        )}
        <TextField label="Name" placeholder="build" hint="How profiles call it." {...form.field('name')} />
        <p className="text-muted">
          A key that was in a file may be in other copies of it. For one that never was, make a new key pair here and
          have your CA issue a certificate for it.
        </p>
      </DialogForm>
    </Dialog>
  );
}

function FileRow({ row, isDisabled, onRemove }: { row: PemRow; isDisabled: boolean; onRemove: () => void }) {
  const { called, hasKey, certificates } = row;
  const Icon = hasKey ? FileKey : FileText;
  const has = [
    ...(hasKey ? ['Private key'] : []),
    ...(certificates === 0 ? [] : [plural(certificates, 'certificate')]),
  ];
  return (
    <li className="flex min-h-6 items-center gap-2">
      <Icon size={16} aria-hidden="true" className="shrink-0 text-muted" />
      <span className="shrink-0 font-medium">{has.join(' and ')}</span>
      <span className="mono min-w-0 flex-1 truncate text-muted">{called}</span>
      <IconButton
        label={`Remove ${called}`}
        icon={<X size={16} aria-hidden="true" />}
        isDisabled={isDisabled}
        onPress={onRemove}
      />
    </li>
  );
}

/** Null where the browser cannot read it: it was deleted or closed to this user since it was chosen. */
async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

/** `build.crt.pem` is called build. */
function nameFrom(fileName: string): string {
  return fileName.replace(/(\.(pem|crt|cer|cert))+$/i, '').slice(0, 64);
}
