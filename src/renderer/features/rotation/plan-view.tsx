import type { RotationPlan } from '../../../contract/rotation.ts';
import { shortKeyId } from '../../lib/format.ts';
import { Badge } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { RelativeTime } from '../../ui/time.tsx';

/** Without a network the start is kept, and asked about once there is one. */
export function canStart({ blockers }: RotationPlan): boolean {
  return blockers.every(({ halt }) => halt === 'network');
}

/** What will be done, what AWS has now, and what stands in the way. */
export function PlanView({ plan }: { plan: RotationPlan }) {
  return (
    <section aria-label="Plan" className="flex flex-col gap-4">
      {plan.blockers.map((blocker) => (
        <Callout
          key={blocker.message}
          tone={blocker.halt === 'network' ? 'warning' : 'error'}
          title={blocker.halt === 'network' ? 'AWS cannot be reached now' : 'This stands in the way'}
          live
        >
          {blocker.message}
        </Callout>
      ))}
      {plan.notes.map((note) => (
        <Callout key={note} tone="info">
          {note}
        </Callout>
      ))}
      {plan.user !== undefined && (
        <div className="flex flex-col gap-1">
          <h3 className="font-semibold">User {plan.user} at AWS</h3>
          {plan.mfaSerial !== undefined && (
            <p className="text-muted">
              Signs in with <span className="mono break-all">{plan.mfaSerial}</span>.
            </p>
          )}
          <ul className="flex flex-col">
            {plan.keys.map((key) => (
              <li key={key.accessKeyId} className="flex min-h-8 flex-wrap items-center gap-x-3">
                <span className="mono" title={key.accessKeyId}>
                  {shortKeyId(key.accessKeyId)}
                </span>
                <Badge>{key.status}</Badge>
                <span className="min-w-0 flex-1 truncate text-muted">{key.name ?? 'not in this vault'}</span>
                <span className="text-muted">
                  <LastUse at={key.lastUsedAt} service={key.lastUsedService} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="flex flex-col gap-1">
        <h3 className="font-semibold">What will be done</h3>
        <ol className="flex list-decimal flex-col gap-1 pl-5">
          {plan.steps.map((step) => (
            <li key={step} className="break-words">
              {step}
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

function LastUse({ at, service }: { at: string | null | undefined; service: string | undefined }) {
  if (at === undefined) return 'last use not known';
  if (at === null) return 'never used';
  return (
    <>
      used <RelativeTime instant={at} />
      {service === undefined ? '' : ` in ${service}`}
    </>
  );
}
