import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Certificate, CertificateKeySpec } from '../../../contract/certificates.ts';
import { Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { saveTextFile } from '../../lib/save-text-file.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CodeBlock } from '../../ui/code.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { Select } from '../../ui/select.tsx';
import { SPEC_CHOICES } from './certificate-words.ts';

export type RequestFor =
  | { kind: 'new' }
  | { kind: 'rotate'; certificate: Certificate }
  | { kind: 'again'; certificate: Certificate };

interface Wanted {
  name: string;
  keySpec: CertificateKeySpec;
  subject: string;
}

function ask(what: RequestFor, { name, keySpec, subject }: Wanted) {
  const own = subject.trim() === '' ? {} : { subject: subject.trim() };
  switch (what.kind) {
    case 'new':
      return call('certificate.create', { name, keySpec, ...own });
    case 'rotate':
      return call('certificate.rotate', { name: what.certificate.name, keySpec, ...own });
    case 'again':
      return call('certificate.csr', { name: what.certificate.name });
  }
}

/** A key pair in the HSM, and the request that a CA issues a certificate for. */
export function RequestDialog({ what, onClose }: { what: RequestFor; onClose: () => void }) {
  const queries = useQueryClient();
  const before = what.kind === 'new' ? undefined : what.certificate;
  const [keySpec, setKeySpec] = useState<CertificateKeySpec>(before?.keySpec ?? 'EC_P256');
  const form = useForm(
    { name: before?.name ?? '', subject: what.kind === 'rotate' ? what.certificate.subject : '' },
    { name: matches(Name) },
  );
  const made = useMutation({
    mutationFn: (wanted: Wanted) => ask(what, wanted),
    onSuccess: () => refresh(queries, 'certificates'),
  });
  const asked = useRef(false);
  const { mutate } = made;
  useEffect(() => {
    if (what.kind !== 'again' || asked.current) return;
    asked.current = true;
    mutate({ name: what.certificate.name, keySpec: what.certificate.keySpec, subject: '' });
  }, [what, mutate]);
  const csr = made.data?.csr;
  const name = before?.name ?? form.values.name;
  if (csr !== undefined || what.kind === 'again') {
    return (
      <Dialog title={`Request of ${name}`} isOpen onClose={onClose}>
        <DialogBody>
          {csr === undefined ? (
            made.isError ? (
              <ErrorCallout error={asWireError(made.error)} />
            ) : (
              <WorkBar label="Signing the request…" />
            )
          ) : (
            <>
              <p>
                Give this to your CA. What it issues goes back in with “Install…”; the private key stays in the HSM.
              </p>
              <CodeBlock label="the request" text={csr} />
            </>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Close</Button>
          {csr !== undefined && (
            <Button
              key="save"
              variant="primary"
              autoFocus
              icon={<Download size={16} aria-hidden="true" />}
              onPress={() => saveTextFile(`${name}.csr`, csr)}
            >
              Save the request
            </Button>
          )}
        </DialogFooter>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={what.kind === 'new' ? 'New key pair for a certificate' : `New key pair for ${name}`}
      isOpen
      onClose={onClose}
    >
      <DialogForm
        send="Make the key pair"
        sending="Making it…"
        isSending={made.isPending}
        error={made.error}
        onSend={() => {
          if (form.validate()) made.mutate({ ...form.values, keySpec });
        }}
        onCancel={onClose}
      >
        {what.kind === 'new' ? (
          <TextField label="Name" autoFocus placeholder="build" {...form.field('name')} />
        ) : (
          <p className="text-muted">
            The present key stays in use until the new certificate is installed and AWS takes it; then it is kept for a
            day more.
          </p>
        )}
        <Select
          label="Key"
          choices={SPEC_CHOICES}
          value={keySpec}
          onChange={(id) => setKeySpec(SPEC_CHOICES.find((one) => one.id === id)?.id ?? 'EC_P256')}
        />
        <TextField
          label="Subject"
          optional
          mono
          placeholder={`CN=${name === '' ? 'build' : name}`}
          hint="As the CA wants it, like CN=build,O=Example."
          {...form.field('subject')}
        />
      </DialogForm>
    </Dialog>
  );
}
