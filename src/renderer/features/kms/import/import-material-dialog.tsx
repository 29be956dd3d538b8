import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { fromBase64, toBase64 } from '../../../../client/base64.ts';
import type { WireError } from '../../../../contract/errors.ts';
import type { KmsKeySummary } from '../../../../contract/kms.ts';
import { asWireError } from '../../../api/error.ts';
import { useGone } from '../../../lib/use-gone.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { Steps } from '../../../ui/steps.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { keyTitle } from '../key-words.ts';
import { kmsCall } from '../kms.ts';
import { placeOf, refreshKms } from '../kms-queries.ts';
import { EncryptStep, type ImportParameters } from './encrypt-step.tsx';
import { type WrappingAlgorithm, type WrappingSpec, wrappingAlgorithms, wrappingSpecs } from './recipe.ts';
import { expiryProblem, type Upload, UploadStep } from './upload-step.tsx';
import { WrappingStep } from './wrapping-step.tsx';

const STEPS = ['Wrapping', 'Encrypt', 'Upload'] as const;

/** Brings in key material that was made elsewhere. The material itself never comes to this page in the clear. */
export function ImportMaterialDialog({ kmsKey: key, onClose }: { kmsKey: KmsKeySummary; onClose: () => void }) {
  const queries = useQueryClient();
  const [step, setStep] = useState(0);
  const [algorithm, setAlgorithm] = useState<WrappingAlgorithm>(
    wrappingAlgorithms(key.spec)[0] ?? 'RSAES_OAEP_SHA_256',
  );
  const [chosenSpec, setWrappingSpec] = useState<WrappingSpec>('RSA_4096');
  const specs = wrappingSpecs(key.spec, algorithm);
  const wrappingSpec = specs.includes(chosenSpec) ? chosenSpec : (specs[0] ?? 'RSA_4096');
  const [parameters, setParameters] = useState<ImportParameters | null>(null);
  const [upload, setUpload] = useState<Upload>({
    token: null,
    encrypted: null,
    expires: false,
    until: '',
    // A key that lacks its material wants the same again; one that has it, new material to rotate to.
    again: key.state === 'PendingImport' && key.materials > 0,
    description: '',
  });
  const [complaint, setComplaint] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const gone = useGone();

  const attempt = async (work: () => Promise<void>) => {
    setWorking(true);
    setError(null);
    try {
      await work();
    } catch (caught) {
      if (gone.current) notify({ message: asWireError(caught).message, tone: 'error' });
      else setError(asWireError(caught));
    } finally {
      setWorking(false);
    }
  };

  const fetchParameters = () =>
    attempt(async () => {
      const answer = await kmsCall(placeOf(key), 'GetParametersForImport', {
        KeyId: key.keyId,
        WrappingAlgorithm: algorithm,
        WrappingKeySpec: wrappingSpec,
      });
      const token = fromBase64(answer.ImportToken);
      setParameters({ publicKey: fromBase64(answer.PublicKey), token, validTo: answer.ParametersValidTo });
      setUpload((current) => ({ ...current, token: { name: 'from the step before', bytes: token } }));
      setStep(1);
    });

  const bringIn = () => {
    const { token, encrypted } = upload;
    const problem =
      encrypted === null
        ? 'Choose the encrypted material.'
        : token === null
          ? 'Choose the import token that the material was encrypted for.'
          : expiryProblem(upload, Date.now());
    setComplaint(problem);
    if (problem !== null || encrypted === null || token === null) return;
    const symmetric = key.spec === 'SYMMETRIC_DEFAULT';
    void attempt(async () => {
      await kmsCall(placeOf(key), 'ImportKeyMaterial', {
        KeyId: key.keyId,
        ImportToken: toBase64(token.bytes),
        EncryptedKeyMaterial: toBase64(encrypted.bytes),
        ...(upload.expires
          ? { ExpirationModel: 'KEY_MATERIAL_EXPIRES' as const, ValidTo: Date.parse(upload.until) / 1000 }
          : { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' as const }),
        ...(symmetric && key.materials > 0
          ? { ImportType: upload.again ? ('EXISTING_KEY_MATERIAL' as const) : ('NEW_KEY_MATERIAL' as const) }
          : {}),
        ...(symmetric && upload.description !== '' ? { KeyMaterialDescription: upload.description } : {}),
      });
      await refreshKms(queries);
      notify({ message: `“${keyTitle(key)}” has its material. Delete the files, but for your safe copy.` });
      onClose();
    });
  };

  const submit = () => {
    if (step === 0) void fetchParameters();
    else if (step === 1) setStep(2);
    else bringIn();
  };

  return (
    <Dialog
      title={`Import material for ${keyTitle(key)}`}
      isOpen
      onClose={onClose}
      width="large"
      {...(step > 0 ? { onStepBack: () => setStep((current) => Math.max(0, current - 1)) } : {})}
    >
      <Steps label="Steps" steps={STEPS} current={step} onGo={setStep} />
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) submit();
        }}
      >
        <DialogBody className="h-112">
          {error !== null && <ErrorCallout error={error} />}
          {step === 0 && (
            <WrappingStep
              spec={key.spec}
              algorithm={algorithm}
              wrappingSpec={wrappingSpec}
              onAlgorithm={setAlgorithm}
              onWrappingSpec={setWrappingSpec}
            />
          )}
          {step === 1 && parameters !== null && (
            <EncryptStep spec={key.spec} algorithm={algorithm} parameters={parameters} />
          )}
          {step === 2 && (
            <UploadStep
              kmsKey={key}
              upload={upload}
              onChange={(change) => {
                setComplaint(null);
                setUpload((current) => ({ ...current, ...change }));
              }}
              complaint={complaint}
            />
          )}
        </DialogBody>
        <DialogFooter>
          {step === 0 ? (
            <Button variant="ghost" className="mr-auto -ml-3" onPress={() => setStep(2)}>
              I have encrypted material already
            </Button>
          ) : (
            <Button
              variant="ghost"
              className="mr-auto -ml-3"
              onPress={() => setStep(step === 2 && parameters === null ? 0 : step - 1)}
            >
              Back
            </Button>
          )}
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working}>
            {step === 0
              ? working
                ? 'Making a wrapping key…'
                : 'Next: encrypt'
              : step === 1
                ? 'Next: upload'
                : working
                  ? 'Importing…'
                  : 'Import the material'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
