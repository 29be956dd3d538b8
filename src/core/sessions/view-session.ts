import type { AwsSession } from '../../contract/sessions.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Things } from '../things.ts';
import { instant } from '../views.ts';
import type { Chain } from './chain.ts';
import { heldOrigin } from './origins/origins.ts';
import type { SessionBroker } from './session-broker.ts';
import { viewSessionLimits } from './session-kind.ts';

/** Undefined for a profile that signs with its key. */
export function viewSession(things: Things, broker: SessionBroker, chain: Chain, now: number): AwsSession | undefined {
  const limits = viewSessionLimits(chain);
  if (limits === undefined) return undefined;
  const [{ id, value: profile }, ...sources] = chain;
  const { refreshing, failure, refreshAt } = broker.view(id);
  const held = broker.held(things, chain)?.value;
  const kept = held ?? things.sessionOf(id)?.value;
  const refused = failure !== undefined && (kept === undefined || failure.at >= kept.obtainedAt) ? failure : undefined;
  const state =
    held !== undefined ? 'active' : refused !== undefined ? 'refused' : kept === undefined ? 'none' : 'expired';
  return {
    id,
    profile: profile.name,
    account: things.must('account', profile.account).name,
    ...limits,
    chain: sources.map(({ value }) => value.name),
    state,
    refreshing,
    ...omitUndefined({
      roleArn: profile.role?.arn,
      origin: profile.origin === undefined ? undefined : heldOrigin(profile.origin).view(things),
      accessKeyId: kept?.accessKeyId,
      arn: kept?.arn,
      obtainedAt: kept === undefined ? undefined : instant(kept.obtainedAt),
      expiresAt: kept === undefined ? undefined : instant(kept.expiresAt),
      remainingSeconds: held === undefined ? undefined : Math.max(0, Math.floor((held.expiresAt - now) / 1000)),
      refreshAt: held === undefined || refreshAt === undefined ? undefined : instant(Math.round(refreshAt)),
      failure:
        refused === undefined
          ? undefined
          : {
              at: instant(refused.at),
              code: refused.error.code,
              message: refused.error.message,
              retryAt: instant(refused.retryAt),
            },
    }),
  };
}
