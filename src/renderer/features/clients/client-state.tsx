import { Ban, CircleCheck, Clock } from 'lucide-react';
import type { Client } from '../../../contract/schemas.ts';
import { Badge } from '../../ui/badge.tsx';

/** Whether the client's key works now. */
export function ClientState({ client, quiet = false }: { client: Client; quiet?: boolean }) {
  if (client.expired) {
    return (
      <Badge tone="warn" icon={<Clock size={12} aria-hidden="true" />}>
        expired
      </Badge>
    );
  }
  if (!client.enabled) return <Badge icon={<Ban size={12} aria-hidden="true" />}>disabled</Badge>;
  if (quiet) return null;
  return (
    <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
      enabled
    </Badge>
  );
}
