import type { RotationRecord } from '../record.ts';
import { accessKeyAdapter } from './access-key.ts';
import type { Adapter } from './adapter.ts';
import { serviceAdapter } from './service-credential.ts';
import { sshKeyAdapter } from './ssh-key.ts';

const ADAPTERS: Readonly<Record<NonNullable<RotationRecord['credential']>['type'], Adapter>> = {
  service: serviceAdapter,
  sshKey: sshKeyAdapter,
};

export function adapterOf({ credential }: Pick<RotationRecord, 'credential'>): Adapter {
  return credential === undefined ? accessKeyAdapter : ADAPTERS[credential.type];
}
