import { type RefObject, useImperativeHandle, useRef, useState } from 'react';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';

export interface NewPinHandle {
  /** The PIN's bytes when it may be used; null after saying at the field why not. The caller wipes them. */
  take(): Uint8Array | null;
}

/** The most that CTAP allows, in bytes of UTF-8. */
const MOST_BYTES = 63;

/** A new PIN for a key, twice. */
export function NewPin({
  handle,
  least,
  refusal,
  autoFocus,
  onEdit,
}: {
  handle: RefObject<NewPinHandle | null>;
  /** Characters that this key wants. */
  least: number;
  /** Why the key did not take the last one. */
  refusal: string | null;
  autoFocus: boolean;
  onEdit?: () => void;
}) {
  const first = useRef<SecretHandle>(null);
  const again = useRef<SecretHandle>(null);
  const [firstError, setFirstError] = useState<string | null>(null);
  const [againError, setAgainError] = useState<string | null>(null);
  useImperativeHandle(handle, () => ({
    take() {
      const text = first.current?.text() ?? '';
      const bytes = first.current?.bytes() ?? new Uint8Array();
      const wrong =
        [...text].length < least
          ? `Type at least ${least} characters.`
          : bytes.length > MOST_BYTES
            ? `A PIN has at most ${MOST_BYTES} characters.`
            : null;
      setFirstError(wrong);
      const differs = wrong === null && again.current?.equals(first.current) !== true;
      setAgainError(differs ? 'The two PINs differ. Type the same one again.' : null);
      if (wrong !== null) first.current?.focus();
      else if (differs) again.current?.focus();
      if (wrong === null && !differs) return bytes;
      bytes.fill(0);
      return null;
    },
  }));
  return (
    <>
      <SecretField
        label="New PIN"
        handle={first}
        hint={`At least ${least} characters. Letters are allowed too.`}
        error={firstError ?? refusal}
        autoFocus={autoFocus}
        onEdit={() => {
          setFirstError(null);
          onEdit?.();
        }}
      />
      <SecretField label="Repeat new PIN" handle={again} error={againError} onEdit={() => setAgainError(null)} />
    </>
  );
}
