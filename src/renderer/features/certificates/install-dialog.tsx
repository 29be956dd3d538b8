import { Form } from 'react-aria-components';
import type { Certificate } from '../../../contract/certificates.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
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
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (install.isPending || !form.validate()) return;
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
      >
        <DialogBody>
          <TextField
            label="Certificate"
            mono
            multiline
            autoFocus
            hint="PEM, with the certificates above it where the CA gave some."
            {...form.field('pem')}
          />
          {install.isError && <ErrorCallout error={asWireError(install.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={install.isPending}>
            {install.isPending ? 'Installing…' : 'Install'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
