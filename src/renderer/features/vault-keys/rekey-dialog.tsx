import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSlots } from '../../api/queries.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Steps } from '../../ui/steps.tsx';
import { ProveStep } from './prove-step.tsx';
import { NOTHING_PROVED, type Proved } from './rekey-plan.ts';
import { ReviewStep } from './review-step.tsx';
import { StoreCodeStep } from './store-code-step.tsx';
import { WaysStep } from './ways-step.tsx';

const STEPS = ['Prove who you are', 'Ways in', 'Change the keys'];

/** A new root key for the vault: what still opens it is proved first, and whatever is not is given up by name. */
export function RekeyDialog({ records, onClose }: { records: number; onClose: () => void }) {
  const queries = useQueryClient();
  const slots = useSlots().data ?? [];
  const [proved, setProved] = useState<Proved>(NOTHING_PROVED);
  const [code, setCode] = useState<string | null>(null);
  const [step, setStep] = useState(0);
  const [working, setWorking] = useState(false);
  const startOver = () => {
    setProved(NOTHING_PROVED);
    setStep(0);
  };
  if (code !== null) {
    return (
      <Dialog title="Your new recovery code" isOpen onClose={onClose} isDismissable={false}>
        <StoreCodeStep
          code={code}
          onDone={() => {
            setCode(null);
            setStep(1);
          }}
        />
      </Dialog>
    );
  }
  return (
    <Dialog title="New root key" isOpen onClose={onClose} isDismissable={!working}>
      <Steps label="Steps" steps={STEPS} current={step} onGo={(to) => (to === 0 ? startOver() : setStep(to))} />
      {step === 0 && (
        <ProveStep
          slots={slots}
          onClose={onClose}
          onWorking={setWorking}
          onProved={(next, newCode) => {
            setProved(next);
            if (newCode === null) setStep(1);
            else setCode(newCode);
          }}
        />
      )}
      {step === 1 && (
        <WaysStep slots={slots} proved={proved} onChange={setProved} onClose={onClose} onNext={() => setStep(2)} />
      )}
      {step === 2 && (
        <ReviewStep
          slots={slots}
          proved={proved}
          records={records}
          onClose={onClose}
          onStartOver={startOver}
          onChanged={(rotation) => {
            queries.setQueryData(['keyRotation'], rotation);
            onClose();
          }}
        />
      )}
    </Dialog>
  );
}
