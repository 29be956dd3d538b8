import { type RefObject, useImperativeHandle, useRef, useState } from 'react';
import type { Seal } from '../../../client/client.ts';
import { wipe } from '../../../client/import/credential-values.ts';
import type { Params } from '../../../contract/methods.ts';
import { Button } from '../../ui/button.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';

type Secret = Params<'vault.unlock'>['secret'];

export interface SecretPromptHandle {
  /** Runs `work` with a sealer of what was typed, and wipes it; null after saying at the field that nothing was typed. */
  use<T>(work: (sealSecret: (seal: Seal) => Promise<Secret>) => Promise<T>): Promise<T | null>;
  /** Says that it was wrong, and clears it. */
  refuse(): void;
}

/** A way into the vault, asked again for what must not happen by accident. */
export function SecretPrompt({
  handle,
  label,
  autoFocus = false,
}: {
  handle: RefObject<SecretPromptHandle | null>;
  label: string;
  autoFocus?: boolean;
}) {
  const field = useRef<SecretHandle>(null);
  const [factor, setFactor] = useState<'password' | 'recovery-code'>('password');
  const [error, setError] = useState<string | null>(null);
  useImperativeHandle(handle, () => ({
    async use(work) {
      if (field.current?.isEmpty() !== false) {
        setError(factor === 'password' ? 'Type the password.' : 'Type the recovery code.');
        field.current?.focus();
        return null;
      }
      const bytes = field.current.bytes();
      try {
        return await work(async (seal) => ({ factor, sealed: await seal(factor, bytes) }));
      } finally {
        wipe(bytes);
      }
    },
    refuse() {
      field.current?.clear();
      setError(
        factor === 'password' ? 'This is not the password of the vault.' : 'This is not a recovery code of the vault.',
      );
      field.current?.focus();
    },
  }));
  return (
    <div className="flex flex-col items-start gap-1">
      <SecretField
        key={factor}
        className="w-full"
        label={factor === 'password' ? label : 'Recovery code'}
        handle={field}
        error={error}
        autoFocus={autoFocus}
        onEdit={() => setError(null)}
      />
      <Button
        variant="ghost"
        size="compact"
        className="-ml-2 text-muted"
        onPress={() => {
          setError(null);
          setFactor(factor === 'password' ? 'recovery-code' : 'password');
        }}
      >
        {factor === 'password' ? 'Use the recovery code instead' : 'Use the password instead'}
      </Button>
    </div>
  );
}
