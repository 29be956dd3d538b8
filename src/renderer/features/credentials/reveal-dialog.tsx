import { Download, Eye, EyeOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Form, ToggleButton } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import { createReplyKey } from '../../../client/seal.ts';
import type { Credential } from '../../../contract/credentials.ts';
import { callSealed } from '../../api/keyhold.ts';
import { saveBytes } from '../../lib/save-bytes.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { CopySecretButton } from '../../ui/copy-secret.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { SecretPrompt, type SecretPromptHandle } from '../settings/secret-prompt.tsx';
import { useProof } from '../settings/use-proof.ts';
import { secretNoun } from './credential-words.ts';

/** The one way out for a password or private key: after a way into the vault is proved again. */
export function RevealDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const { prompt, working, error, ask } = useProof();
  const [revealed, setRevealed] = useState<Revealed | null>(null);
  useEffect(() => () => wipe(revealed?.secret), [revealed]);
  const gone = useGone();
  const noun = secretNoun(credential);

  const show = async () => {
    const shown = await ask((sealSecret) => reveal(credential.name, sealSecret));
    if (gone.current) wipe(shown?.secret);
    else if (shown !== null) setRevealed(shown);
  };

  return (
    <Dialog title={`The ${noun} of ${credential.name}`} isOpen onClose={onClose}>
      {revealed === null ? (
        <Form
          className="flex min-h-0 flex-col"
          onSubmit={(event) => {
            event.preventDefault();
            if (!working) void show();
          }}
        >
          <DialogBody>
            <p>Whoever has it can use it, without Keyhold, until it is rotated. The log says that it left the vault.</p>
            <SecretPrompt handle={prompt} label="Password of the vault" autoFocus />
            {error !== null && <ErrorCallout error={error} />}
          </DialogBody>
          <DialogFooter>
            <Button onPress={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" isDisabled={working}>
              {working ? 'Checking…' : `Show the ${noun}`}
            </Button>
          </DialogFooter>
        </Form>
      ) : (
        <Shown revealed={revealed} noun={noun} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface Revealed {
  /** As the daemon had it then: a rotation may have given it another user meanwhile. */
  credential: Credential;
  secret: Uint8Array<ArrayBuffer>;
}

type SealSecret = Parameters<Parameters<SecretPromptHandle['use']>[0]>[0];

async function reveal(name: string, sealSecret: SealSecret): Promise<Revealed> {
  const reply = await createReplyKey();
  const { credential, secret } = await callSealed('credential.reveal', async (seal) => ({
    name,
    authorize: await sealSecret(seal),
    replyKey: reply.publicKey,
  }));
  const opened = await reply.open(secret, 'credential');
  try {
    return { credential, secret: new Uint8Array(opened) };
  } finally {
    wipe(opened);
  }
}

function Shown({ revealed, noun, onClose }: { revealed: Revealed; noun: string; onClose: () => void }) {
  const { credential, secret } = revealed;
  const [seen, setSeen] = useState(false);
  const isFile = credential.type === 'sshKey';
  const text = () => new TextDecoder().decode(secret);
  return (
    <>
      <DialogBody>
        {credential.userName !== undefined && (
          <div className="flex flex-col gap-1">
            <span className="font-medium">User name</span>
            <span className="flex items-center gap-1">
              <span className="mono min-w-0 break-all">{credential.userName}</span>
              <CopyButton text={credential.userName} label="Copy the user name" />
            </span>
          </div>
        )}
        <div className="flex flex-col gap-1">
          <span className="flex items-center justify-between font-medium first-letter:capitalize">
            <span className="first-letter:uppercase">{noun}</span>
          </span>
          <div className="flex items-start rounded-control border border-line bg-panel">
            {seen ? (
              <section
                aria-label={`The ${noun}`}
                data-testid="revealed"
                // biome-ignore lint/a11y/noNoninteractiveTabindex: a long one scrolls, by keyboard too
                tabIndex={0}
                className="max-h-48 min-w-0 flex-1 overflow-auto rounded-control py-2 pl-3 outline-none focus-visible:focus-ring"
              >
                <pre className={isFile ? '' : 'break-all whitespace-pre-wrap'}>{text()}</pre>
              </section>
            ) : (
              <span className="mono min-w-0 flex-1 truncate py-2 pl-3 text-muted" aria-hidden="true">
                ••••••••••••••••••••••••
              </span>
            )}
            <ToggleButton
              isSelected={seen}
              onChange={setSeen}
              aria-label={`Show the ${noun} on the screen`}
              className="m-0.5 flex size-8 shrink-0 items-center justify-center rounded-control text-muted outline-none data-focus-visible:focus-ring data-hovered:text-ink"
            >
              {seen ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
            </ToggleButton>
          </div>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <CopySecretButton text={text} label={`Copy the ${noun}`} />
          {isFile && (
            <Button
              icon={<Download size={16} aria-hidden="true" />}
              onPress={() => saveBytes('codecommit_rsa', new Uint8Array(secret))}
            >
              Save as a file
            </Button>
          )}
        </div>
        {isFile && (
          <Callout tone="warning">
            A saved file can be read by whatever reads your downloads: move it to ~/.ssh at once and give it the mode
            600, or ssh refuses it.
          </Callout>
        )}
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onPress={onClose}>
          Close
        </Button>
      </DialogFooter>
    </>
  );
}
