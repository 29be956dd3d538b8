import type { RefObject } from 'react';
import type { SecurityKeyInfo } from '../../../../contract/mfa.ts';
import { asWireError } from '../../../api/error.ts';
import { WorkBar } from '../../../ui/progress.tsx';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';
import { useDeviceInfo } from '../key-queries.ts';
import { pinHint, wantsPin } from '../key-words.ts';
import { type ChosenDevice, DeviceChoice } from './device-choice.tsx';
import { KeyTrouble, PinTrouble, pinTrouble } from './device-trouble.tsx';

export interface PickedKey {
  info: SecurityKeyInfo | undefined;
  /** There is a key, and nothing stands in its way. */
  ready: boolean;
  refetch: () => void;
  error: unknown;
}

export function usePickedKey(chosen: ChosenDevice): PickedKey {
  const query = useDeviceInfo(chosen.device?.id ?? null);
  const info = query.error === null ? query.data : undefined;
  return {
    info,
    ready: chosen.device !== null && info !== undefined && pinTrouble(info) === null,
    refetch: () => void query.refetch(),
    error: query.error,
  };
}

/** The key, and its PIN where it wants one. */
export function KeyPicker({
  chosen,
  picked,
  pin,
  pinError,
  askPin,
  onPinEdit,
  autoFocus = false,
  meant,
}: {
  chosen: ChosenDevice;
  picked: PickedKey;
  pin: RefObject<SecretHandle | null>;
  pinError: string | null;
  /** Whether this use wants the PIN of a key that has one. */
  askPin: boolean;
  onPinEdit: () => void;
  autoFocus?: boolean;
  /** The name of the one that is asked for. */
  meant?: string | undefined;
}) {
  const { info, error } = picked;
  const trouble = pinTrouble(info);
  return (
    <>
      <DeviceChoice chosen={chosen} meant={meant} />
      {chosen.device !== null &&
        (error !== null ? (
          <KeyTrouble error={asWireError(error)} onRetry={picked.refetch} />
        ) : info === undefined ? (
          <WorkBar label={`Asking ${chosen.device.name}…`} />
        ) : trouble !== null ? (
          <PinTrouble trouble={trouble} />
        ) : (
          askPin &&
          (wantsPin(info) || pinError !== null) && (
            <SecretField
              key={chosen.device.id}
              label="PIN of the key"
              handle={pin}
              hint={pinHint(info)}
              error={pinError}
              autoFocus={autoFocus}
              onEdit={onPinEdit}
            />
          )
        ))}
    </>
  );
}

/** What was typed as a PIN, if anything; the caller wipes it. */
export function typedPin(pin: RefObject<SecretHandle | null>): Uint8Array | null {
  return pin.current === null || pin.current.isEmpty() ? null : pin.current.bytes();
}
