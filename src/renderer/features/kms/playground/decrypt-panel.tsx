import { useEffect, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../../contract/errors.ts';
import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { asWireError } from '../../../api/error.ts';
import { useStore } from '../../../lib/store.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { TextField } from '../../../ui/field.tsx';
import { Segments } from '../../../ui/segments.tsx';
import { Select } from '../../../ui/select.tsx';
import { ContextRows, contextOf } from '../context-rows.tsx';
import { keyTitle, shortSpec } from '../key-words.ts';
import { kmsCall, type Place, refusalName } from '../kms.ts';
import { AlgorithmSelect } from './algorithm-select.tsx';
import { asText, type Form as BytesForm, readBytes } from './bytes.ts';
import { type DecryptDraft, decryptStore } from './draft.ts';
import { encryptionAlgorithm } from './limits.ts';
import { Output } from './output.tsx';
import { Panel } from './panel.tsx';

const BY_CIPHERTEXT = 'by-ciphertext';

/** AWS answers these without a word, so that nobody learns why. */
const REFUSALS: Readonly<Record<string, string>> = {
  InvalidCiphertextException:
    'This does not decrypt: the encryption context is another one, it was encrypted in another account or Region, or some of it was changed.',
  IncorrectKeyException: 'It was encrypted under another key than the one chosen.',
};

export function DecryptPanel({ keys, place }: { keys: readonly KmsKeySummary[]; place: Place }) {
  const draft = useStore(decryptStore);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const [done, setDone] = useState<{ plaintext: string; keyArn: string } | null>(null);
  const [form, setForm] = useState<BytesForm>('text');

  // An answer belongs to the question beside it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the draft's change that matters, not what is in it
  useEffect(() => {
    setDone(null);
    setError(null);
  }, [draft, place.account, place.region]);
  const here = useRef(place);
  here.current = place;

  const key = keys.find((one) => one.id === draft.key);
  const rsa = key?.spec.startsWith('RSA_') === true;
  const algorithm = key === undefined ? undefined : encryptionAlgorithm(key.spec, draft.algorithm);
  const read = readBytes(draft.ciphertext, 'base64');
  const empty = draft.ciphertext.trim() === '';
  const patch = (change: Partial<DecryptDraft>) => decryptStore.set((current) => ({ ...current, ...change }));

  const decrypt = async () => {
    if ('error' in read || empty) return;
    setWorking(true);
    setError(null);
    const { account, region } = place;
    // What comes late belongs to a question that is no longer there.
    const isLate = () =>
      decryptStore.get() !== draft || here.current.account !== account || here.current.region !== region;
    try {
      const context = contextOf(draft.context);
      const { Plaintext, KeyId } = await kmsCall(place, 'Decrypt', {
        CiphertextBlob: read.base64,
        ...(key === undefined ? {} : { KeyId: key.arn }),
        ...(algorithm === undefined ? {} : { EncryptionAlgorithm: algorithm }),
        ...(algorithm !== undefined || Object.keys(context).length === 0 ? {} : { EncryptionContext: context }),
      });
      if (isLate()) return;
      setDone({ plaintext: Plaintext, keyArn: KeyId });
      setForm(asText(Plaintext) === null ? 'base64' : 'text');
    } catch (caught) {
      if (isLate()) return;
      setDone(null);
      const wire = asWireError(caught);
      setError({ ...wire, message: REFUSALS[refusalName(caught) ?? ''] ?? wire.message });
    } finally {
      setWorking(false);
    }
  };

  const text = done === null ? null : asText(done.plaintext);
  const used = keys.find((one) => one.arn === done?.keyArn);
  return (
    <Panel title="Decrypt">
      <Form
        data-decrypt
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void decrypt();
        }}
      >
        <Select
          label="Key"
          choices={[
            { id: BY_CIPHERTEXT, label: 'The one that the ciphertext names' },
            ...keys.map((one) => ({ id: one.id, label: keyTitle(one), note: shortSpec(one.spec) })),
          ]}
          value={key?.id ?? BY_CIPHERTEXT}
          onChange={(id) => patch({ key: id === BY_CIPHERTEXT ? null : id })}
        />
        {rsa && <AlgorithmSelect value={draft.algorithm} onChange={(algorithm) => patch({ algorithm })} />}
        <TextField
          label="Ciphertext, in base64"
          multiline
          mono
          value={draft.ciphertext}
          onChange={(ciphertext) => patch({ ciphertext })}
          error={'error' in read && !empty ? read.error : null}
        />
        {algorithm === undefined && (
          <ContextRows
            label="Encryption context"
            hint="Exactly as it was when encrypting."
            rows={draft.context}
            onChange={(context) => patch({ context })}
          />
        )}
        <div>
          <Button type="submit" variant="primary" isDisabled={working || empty || 'error' in read}>
            {working ? 'Decrypting…' : 'Decrypt'}
          </Button>
        </div>
      </Form>
      {error !== null && <ErrorCallout error={error} />}
      {done !== null && (
        <>
          <Output label="Plaintext" text={form === 'text' && text !== null ? text : done.plaintext} />
          <div className="flex flex-wrap items-center gap-3">
            {text !== null && (
              <Segments
                label="Shown as"
                value={form}
                onChange={setForm}
                choices={[
                  { id: 'text', label: 'Text' },
                  { id: 'base64', label: 'Base64' },
                ]}
              />
            )}
            {used !== undefined && <span className="text-muted">by {keyTitle(used)}</span>}
          </div>
        </>
      )}
    </Panel>
  );
}
