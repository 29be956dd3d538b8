import { KeyholdError } from '../../contract/errors.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import type { ServiceCall } from '../core.ts';
import { makeEvent } from '../draft.ts';
import type { Found } from '../things.ts';
import type { CallContext } from './handler.ts';

/** One operation of a local account's service, as the account's root, with its entry in the log. Throws `ServiceRefused` with the AWS error's name. */
export async function callLocal(
  { core, actor }: Pick<CallContext, 'core' | 'actor'>,
  account: Found<'account'>,
  call: Pick<ServiceCall, 'region' | 'service' | 'operation' | 'input'>,
): Promise<Record<string, unknown>> {
  const session = core.session();
  await session.audit.admit();
  const started = core.ports.clock.monotonic();
  let reason: string | undefined;
  let target: string | undefined;
  const onTarget = (arn: string): void => {
    target = arn;
  };
  try {
    return await core.shell.callService({ account, ...call, session, actor, onTarget });
  } catch (error) {
    reason = error instanceof KeyholdError ? String(error.details?.['name'] ?? error.code) : 'Internal';
    throw error;
  } finally {
    const event: AuditEvent = {
      ...makeEvent(core.ports, { action: call.operation, actor }),
      kind: 'request',
      decision: reason === undefined ? 'allowed' : 'denied',
      ...(reason === undefined ? {} : { reason }),
      ...(target === undefined ? {} : { target }),
      account: account.value.name,
      service: call.service,
      region: call.region,
      latencyMs: Math.round((core.ports.clock.monotonic() - started) * 1000) / 1000,
    };
    session.audit.record(event);
    core.emit({ type: 'audit', event });
  }
}
