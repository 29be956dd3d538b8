import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import { createReplyKey } from '../../../client/seal.ts';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refreshStatus } from '../../api/live.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { ConfirmRecoveryCode } from '../recovery/confirm-recovery-code.tsx';
import { RecoverySheet } from '../recovery/recovery-sheet.tsx';
import { Gate } from '../shell/gate.tsx';
import { ceremonyStore } from './ceremony.ts';
import { NewPassword, type NewPasswordHandle } from './new-password.tsx';

type Step = { at: 'password' } | { at: 'working' } | { at: 'code'; code: string } | { at: 'confirm'; code: string };

/** The making of a vault: a password, then the recovery code, shown once and confirmed. */
export function CreateVault() {
  const queries = useQueryClient();
  const password = useRef<NewPasswordHandle>(null);
  const [step, setStep] = useState<Step>({ at: 'password' });
  const [error, setError] = useState<WireError | null>(null);

  const create = async () => {
    const bytes = await password.current?.take();
    if (bytes === null || bytes === undefined) return;
    setError(null);
    setStep({ at: 'working' });
    ceremonyStore.set(true);
    try {
      const reply = await createReplyKey();
      const made = await callSealed('vault.create', async (seal) => ({
        password: await seal('password', bytes),
        replyKey: reply.publicKey,
      }));
      const code = await reply.open(made.recoveryCode, 'recovery-code');
      password.current?.clear();
      setStep({ at: 'code', code: new TextDecoder().decode(code) });
      wipe(code);
    } catch (caught) {
      ceremonyStore.set(false);
      setError(asWireError(caught));
      setStep({ at: 'password' });
      void refreshStatus(queries);
    } finally {
      wipe(bytes);
    }
  };

  if (step.at === 'code') {
    return (
      <Gate
        title="Your recovery code"
        lead="Step 2 of 3. If you forget the password, this code is the only other way in."
      >
        <RecoverySheet code={step.code} />
        <Button variant="primary" autoFocus onPress={() => setStep({ at: 'confirm', code: step.code })}>
          I have stored it
        </Button>
      </Gate>
    );
  }
  if (step.at === 'confirm') {
    return (
      <Gate title="Confirm the recovery code" lead="Step 3 of 3. Type two groups from the copy that you stored.">
        <ConfirmRecoveryCode
          code={step.code}
          onBack={() => setStep({ at: 'code', code: step.code })}
          onDone={() => {
            ceremonyStore.set(false);
            void refreshStatus(queries);
          }}
        />
        <p className="text-muted">
          The vault is on one disk so far. Afterwards, keep a second copy on another one or on a stick: “Add a mirror”
          on the HSM page, or <code>keyhold hsm mirror add PATH</code>.
        </p>
      </Gate>
    );
  }
  const working = step.at === 'working';
  return (
    <Gate
      title="Create your vault"
      lead="Step 1 of 3. The password encrypts everything in the vault. Nobody can reset it for you."
    >
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) void create();
        }}
        className="flex flex-col gap-4"
      >
        <NewPassword handle={password} autoFocus />
        {error !== null && <ErrorCallout error={error} />}
        {working ? (
          <WorkBar label="Making the key from your password. This takes a second on purpose." />
        ) : (
          <Button type="submit" variant="primary">
            Create vault
          </Button>
        )}
      </Form>
    </Gate>
  );
}
