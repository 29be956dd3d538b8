import { MonitorUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { OtpImport } from '../../../client/otp/read-import.ts';
import { readOtpauthLines } from '../../../client/otp/read-import.ts';
import { KeyholdError } from '../../../contract/errors.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { DialogBody } from '../../ui/dialog.tsx';
import { FileDrop } from '../../ui/file-drop.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { type OtpForm, OtpFormFooter } from './add-otp-dialog.tsx';
import { canCaptureScreen, captureScreen, readQrOf } from './read-image.ts';

/** A QR code: dropped, chosen, pasted, or on the screen. */
export function QrForm({ take, error, onCancel }: OtpForm) {
  const [working, setWorking] = useState(false);
  const [part, setPart] = useState<{ lines: string[]; message: string } | null>(null);

  const read = (image: () => Promise<Blob | ImageBitmap | null>) => {
    setWorking(true);
    void take(async () => {
      const picture = await image();
      if (picture === null)
        throw new KeyholdError('InvalidInput', 'No screen was chosen. Try again, or drop a screenshot.');
      const lines = [...(part?.lines ?? []), await readQrOf(picture)];
      const found = readOtpauthLines(lines);
      const missing = found.problems.find(({ where }) => where === 'the export');
      if (missing === undefined) return single(found);
      setPart({ lines, message: missing.message });
      return new Promise<never>(() => undefined);
    }).finally(() => setWorking(false));
    window.setTimeout(() => setWorking(false), 4000);
  };
  const now = useRef(read);
  now.current = read;
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const image = [...(event.clipboardData?.items ?? [])].find((item) => item.type.startsWith('image/'))?.getAsFile();
      if (image === null || image === undefined) return;
      event.preventDefault();
      now.current(async () => image);
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, []);

  return (
    <>
      <DialogBody>
        <FileDrop
          label={part === null ? 'Drop a picture of the QR code, or paste one' : 'Drop or paste the next QR code'}
          onFile={(file) => read(async () => file)}
        />
        {canCaptureScreen() && (
          <div className="flex flex-wrap items-center gap-3">
            <Button icon={<MonitorUp size={16} aria-hidden="true" />} onPress={() => read(captureScreen)}>
              Look at the screen…
            </Button>
            <span className="min-w-0 flex-1 text-muted">You choose the window; one picture is taken and not kept.</span>
          </div>
        )}
        {working && <WorkBar label="Reading the QR code" />}
        {part !== null && (
          <Callout tone="info" live title="More to scan">
            {part.message}
          </Callout>
        )}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <OtpFormFooter onCancel={onCancel} />
    </>
  );
}

/** One code with nothing usable in it says why at once, instead of showing an empty list. */
function single(found: OtpImport): OtpImport {
  const [problem] = found.problems;
  if (found.entries.length > 0 || problem === undefined) return found;
  throw new KeyholdError('InvalidInput', problem.message);
}
