import { useQueryClient } from '@tanstack/react-query';
import { FileKey, FileText } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { wipe } from '../../../client/import/credential-values.ts';
import { KeyholdError } from '../../../contract/errors.ts';
import { Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Callout } from '../../ui/callout.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { FileDrop } from '../../ui/file-drop.tsx';
import { notify } from '../../ui/toast-store.ts';
import {
  MAX_PEM_BYTES,
  missingWords,
  NO_FILES,
  type PemFiles,
  pemText,
  readPemFile,
  withPemFile,
} from './read-pem-file.ts';

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
  const closed = useRef(false);
  useEffect(() => {
    closed.current = false;
    return () => {
      closed.current = true;
      wipe(held.current.key?.bytes);
    };
  }, []);

  const read = async (file: File) => {
    setError(null);
    setFault(null);
    if (file.size > MAX_PEM_BYTES) {
      setFault(`${file.name} is larger than 256 KiB, so it is no certificate and no key.`);
      return;
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    try {
      if (closed.current) return;
      const pem = readPemFile(file.name, bytes);
      setFault(pem.fault);
      if (pem.fault !== null) return;
      held.current = withPemFile(held.current, pem);
      setFiles(held.current);
      if (form.values.name === '' && pem.certificates.length > 0) form.set('name', nameFrom(file.name));
    } finally {
      wipe(bytes);
    }
  };
  const save = async () => {
    const missing = missingWords(files);
    setFault(missing);
    const { key } = files;
    if (!form.validate() || missing !== null || key === null) return;
    setWorking(true);
    setError(null);
    try {
      const made = await callSealed('certificate.import', async (seal) => ({
        name: form.values.name,
        pem: pemText(files),
        privateKey: await seal('private-key', key.bytes),
      }));
      notify({
        message: `The key of ${made.name} is in the HSM. ${key.fileName} still has it: delete it once nothing else needs it.`,
        lasting: true,
      });
      onClose();
    } catch (caught) {
      const wire = asWireError(caught);
      // A name that is taken is said at the name; a key that is here already is not the name’s fault.
      if (wire.code === 'AlreadyExists' && wire.details?.['name'] === form.values.name)
        form.complain('name', wire.message);
      else setError(KeyholdError.fromWire(wire));
    } finally {
      await refresh(queries, 'certificates');
      setWorking(false);
    }
  };
  const any = files.key !== null || files.certificates.length > 0;
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
            any
              ? 'Drop another file, or one again to replace it'
              : 'Drop the private key, the certificate and those above it, in PEM: one file or several'
          }
          onFiles={(chosen) => void readAll(chosen, read)}
        />
        {any && (
          <ul aria-label="What the files have" className="flex flex-col gap-1">
            {files.key !== null && (
              <Found icon={<FileKey size={16} aria-hidden="true" />} what="Private key" fileName={files.key.fileName} />
            )}
            {files.certificates.map(({ fileName, pem }) => (
              <Found
                key={fileName}
                icon={<FileText size={16} aria-hidden="true" />}
                what={plural(pem.length, 'certificate')}
                fileName={fileName}
              />
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

/** One after the other: each adds to what those before it had. */
async function readAll(files: readonly File[], read: (file: File) => Promise<void>): Promise<void> {
  for (const file of files) await read(file);
}

function Found({ icon, what, fileName }: { icon: ReactNode; what: string; fileName: string }) {
  return (
    <li className="flex min-h-6 items-center gap-2">
      <span className="text-muted">{icon}</span>
      <span className="font-medium">{what}</span>
      <span className="mono min-w-0 truncate text-muted">{fileName}</span>
    </li>
  );
}

/** `build.crt.pem` is called build. */
function nameFrom(fileName: string): string {
  return fileName.replace(/(\.(pem|crt|cer|cert))+$/i, '').slice(0, 64);
}
