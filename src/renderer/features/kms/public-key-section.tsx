import { Download } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { saveTextFile } from '../../lib/save-text-file.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CodeBlock } from '../../ui/code.tsx';
import { Section } from '../../ui/facts.tsx';
import { aliasName, shortId } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf } from './kms-queries.ts';

/** The half of a key pair that may be given to anyone. Read when it is asked for. */
export function PublicKeySection({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const [pem, setPem] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const show = async () => {
    setError(null);
    try {
      setPem(toPem((await kmsCall(placeOf(key), 'GetPublicKey', { KeyId: key.keyId })).PublicKey));
    } catch (caught) {
      setError(asWireError(caught));
    }
  };
  const fileName = `${key.aliases[0] === undefined ? shortId(key.keyId).replace('…', '-') : aliasName(key.aliases[0]).replaceAll('/', '-')}.pub.pem`;
  return (
    <Section title="Public key">
      {pem === null ? (
        <>
          <p className="text-muted">
            May be given to anyone: with it others encrypt to this key or check its signatures, without Keyhold.
          </p>
          <div>
            <Button onPress={() => void show()} isDisabled={key.state === 'PendingImport'}>
              Show the public key
            </Button>
          </div>
        </>
      ) : (
        <>
          <CodeBlock text={pem} label="public key" />
          <div>
            <Button
              size="compact"
              icon={<Download size={16} aria-hidden="true" />}
              onPress={() => saveTextFile(fileName, pem)}
            >
              Save as {fileName}
            </Button>
          </div>
        </>
      )}
      {error !== null && <ErrorCallout error={error} />}
    </Section>
  );
}

/** Textual encoding of a SubjectPublicKeyInfo (RFC 7468, section 13). */
function toPem(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
}
