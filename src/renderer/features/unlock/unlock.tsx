import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { Status } from '../../../contract/schemas.ts';
import { asWireError, retryAfter } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { acceptStatus, connectionStore, refreshStatus } from '../../api/live.ts';
import { formatSeconds } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { Gate } from '../shell/gate.tsx';
import { describeLock } from './lock-reason.ts';
import { useCountdown } from './use-countdown.ts';

type Factor = 'password' | 'recovery-code';

const WRONG: Readonly<Record<Factor, string>> = {
  password: 'This password does not open the vault. Check Caps Lock and try again.',
  'recovery-code': 'This recovery code does not open the vault. Check every group and try again.',
};

/** The way into a locked vault. */
export function Unlock({ status }: { status: Status }) {
  const queries = useQueryClient();
  const connection = useStore(connectionStore);
  const secret = useRef<SecretHandle>(null);
  const [factor, setFactor] = useState<Factor>('password');
  const [working, setWorking] = useState(false);
  const [fieldError, setFieldError] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [left, wait] = useCountdown();
  const waitNow = useRef(wait);
  waitNow.current = wait;

  useEffect(() => {
    if (status.retryAfterSeconds !== undefined && status.retryAfterSeconds > 0)
      waitNow.current(status.retryAfterSeconds);
  }, [status.retryAfterSeconds]);

  const unlock = async (acceptRollback: boolean) => {
    if (secret.current?.isEmpty() !== false) {
      setFieldError(factor === 'password' ? 'Type your password.' : 'Type your recovery code.');
      secret.current?.focus();
      return;
    }
    const bytes = secret.current.bytes();
    setWorking(true);
    setError(null);
    setFieldError(null);
    try {
      const next = await callSealed('vault.unlock', async (seal) => ({
        secret: { factor, sealed: await seal(factor, bytes) },
        ...(acceptRollback ? { acceptRollback } : {}),
      }));
      secret.current?.clear();
      acceptStatus(next, queries);
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
    }
  };

  const blocked = working || left > 0 || connection === 'down';
  return (
    <Gate title="Unlock your vault" lead={describeLock(status.lockReason)}>
      {status.lockReason === 'hsm-crashed' && (
        <Callout tone="warning" title="The HSM process ended">
          Keys are only ever open inside that process, so they are closed now. If this happens again, the daemon log in{' '}
          <code className="break-all">{status.home}</code> says why.
        </Callout>
      )}
      {status.lockDetail !== undefined && (
        <Callout tone="error" title="The vault does not verify">
          <p className="break-words">{status.lockDetail}</p>
        </Callout>
      )}
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (!blocked) void unlock(false);
        }}
        className="flex flex-col gap-4"
      >
        <SecretField
          key={factor}
          label={factor === 'password' ? 'Password' : 'Recovery code'}
          handle={secret}
          error={fieldError}
          mono={factor === 'recovery-code'}
          {...(factor === 'recovery-code' ? { hint: 'Case, spaces and dashes do not matter.' } : {})}
          autoFocus
          onEdit={() => setFieldError(null)}
        />
        {left > 0 && (
          <Callout tone="warning" live>
            Too many wrong attempts. You can try again in <span className="tabular-nums">{formatSeconds(left)}</span>.
          </Callout>
        )}
        {error !== null && (
          <ErrorCallout
            error={error}
            {...(error.code === 'VaultRolledBack'
              ? {
                  title: 'This vault file is older than the one last opened here',
                  actions: (
                    <Button size="compact" isDisabled={blocked} onPress={() => void unlock(true)}>
                      Open the older file
                    </Button>
                  ),
                }
              : {})}
          />
        )}
        {working ? (
          <WorkBar label="Unlocking. This takes a second on purpose." />
        ) : (
          <Button type="submit" variant="primary" isDisabled={blocked}>
            Unlock
          </Button>
        )}
      </Form>
      <Button
        variant="ghost"
        className="-ml-3 self-start"
        isDisabled={working}
        onPress={() => {
          setFieldError(null);
          setError(null);
          setFactor(factor === 'password' ? 'recovery-code' : 'password');
        }}
      >
        {factor === 'password' ? 'Use the recovery code instead' : 'Use the password instead'}
      </Button>
    </Gate>
  );
}
