import { KeyholdError } from '../../contract/errors.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import { makeEvent } from '../draft.ts';
import type { Handlers } from './handler.ts';
import { localAccount } from './local-account.ts';

export const serviceHandlers: Handlers<'service.call'> = {
  'service.call': async ({ core, actor }, { account: name, ...call }) => {
    const session = core.session();
    const account = await localAccount(session, name);
    await session.audit.admit();
    const started = core.ports.clock.monotonic();
    let reason: string | undefined;
    let target: string | undefined;
    const onTarget = (arn: string): void => {
      target = arn;
    };
    try {
      return { output: await core.shell.callService({ account, ...call, session, actor, onTarget }) };
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
  },
};
