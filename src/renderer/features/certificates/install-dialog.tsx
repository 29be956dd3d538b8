import type { Certificate } from '../../../contract/certificates.ts';
import { useChange } from '../../api/queries.ts';
import { useForm } from '../../lib/use-form.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { notify } from '../../ui/toast-store.ts';

function pemError(text: string): string | null {
  return text.includes('-----BEGIN CERTIFICATE-----') ? null : 'Paste the certificate with its BEGIN and END lines.';
}

/** What the CA issued goes beside its key. */
export function InstallDialog({ certificate, onClose }: { certificate: Certificate; onClose: () => void }) {
  const install = useChange('certificate.install', 'certificates', 'sessions');
  const form = useForm({ pem: '' }, { pem: pemError });
  return (
    <Dialog title={`Install the certificate of ${certificate.name}`} isOpen onClose={onClose}>
      <DialogForm
        send="Install"
        sending="Installing…"
        isSending={install.isPending}
        error={install.error}
        onSend={() => {
          if (!form.validate()) return;
          install.mutate(
            { name: certificate.name, pem: form.values.pem },
            {
              onSuccess: () => {
                notify({ message: `The certificate of ${certificate.name} is installed.` });
                onClose();
              },
            },
          );
        }}
        onCancel={onClose}
      >
        <TextField
          label="Certificate"
          mono
          multiline
          autoFocus
          hint="PEM, with the certificates above it where the CA gave some."
          {...form.field('pem')}
        />
      </DialogForm>
    </Dialog>
  );
}
