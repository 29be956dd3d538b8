import { type RefObject, useImperativeHandle, useRef, useState } from 'react';
import { describeStrength, loadEstimator, refusePassword, type Strength } from '../../../client/password-strength.ts';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { StrengthMeter } from './strength-meter.tsx';

export interface NewPasswordHandle {
  /** The password's bytes when it may be used; null after saying at the field why not. */
  take(): Promise<Uint8Array | null>;
  clear(): void;
}

/** A new password, twice, with its strength. */
export function NewPassword({
  handle,
  label = 'Password',
  autoFocus = false,
}: {
  handle: RefObject<NewPasswordHandle | null>;
  label?: string;
  autoFocus?: boolean;
}) {
  const first = useRef<SecretHandle>(null);
  const again = useRef<SecretHandle>(null);
  const edit = useRef(0);
  const [strength, setStrength] = useState<Strength | null>(null);
  const [firstError, setFirstError] = useState<string | null>(null);
  const [againError, setAgainError] = useState<string | null>(null);

  const estimate = async (): Promise<Strength | null> => {
    const mine = ++edit.current;
    const estimator = await loadEstimator();
    const field = first.current;
    if (field === null || mine !== edit.current) return null;
    const found = field.isEmpty() ? null : describeStrength(field.text(), estimator);
    setStrength(found);
    return found;
  };

  useImperativeHandle(handle, () => ({
    async take() {
      const found = await estimate();
      const refusal = found === null ? 'Type a password.' : refusePassword(found);
      setFirstError(refusal);
      if (refusal !== null) {
        first.current?.focus();
        return null;
      }
      if (again.current?.equals(first.current) !== true) {
        setAgainError('The two passwords differ. Type the same one again.');
        again.current?.focus();
        return null;
      }
      return first.current?.bytes() ?? null;
    },
    clear() {
      first.current?.clear();
      again.current?.clear();
      setStrength(null);
    },
  }));

  return (
    <>
      <div className="flex flex-col gap-2">
        <SecretField
          label={label}
          handle={first}
          error={firstError}
          autoFocus={autoFocus}
          onEdit={() => {
            setFirstError(null);
            if (again.current?.isEmpty() === false) setAgainError(null);
            void estimate();
          }}
        />
        <StrengthMeter strength={strength} refused={firstError !== null} />
      </div>
      <SecretField
        label={`Repeat ${label.toLowerCase()}`}
        handle={again}
        error={againError}
        onEdit={() => setAgainError(null)}
        onBlur={() => {
          if (again.current?.isEmpty() === false && !again.current.equals(first.current)) {
            setAgainError('The two passwords differ. Type the same one again.');
          }
        }}
      />
    </>
  );
}
