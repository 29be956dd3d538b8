import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError, retryAfter } from '../../api/error.ts';
import { refreshStatus } from '../../api/live.ts';
import { Button } from '../../ui/button.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { TooSoon } from './too-soon.tsx';
import { UnlockError } from './unlock-error.tsx';
import { useUnlock } from './use-unlock.ts';

export type TypedFactor = 'password' | 'recovery-code';

const WRONG: Readonly<Record<TypedFactor, string>> = {
  password: 'This password does not open the vault. Check Caps Lock and try again.',
  'recovery-code': 'This recovery code does not open the vault. Check every group and try again.',
};

export interface UnlockFormProps {
  /** Seconds until another attempt is allowed. */
  left: number;
  wait: (seconds: number) => void;
  /** The daemon cannot be reached. */
  isDown: boolean;
  onWorking: (working: boolean) => void;
}

/** Unlocks with the password or the recovery code. */
export function TypedUnlock({ factor, left, wait, isDown, onWorking }: UnlockFormProps & { factor: TypedFactor }) {
  const queries = useQueryClient();
  const open = useUnlock();
  const secret = useRef<SecretHandle>(null);
  const [working, setWorking] = useState(false);
  const [fieldError, setFieldError] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);

  const unlock = async (acceptRollback: boolean) => {
    if (secret.current?.isEmpty() !== false) {
      setFieldError(factor === 'password' ? 'Type your password.' : 'Type your recovery code.');
      secret.current?.focus();
      return;
    }
    const bytes = secret.current.bytes();
    setWorking(true);
    onWorking(true);
    setError(null);
    setFieldError(null);
    try {
      await open(async (seal) => ({ factor, sealed: await seal(factor, bytes) }), acceptRollback);
      secret.current?.clear();
    } catch (caught) {
      const wire = asWireError(caught);
      const delay = retryAfter(caught);
      if (delay !== null) wait(delay);
      // A rollback is decided on by the same person a moment later: keep what was typed until then.
      if (wire.code !== 'VaultRolledBack' && wire.code !== 'Unreachable') secret.current?.clear();
      if (wire.code === 'WrongSecret') {
        setFieldError(WRONG[factor]);
        // From the sixth failure on there is a wait, which only the status tells beforehand.
        void refreshStatus(queries);
      }
      if (wire.code !== 'WrongSecret' && wire.code !== 'TooManyAttempts') setError(wire);
      secret.current?.focus();
    } finally {
      wipe(bytes);
      setWorking(false);
      onWorking(false);
    }
  };

  const blocked = working || left > 0 || isDown;
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked) void unlock(false);
      }}
      className="flex flex-col gap-4"
    >
      <SecretField
        label={factor === 'password' ? 'Password' : 'Recovery code'}
        handle={secret}
        error={fieldError}
        mono={factor === 'recovery-code'}
        {...(factor === 'recovery-code' ? { hint: 'Case, spaces and dashes do not matter.' } : {})}
        autoFocus
        onEdit={() => setFieldError(null)}
      />
      <TooSoon left={left} />
      {error !== null && <UnlockError error={error} isDisabled={blocked} onAccept={() => void unlock(true)} />}
      {working ? (
        <WorkBar label="Unlocking. This takes a second on purpose." />
      ) : (
        <Button type="submit" variant="primary" isDisabled={blocked}>
          Unlock
        </Button>
      )}
    </Form>
  );
}
