import { useState } from 'react';
import { type PlannedOtp, planOtpImport } from '../../../client/otp/plan-import.ts';
import type { OtpImport } from '../../../client/otp/read-import.ts';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { client } from '../../api/keyhold.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogFooter } from '../../ui/dialog.tsx';
import { Segments } from '../../ui/segments.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { FileForm } from './file-form.tsx';
import { ImportPreview } from './import-preview.tsx';
import { QrForm } from './qr-form.tsx';
import { SecretForm } from './secret-form.tsx';
import { UriForm } from './uri-form.tsx';

export type OtpWay = 'qr' | 'text' | 'secret' | 'file';

const WAYS: readonly { id: OtpWay; label: string }[] = [
  { id: 'qr', label: 'QR code' },
  { id: 'text', label: 'Address' },
  { id: 'secret', label: 'Secret' },
  { id: 'file', label: 'Export' },
];

/** Into the authenticator by any way: first what was found, then a look at it, then the vault. */
export function AddOtpDialog({ by, onClose }: { by: OtpWay; onClose: () => void }) {
  const [way, setWay] = useState<OtpWay>(by);
  const [found, setFound] = useState<{ import: OtpImport; planned: PlannedOtp[] } | null>(null);
  const [error, setError] = useState<WireError | null>(null);

  const take = async (work: () => Promise<OtpImport> | OtpImport) => {
    setError(null);
    try {
      const taken = await work();
      const { devices } = await client.call('totp.list', {});
      setFound({ import: taken, planned: await planOtpImport(client, taken, devices) });
    } catch (caught) {
      setError(asWireError(caught));
    }
  };
  const back = () => {
    for (const { entry } of found?.planned ?? []) entry.seed.fill(0);
    setFound(null);
  };
  const close = () => {
    back();
    onClose();
  };

  if (found !== null) {
    return (
      <Dialog
        title={by === 'file' ? 'Import into the authenticator' : 'Add to the authenticator'}
        isOpen
        onClose={close}
        onStepBack={back}
      >
        <ImportPreview found={found.import} planned={found.planned} onBack={back} onDone={close} />
      </Dialog>
    );
  }
  const form = { take, error, onCancel: close };
  return (
    <Dialog title="Add to the authenticator" isOpen onClose={close}>
      <div className="flex flex-wrap items-center gap-2 px-5 pt-4">
        <Segments
          label="How it comes in"
          choices={WAYS}
          value={way}
          onChange={(next) => {
            setError(null);
            setWay(next);
          }}
        />
      </div>
      {way === 'qr' && <QrForm {...form} />}
      {way === 'text' && <UriForm {...form} />}
      {way === 'secret' && <SecretForm {...form} />}
      {way === 'file' && <FileForm {...form} />}
    </Dialog>
  );
}

export interface OtpForm {
  /** Goes on with what `work` answers, or says what was wrong with it. */
  take: (work: () => Promise<OtpImport> | OtpImport) => Promise<void>;
  error: WireError | null;
  onCancel: () => void;
}

/** The foot of each form: AWS's own way in, and out. */
export function OtpFormFooter({
  onCancel,
  submit,
}: {
  onCancel: () => void;
  submit?: { label: string; disabled?: boolean };
}) {
  return (
    <DialogFooter>
      <Button variant="ghost" className="mr-auto -ml-3" onPress={() => openDialog({ kind: 'totp.aws' })}>
        Enrol at AWS…
      </Button>
      <Button onPress={onCancel}>Cancel</Button>
      {submit !== undefined && (
        <Button type="submit" variant="primary" isDisabled={submit.disabled === true}>
          {submit.label}
        </Button>
      )}
    </DialogFooter>
  );
}
