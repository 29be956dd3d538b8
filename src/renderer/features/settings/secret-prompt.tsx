import { type RefObject, useEffect, useImperativeHandle, useRef, useState } from 'react';
import type { Seal } from '../../../client/client.ts';
import { wipe } from '../../../client/import/credential-values.ts';
import { hasKey } from '../../../client/ways.ts';
import type { Params } from '../../../contract/methods.ts';
import { useSlots } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { factorsOfWays } from '../unlock/ways.ts';

type Secret = Params<'vault.unlock'>['secret'];
type Factor = Secret['factor'];

export interface SecretPromptHandle {
  /**
   * Runs `work` with a sealer of what was typed, and wipes it; null after saying at the field that nothing was typed. `password` is there where a
   * password was typed, for what is to take the same one.
   */
  use<T>(
    work: (sealSecret: (seal: Seal) => Promise<Secret>, password: Uint8Array | null) => Promise<T>,
  ): Promise<T | null>;
  /** Says that it was wrong, and clears it. */
  refuse(): void;
}

const WORDS: Readonly<Record<Factor, { use: string; empty: string; wrong: string }>> = {
  password: {
    use: 'Use the password instead',
    empty: 'Type the password.',
    wrong: 'This is not the password of the vault.',
  },
  'recovery-code': {
    use: 'Use the recovery code instead',
    empty: 'Type the recovery code.',
    wrong: 'This is not a recovery code of the vault.',
  },
  'security-key': { use: 'Use a security key instead', empty: '', wrong: 'This does not open the vault.' },
};

const EVERY: readonly Factor[] = ['password', 'recovery-code', 'security-key'];

/** A way into the vault, asked again for what must not happen by accident; what no way in takes is not offered. */
export function SecretPrompt({
  handle,
  label,
  autoFocus = false,
  onFactor,
  ofBackup = false,
}: {
  handle: RefObject<SecretPromptHandle | null>;
  label: string;
  autoFocus?: boolean;
  onFactor?: (factor: Factor) => void;
  /** It is a backup's: what opens that is not known beforehand. */
  ofBackup?: boolean;
}) {
  const field = useRef<SecretHandle>(null);
  const pin = useRef<SecretHandle>(null);
  const [chosen, setChosen] = useState<Factor | null>(null);
  const [error, setError] = useState<string | null>(null);
  const ways = useSlots().data ?? [];
  const offered = ofBackup ? EVERY : factorsOfWays(ways);
  const factor = chosen ?? offered[0] ?? 'password';
  const others = offered.filter((one) => one !== factor);
  const withPassword = ofBackup || ways.some((way) => hasKey(way) && way.factors.includes('password'));
  const told = useRef(onFactor);
  told.current = onFactor;
  useEffect(() => told.current?.(factor), [factor]);
  const byKey = factor === 'security-key';
  useImperativeHandle(handle, () => ({
    async use(work) {
      if (!byKey && field.current?.isEmpty() !== false) {
        setError(WORDS[factor].empty);
        field.current?.focus();
        return null;
      }
      const bytes = field.current?.bytes() ?? new Uint8Array();
      const pinBytes = pin.current?.bytes() ?? new Uint8Array();
      try {
        return await work(
          async (seal) =>
            byKey
              ? {
                  factor,
                  ...(bytes.length === 0 ? {} : { password: await seal('password', bytes) }),
                  ...(pinBytes.length === 0 ? {} : { pin: await seal('security-key-pin', pinBytes) }),
                }
              : { factor, sealed: await seal(factor, bytes) },
          factor === 'password' ? bytes : null,
        );
      } finally {
        wipe(bytes);
        wipe(pinBytes);
      }
    },
    refuse() {
      field.current?.clear();
      pin.current?.clear();
      setError(WORDS[factor].wrong);
      (byKey ? (pin.current ?? field.current) : field.current)?.focus();
    },
  }));
  const edited = () => setError(null);
  return (
    <div className="flex flex-col items-start gap-1">
      {byKey ? (
        <div className="flex w-full flex-col gap-3">
          {withPassword && (
            <SecretField
              label={label}
              handle={field}
              optional
              hint="Where the key opens the vault together with a password."
              onEdit={edited}
            />
          )}
          <SecretField
            label="PIN of the key"
            handle={pin}
            optional
            hint="Where the key has one. You are asked to touch it next."
            error={error}
            autoFocus={autoFocus || chosen !== null}
            onEdit={edited}
          />
        </div>
      ) : (
        <SecretField
          key={factor}
          className="w-full"
          label={factor === 'password' ? label : 'Recovery code'}
          handle={field}
          error={error}
          autoFocus={autoFocus || chosen !== null}
          onEdit={edited}
        />
      )}
      <div className="-ml-2 flex flex-wrap">
        {others.map((one) => (
          <Button
            key={one}
            variant="ghost"
            size="compact"
            className="text-muted"
            onPress={() => {
              setError(null);
              setChosen(one);
            }}
          >
            {WORDS[one].use}
          </Button>
        ))}
      </div>
    </div>
  );
}
