import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../../contract/errors.ts';
import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { asWireError } from '../../../api/error.ts';
import { formatCount } from '../../../lib/format.ts';
import { useStore } from '../../../lib/store.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { TextField } from '../../../ui/field.tsx';
import { Segments } from '../../../ui/segments.tsx';
import { Select } from '../../../ui/select.tsx';
import { ContextRows, contextOf } from '../context-rows.tsx';
import { keyTitle, shortSpec, stateWords } from '../key-words.ts';
import { kmsCall, type Place } from '../kms.ts';
import { goToPlace } from '../place.ts';
import { AlgorithmSelect } from './algorithm-select.tsx';
import { readBytes } from './bytes.ts';
import { decryptStore, type EncryptDraft, encryptStore } from './draft.ts';
import { decryptDraftOf, type Encrypted, isOfForm } from './encrypted.ts';
import { encryptionAlgorithm, plaintextLimit } from './limits.ts';
import { Output } from './output.tsx';
import { Panel } from './panel.tsx';

export function EncryptPanel({ keys, place }: { keys: readonly KmsKeySummary[]; place: Place }) {
  const draft = useStore(encryptStore);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const [done, setDone] = useState<Encrypted | null>(null);

  const key = keys.find((one) => one.id === draft.key) ?? keys.find((one) => one.state === 'Enabled') ?? keys[0];
  if (key === undefined) return null;
  const rsa = key.spec.startsWith('RSA_');
  const algorithm = encryptionAlgorithm(key.spec, draft.algorithm);
  const limit = plaintextLimit(key.spec, draft.algorithm);
  const read = readBytes(draft.plaintext, draft.form);
  const length = 'error' in read ? null : read.length;
  const tooLong = length !== null && length > limit;
  const patch = (change: Partial<EncryptDraft>) => encryptStore.set((current) => ({ ...current, ...change }));

  const encrypt = async () => {
    if ('error' in read || length === 0 || tooLong) return;
    setWorking(true);
    setError(null);
    try {
      const context = contextOf(draft.context);
      const { CiphertextBlob } = await kmsCall(place, 'Encrypt', {
        KeyId: key.arn,
        Plaintext: read.base64,
        ...(algorithm === undefined ? {} : { EncryptionAlgorithm: algorithm }),
        ...(algorithm !== undefined || Object.keys(context).length === 0 ? {} : { EncryptionContext: context }),
      });
      setDone({ ciphertext: CiphertextBlob, key, place, algorithm, draft });
    } catch (caught) {
      setDone(null);
      setError(asWireError(caught));
    } finally {
      setWorking(false);
    }
  };

  const handOver = (result: Encrypted) => {
    goToPlace(result.place);
    decryptStore.set(decryptDraftOf(result));
    document.querySelector<HTMLElement>('[data-decrypt] button[type="submit"]')?.focus();
  };

  return (
    <Panel title="Encrypt">
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void encrypt();
        }}
      >
        <Select
          label="Key"
          choices={keys.map((one) => ({
            id: one.id,
            label: one.state === 'Enabled' ? keyTitle(one) : `${keyTitle(one)} (${stateWords(one.state)})`,
            note: shortSpec(one.spec),
          }))}
          value={key.id}
          onChange={(id) => patch({ key: id })}
        />
        {rsa && <AlgorithmSelect value={draft.algorithm} onChange={(algorithm) => patch({ algorithm })} />}
        <div className="flex flex-col gap-2">
          <TextField
            label="What to encrypt"
            multiline
            mono
            value={draft.plaintext}
            onChange={(plaintext) => patch({ plaintext })}
            error={
              'error' in read && draft.plaintext !== ''
                ? read.error
                : tooLong
                  ? `${formatCount(length)} bytes: this key takes at most ${formatCount(limit)} at once. Encrypt longer things as a file.`
                  : null
            }
            hint={`${length === null ? '' : formatCount(length)} of ${formatCount(limit)} bytes`}
          />
          <Segments
            label="Written as"
            value={draft.form}
            onChange={(form) => patch({ form })}
            choices={[
              { id: 'text', label: 'Text' },
              { id: 'base64', label: 'Base64' },
            ]}
          />
        </div>
        {algorithm === undefined && (
          <ContextRows
            label="Encryption context"
            hint="Not secret. Decrypting needs exactly the same."
            rows={draft.context}
            onChange={(context) => patch({ context })}
          />
        )}
        <div>
          <Button type="submit" variant="primary" isDisabled={working || length === null || length === 0 || tooLong}>
            {working ? 'Encrypting…' : 'Encrypt'}
          </Button>
        </div>
      </Form>
      {error !== null && <ErrorCallout error={error} />}
      {done !== null && (
        <>
          <Output label="Ciphertext" text={done.ciphertext} />
          {!isOfForm(done, { key, place, draft }) && (
            <p role="status" className="text-muted">
              Made before the form was changed. Encrypt again for what stands there now.
            </p>
          )}
          <div>
            <Button icon={<ArrowRight size={16} aria-hidden="true" />} onPress={() => handOver(done)}>
              Decrypt it
            </Button>
          </div>
        </>
      )}
    </Panel>
  );
}
