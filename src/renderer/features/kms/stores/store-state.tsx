import { CircleCheck, CircleX, Hourglass, Unplug } from 'lucide-react';
import { Badge } from '../../../ui/badge.tsx';
import type { KeyStore } from '../kms.ts';

export function StoreState({ state }: { state: KeyStore['ConnectionState'] }) {
  switch (state) {
    case 'CONNECTED':
      return (
        <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
          connected
        </Badge>
      );
    case 'FAILED':
      return (
        <Badge tone="bad" icon={<CircleX size={12} aria-hidden="true" />}>
          failed
        </Badge>
      );
    case 'DISCONNECTED':
      return (
        <Badge tone="warn" icon={<Unplug size={12} aria-hidden="true" />}>
          not connected
        </Badge>
      );
    default:
      return <Badge icon={<Hourglass size={12} aria-hidden="true" />}>{state.toLowerCase()}</Badge>;
  }
}
