import { Name } from '../../../contract/schemas.ts';
import { MfaSerial, type OtpDevice, OtpText } from '../../../contract/totp.ts';
import { useChange } from '../../api/queries.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';

/** What is said of an entry. How its codes are made is sealed with the secret. */
export function EditOtpDialog({ device, onClose }: { device: OtpDevice; onClose: () => void }) {
  const change = useChange('totp.update', 'totp');
  const form = useForm(
    { name: device.name, issuer: device.issuer, label: device.label, serial: device.mfaSerial ?? '' },
    {
      name: matches(Name),
      issuer: matches(OtpText, false),
      label: matches(OtpText, false),
      serial: matches(MfaSerial, false),
    },
  );
  const save = () => {
    if (!form.validate()) return;
    const { name, issuer, label, serial } = form.values;
    change.mutate(
      {
        name: device.name,
        ...(name === device.name ? {} : { rename: name }),
        issuer,
        label,
        ...(device.enrolling === undefined ? { mfaSerial: serial === '' ? null : serial } : {}),
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title="Edit entry" isOpen onClose={onClose}>
      <DialogForm send="Save" isSending={change.isPending} error={change.error} onSend={save} onCancel={onClose}>
        <TextField label="Name" autoFocus {...form.field('name')} />
        <div className="grid grid-cols-2 gap-3">
          <TextField label="Issuer" optional {...form.field('issuer')} />
          <TextField label="Account" optional {...form.field('label')} />
        </div>
        {device.enrolling === undefined && (
          <TextField
            label="AWS MFA device"
            optional
            mono
            hint="Its serial number, like arn:aws:iam::123456789012:mfa/alice"
            {...form.field('serial')}
          />
        )}
      </DialogForm>
    </Dialog>
  );
}
