import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../../contract/errors.ts';
import { asWireError } from '../../../api/error.ts';
import { useAccounts } from '../../../api/queries.ts';
import { navigate } from '../../../lib/router.ts';
import { useGone } from '../../../lib/use-gone.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { Steps } from '../../../ui/steps.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { type KeyStore, kmsCall, type Place, refusalName } from '../kms.ts';
import { refreshKms, useAllKmsKeys } from '../kms-queries.ts';
import { goToPlace } from '../place.ts';
import { rootArn } from '../principals.ts';
import { createKeyInput, type DraftKey, type DraftProblems, FIRST_DRAFT, problemsOf, purposeOf } from './draft-key.ts';
import { KindStep } from './kind-step.tsx';
import { NamesStep } from './names-step.tsx';
import { newKeyPolicy } from './new-key-policy.ts';
import { PolicyStep } from './policy-step.tsx';
import { PurposeStep } from './purpose-step.tsx';
import { ReviewStep } from './review-step.tsx';

const STEPS = ['Purpose', 'Kind', 'Name', 'Policy', 'Review'] as const;
const LAST = STEPS.length - 1;
/** Where what is wrong with a draft can be mended. */
const KIND = 1;
const NAMES = 2;
const POLICY = 3;

/** Makes a key, beginning with what it is for. What was chosen stays through errors and steps back. */
export function CreateKeyDialog({
  place,
  store,
  onClose,
}: {
  place: Place;
  /** The key store that it is to be made in, to begin with. */
  store?: KeyStore;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const account = useAccounts().data?.find((one) => one.name === place.account);
  const taken = useAllKmsKeys().data?.filter((key) => key.account === place.account && key.region === place.region);
  const [draft, setDraft] = useState<DraftKey>({
    ...FIRST_DRAFT,
    ...(store === undefined
      ? {}
      : { material: store.CustomKeyStoreId, external: store.CustomKeyStoreType === 'EXTERNAL_KEY_STORE' }),
  });
  const [step, setStep] = useState(0);
  const [shown, setShown] = useState<DraftProblems>({});
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const gone = useGone();

  const root = account === undefined ? '' : rootArn(account, place.region);
  const usual = newKeyPolicy(root, draft.users, purposeOf(draft).usage);
  const policy = draft.policy ?? usual;

  const patch = (change: Partial<DraftKey>) => {
    setDraft((current) => ({ ...current, ...change }));
    setShown({});
    setError(null);
  };
  const problems = (): DraftProblems => {
    const found = problemsOf(draft);
    const known = taken?.some((key) => key.aliases.includes(`alias/${draft.alias}`)) === true;
    return known ? { ...found, alias: `alias/${draft.alias} is taken in ${place.region}.` } : found;
  };
  /** True when nothing on this step or before it is wrong; else goes where it is. */
  const sound = (upTo: number): boolean => {
    const found = problems();
    const first =
      found.xksKeyId !== undefined
        ? KIND
        : found.alias !== undefined || found.tags !== undefined
          ? NAMES
          : found.policy !== undefined
            ? POLICY
            : LAST + 1;
    setShown(found);
    if (first > upTo) return true;
    setStep(first);
    return false;
  };

  const create = async () => {
    setWorking(true);
    setError(null);
    let keyId: string | undefined;
    try {
      const { KeyMetadata } = await kmsCall(place, 'CreateKey', createKeyInput(draft, policy));
      keyId = KeyMetadata.KeyId;
      if (draft.alias !== '') {
        await kmsCall(place, 'CreateAlias', { AliasName: `alias/${draft.alias}`, TargetKeyId: keyId });
      }
      notify({ message: draft.alias === '' ? 'Created the key.' : `Created “${draft.alias}”.` });
      await finish(keyId);
    } catch (caught) {
      if (keyId !== undefined) {
        notify({ message: `The key was created, its alias was not: ${asWireError(caught).message}`, tone: 'error' });
        await finish(keyId);
        return;
      }
      if (gone.current) {
        notify({ message: asWireError(caught).message, tone: 'error' });
        return;
      }
      setError(asWireError(caught));
      if (refusalName(caught) === 'MalformedPolicyDocumentException') {
        patch({ policy });
        setError(asWireError(caught));
        setStep(POLICY);
      }
    } finally {
      setWorking(false);
    }
  };

  const finish = async (keyId: string) => {
    await refreshKms(queries);
    // Whoever closed the dialog is elsewhere by now.
    if (gone.current) return;
    goToPlace(place);
    const keys = queries.getQueryData<{ id: string; keyId: string; region: string }[]>(['kms', 'keys']);
    const made = keys?.find((key) => key.keyId === keyId && key.region === place.region);
    onClose();
    navigate('kms', made?.id ?? null);
  };

  return (
    <Dialog
      title={`Create a key in ${place.region}`}
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
          if (working || !sound(step)) return;
          if (step < LAST) setStep(step + 1);
          else void create();
        }}
      >
        <DialogBody className="h-104">
          {error !== null && <ErrorCallout error={error} />}
          {step === 0 && <PurposeStep draft={draft} onChange={patch} region={place.region} />}
          {step === 1 && <KindStep draft={draft} onChange={patch} problems={shown} place={place} />}
          {step === 2 && <NamesStep draft={draft} onChange={patch} problems={shown} />}
          {step === 3 && account !== undefined && (
            <PolicyStep
              draft={draft}
              onChange={patch}
              problems={shown}
              account={account}
              region={place.region}
              policy={policy}
            />
          )}
          {step === LAST && <ReviewStep draft={draft} place={place} policy={policy} onGo={setStep} />}
        </DialogBody>
        <DialogFooter>
          {step > 0 && (
            <Button variant="ghost" className="mr-auto -ml-3" onPress={() => setStep(step - 1)}>
              Back
            </Button>
          )}
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working}>
            {step < LAST ? `Next: ${(STEPS[step + 1] ?? '').toLowerCase()}` : working ? 'Creating…' : 'Create the key'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
