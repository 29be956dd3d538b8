import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { DialogBody } from '../../ui/dialog.tsx';
import { ConfirmRecoveryCode } from '../recovery/confirm-recovery-code.tsx';
import { RecoverySheet } from '../recovery/recovery-sheet.tsx';

/** The new recovery code has to be stored before the one before it ends. */
export function StoreCodeStep({ code, onDone }: { code: string; onDone: () => void }) {
  const [confirming, setConfirming] = useState(false);
  return (
    <DialogBody>
      {confirming ? (
        <ConfirmRecoveryCode code={code} onBack={() => setConfirming(false)} onDone={onDone} />
      ) : (
        <>
          <RecoverySheet code={code} />
          <Button variant="primary" autoFocus onPress={() => setConfirming(true)}>
            I have stored it
          </Button>
        </>
      )}
    </DialogBody>
  );
}
