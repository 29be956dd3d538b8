import { CircleCheck, CircleX, Ellipsis, KeyRound, Lock, RotateCcw, TriangleAlert } from 'lucide-react';
import type { SecurityKeyDevice, SecurityKeyInfo } from '../../../../contract/mfa.ts';
import { asWireError } from '../../../api/error.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Menu, type MenuAction } from '../../../ui/menu.tsx';
import { openDialog } from '../../dialogs/dialog-store.ts';
import { useDeviceInfo } from '../key-queries.ts';
import { credentialsLeft, pinWords, standardOf } from '../key-words.ts';
import { KeyTrouble } from './device-trouble.tsx';

type FidoInfo = Extract<SecurityKeyInfo, { kind: 'fido' }>;
/** What is done with it in a dialog, which outlasts the device: pulled out, it has something to say. */
export type DeviceAct =
  | { do: 'test' | 'reset'; device: SecurityKeyDevice }
  | { do: 'pin' | 'credentials'; device: SecurityKeyDevice; info: FidoInfo };

/** One device that is plugged in: what it is, what it can do, and the state of its PIN. */
export function DeviceRow({ device, onAct }: { device: SecurityKeyDevice; onAct: (act: DeviceAct) => void }) {
  const query = useDeviceInfo(device.id);
  const info = query.error === null ? query.data : undefined;
  return (
    <li className="flex flex-col gap-2 border-t border-line px-4 py-2.5 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <div className="flex min-w-64 flex-1 flex-col">
          <span className="font-medium">{device.name}</span>
          <span className="text-muted">
            {info === undefined ? (query.error === null ? 'Asking it…' : 'Cannot be asked') : factsOf(info)}
          </span>
        </div>
        {info !== undefined && <DeviceBadges info={info} />}
        <span className="flex items-center gap-1">
          {info?.kind === 'otp' ? (
            <Button size="compact" onPress={() => openDialog({ kind: 'slot.addKey', device: device.id })}>
              Unlock with it…<span className="sr-only"> {device.name}</span>
            </Button>
          ) : (
            <Button
              size="compact"
              isDisabled={info === undefined}
              onPress={() => openDialog({ kind: 'mfa.enroll', device: device.id })}
            >
              Enrol…<span className="sr-only"> {device.name}</span>
            </Button>
          )}
          <Button size="compact" isDisabled={info === undefined} onPress={() => onAct({ do: 'test', device })}>
            Test<span className="sr-only"> {device.name}</span>
          </Button>
          <span className="flex w-8 justify-end">
            {info?.kind === 'fido' && info.fido2 && (
              <Menu
                label={`More for ${device.name}`}
                trigger={
                  <IconButton label={`More for ${device.name}`} icon={<Ellipsis size={16} aria-hidden="true" />} />
                }
                actions={actionsOf(device, info, onAct)}
              />
            )}
          </span>
        </span>
      </div>
      {query.error !== null && <KeyTrouble error={asWireError(query.error)} onRetry={() => void query.refetch()} />}
    </li>
  );
}

function actionsOf(device: SecurityKeyDevice, info: FidoInfo, act: (act: DeviceAct) => void): MenuAction[] {
  return [
    ...(info.pin === 'unsupported'
      ? []
      : [
          {
            id: 'pin',
            label: info.pin === 'unset' ? 'Set a PIN…' : 'Change the PIN…',
            icon: <Lock size={16} aria-hidden="true" />,
            isDisabled: info.pin === 'blocked',
            run: () => act({ do: 'pin', device, info }),
          },
        ]),
    ...(info.managesCredentials
      ? [
          {
            id: 'credentials',
            label: 'Show its credentials…',
            icon: <KeyRound size={16} aria-hidden="true" />,
            run: () => act({ do: 'credentials', device, info }),
          },
        ]
      : []),
    {
      id: 'reset',
      label: 'Erase it…',
      icon: <RotateCcw size={16} aria-hidden="true" />,
      danger: true,
      run: () => act({ do: 'reset', device }),
    },
  ];
}

function factsOf(info: SecurityKeyInfo): string {
  if (info.kind === 'otp') {
    const slots = info.slots.map(
      (full, at) => `slot ${at + 1} ${full === null ? 'unknown' : full ? 'in use' : 'empty'}`,
    );
    return ['Challenge-response', ...(info.firmware === null ? [] : [`firmware ${info.firmware}`]), ...slots].join(
      ' · ',
    );
  }
  return [
    standardOf(info),
    ...(info.firmware === null ? [] : [`firmware ${info.firmware}`]),
    ...(info.fido2 ? [pinWords(info)] : []),
    ...(info.builtInVerification === 'unsupported'
      ? []
      : [info.builtInVerification === 'set' ? 'fingerprint' : 'no fingerprint yet']),
    ...(info.remainingCredentials === null ? [] : [credentialsLeft(info.remainingCredentials).toLowerCase()]),
  ].join(' · ');
}

function DeviceBadges({ info }: { info: SecurityKeyInfo }) {
  if (info.kind === 'otp') {
    return info.slots.some((full) => full !== false) ? (
      <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
        can unlock
      </Badge>
    ) : (
      <Badge>nothing set up</Badge>
    );
  }
  if (info.pin === 'blocked') {
    return (
      <Badge tone="bad" icon={<CircleX size={12} aria-hidden="true" />}>
        PIN blocked
      </Badge>
    );
  }
  if (info.pinNeedsReplug) {
    return (
      <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden="true" />}>
        plug in again
      </Badge>
    );
  }
  return info.canUnlock ? (
    <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
      can unlock
    </Badge>
  ) : (
    <Badge>touch only</Badge>
  );
}
