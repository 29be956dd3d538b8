import { useState } from 'react';
import type { SecurityKeyDevice } from '../../../../contract/mfa.ts';
import { asWireError } from '../../../api/error.ts';
import { Callout, ErrorCallout } from '../../../ui/callout.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import { useDevices } from '../key-queries.ts';
import { KeySign } from '../touch-panel.tsx';

export interface ChosenDevice {
  device: SecurityKeyDevice | null;
  /** Those to choose from. */
  devices: readonly SecurityKeyDevice[];
  choose(id: string): void;
  problem: string | null;
  error: unknown;
}

/** The plugged-in device to work with: the one that was chosen, the only one of the `model` that is meant, or the only one. */
export function useChosenDevice(
  fits: (device: SecurityKeyDevice) => boolean,
  { initial = null, model }: { initial?: string | null; model?: string | undefined } = {},
): ChosenDevice {
  const { data, error } = useDevices();
  const [id, setId] = useState(initial);
  const devices = (data?.devices ?? []).filter(fits);
  const ofModel = devices.filter(({ name }) => name === model);
  const [first, ...others] = ofModel.length > 0 ? ofModel : devices;
  return {
    device: devices.find((one) => one.id === id) ?? (others.length === 0 ? (first ?? null) : null),
    devices,
    choose: setId,
    problem: data?.problem ?? null,
    error,
  };
}

/** Asks for a key to be plugged in, or which of several is meant. With one there is nothing to choose. */
export function DeviceChoice({ chosen, meant }: { chosen: ChosenDevice; meant?: string | undefined }) {
  const { device, devices, choose, problem, error } = chosen;
  if (error !== null) return <ErrorCallout error={asWireError(error)} />;
  if (problem !== null) {
    return (
      <Callout tone="warning" title="Security keys cannot be reached" live>
        {problem}
      </Callout>
    );
  }
  if (devices.length === 0) {
    return (
      <div role="status" className="flex flex-col items-center gap-3 py-2 text-center">
        <KeySign ask="insert" />
        <div className="flex flex-col gap-1">
          <p className="text-title font-semibold">Plug in your security key</p>
          <p className="text-muted">It goes on by itself once the key is there.</p>
        </div>
      </div>
    );
  }
  if (devices.length === 1) return null;
  return (
    <RadioCards
      label={meant === undefined ? 'Which security key?' : `Which of these is “${meant}”?`}
      cards={devices.map((one) => ({
        id: one.id,
        title: one.name,
        ...(one.kind === 'otp' ? { text: 'Challenge-response' } : {}),
      }))}
      value={device?.id ?? null}
      onChange={choose}
    />
  );
}
