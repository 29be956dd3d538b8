import { useEffect, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { printOtpauth } from '../../../client/otp/parse-otpauth.ts';
import { createReplyKey } from '../../../client/seal.ts';
import { toBase32 } from '../../../contract/base32.ts';
import type { OtpDevice } from '../../../contract/totp.ts';
import { callSealed } from '../../api/keyhold.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { CopySecretButton } from '../../ui/copy-secret.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { SecretPrompt, type SecretPromptHandle } from '../settings/secret-prompt.tsx';
import { useProof } from '../settings/use-proof.ts';

/** The one way out for a seed: after the password, as a QR code for another authenticator. */
export function ExportOtpDialog({ device, onClose }: { device: OtpDevice; onClose: () => void }) {
  const { prompt, working, error, ask } = useProof();
  const [uri, setUri] = useState<string | null>(null);

  const show = async () => {
    const shown = await ask((sealSecret) => exportUri(device.name, sealSecret));
    if (shown !== null) setUri(shown);
  };

  return (
    <Dialog title={`Secret of ${device.name}`} width="small" isOpen onClose={onClose}>
      {uri === null ? (
        <Form
          className="flex min-h-0 flex-col"
          onSubmit={(event) => {
            event.preventDefault();
            if (!working) void show();
          }}
        >
          <DialogBody>
            <p>
              Whoever has the secret makes the same codes, and Keyhold cannot tell which of them have been used
              elsewhere.
            </p>
            <SecretPrompt handle={prompt} label="Password of the vault" autoFocus />
            {error !== null && <ErrorCallout error={error} />}
          </DialogBody>
          <DialogFooter>
            <Button onPress={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" isDisabled={working}>
              {working ? 'Checking…' : 'Show the secret'}
            </Button>
          </DialogFooter>
        </Form>
      ) : (
        <>
          <DialogBody className="items-center">
            <QrPicture text={uri} label={`QR code of ${device.name}`} />
            <Callout tone="warning">
              Scan it with the other authenticator, then close this. No picture of it should stay.
            </Callout>
            <CopySecretButton text={uri} label="Copy the address" />
          </DialogBody>
          <DialogFooter>
            <Button variant="primary" onPress={onClose}>
              Close
            </Button>
          </DialogFooter>
        </>
      )}
    </Dialog>
  );
}

type SealSecret = Parameters<Parameters<SecretPromptHandle['use']>[0]>[0];

async function exportUri(name: string, sealSecret: SealSecret): Promise<string> {
  const reply = await createReplyKey();
  const { device, counter, seed } = await callSealed('totp.export', async (seal) => ({
    name,
    authorize: await sealSecret(seal),
    replyKey: reply.publicKey,
  }));
  const bytes = await reply.open(seed, 'otp-seed');
  const base32 = toBase32(bytes);
  const printed = printOtpauth({ ...device, period: device.period ?? 0, counter: counter ?? 0 }, base32);
  try {
    return new TextDecoder().decode(printed);
  } finally {
    for (const one of [bytes, base32, printed]) one.fill(0);
  }
}

/** Drawn here; dark on white in every theme, as scanners want it. */
function QrPicture({ text, label }: { text: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const target = canvas.current;
    if (target === null) return;
    import('qrcode')
      .then(({ toCanvas }) => toCanvas(target, text, { width: 232, margin: 2 }))
      .catch(() => setFailed(true));
  }, [text]);
  if (failed) return <p>The QR code could not be drawn. Copy the address instead.</p>;
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      className="rounded-control border border-line"
      width={232}
      height={232}
    />
  );
}
