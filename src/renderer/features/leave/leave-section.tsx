import { useQuery } from '@tanstack/react-query';
import type { Profile } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { useChange, useSettings } from '../../api/queries.ts';
import { shortKeyId } from '../../lib/format.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { Section } from '../../ui/facts.tsx';
import { Switch } from '../../ui/switch.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { LeaveSecondsField } from './leave-seconds-field.tsx';
import { isShut, mayLeaveOf, WAYS, type WayInfo, wayWords } from './leave-words.ts';

/** Which ways temporary credentials of a profile may leave by, and what has left. */
export function LeaveSection({ profile }: { profile: Profile }) {
  const change = useChange('profile.update', 'profiles');
  const settings = useSettings().data;
  const may = mayLeaveOf(profile);
  return (
    <Section title="Leaving Keyhold">
      <p className="text-muted">
        For what cannot use the endpoint. Only short session credentials leave, never the key; nobody here can take them
        back before their end, and the log says each time that they left.
      </p>
      <ul className="flex flex-col divide-y divide-line rounded-control border border-line">
        {WAYS.map((info) => (
          <Way
            key={info.way}
            info={info}
            isOn={may[info.way]}
            shut={isShut(info, settings)}
            isDisabled={change.isPending}
            onChange={(on) => change.mutate({ name: profile.name, mayLeave: { [info.way]: on } })}
          />
        ))}
      </ul>
      {change.isError && <ErrorCallout error={asWireError(change.error)} />}
      {may.process && !isShut({ setting: 'leaveProcess' }, settings) && (
        <CodeLine text={`keyhold credential-process ${shellQuote(profile.name)} --leave`} />
      )}
      {may.container && !isShut({ setting: 'leaveContainer' }, settings) && (
        <CodeLine text={`keyhold exec ${shellQuote(profile.name)} --container -- aws s3 ls`} />
      )}
      {(may.process || may.container) && <LeaveSecondsField profile={profile} />}
      <LeftList profile={profile.name} />
    </Section>
  );
}

function Way({
  info,
  isOn,
  shut,
  isDisabled,
  onChange,
}: {
  info: WayInfo;
  isOn: boolean;
  shut: boolean;
  isDisabled: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <li className="flex items-center gap-4 px-4 py-2">
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="font-medium">{info.title}</span>
        <span className="text-muted">{shut ? 'Shut for every profile in Settings.' : info.text}</span>
      </span>
      <Switch
        label={info.title}
        hideLabel
        isSelected={isOn && !shut}
        isDisabled={shut || isDisabled}
        onChange={onChange}
      />
    </li>
  );
}

/** What is outside, and until when. */
function LeftList({ profile }: { profile: string }) {
  const query = useQuery({ queryKey: ['sessions', 'left'], queryFn: () => call('leave.list', {}) });
  const left = query.data?.left.filter((one) => one.profile === profile) ?? [];
  const leases = query.data?.leases.filter((one) => one.profile === profile) ?? [];
  if (query.isError) return <ErrorCallout error={asWireError(query.error)} />;
  if (left.length + leases.length === 0) return null;
  return (
    <ul aria-label="Outside of Keyhold" className="flex flex-col gap-1">
      {left.map((one) => (
        <li key={one.id} className="flex flex-wrap items-baseline gap-x-3">
          <span className="mono" title={one.accessKeyId}>
            {shortKeyId(one.accessKeyId)}
          </span>
          <span className="min-w-0 flex-1 text-muted">
            left by {wayWords(one.ways)} <RelativeTime instant={one.leftAt} />
          </span>
          <span>
            ends <RelativeTime instant={one.expiresAt} />
          </span>
        </li>
      ))}
      {leases.map((one) => (
        <li key={one.id} className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium">{one.label}</span>
          <span className="min-w-0 flex-1 text-muted">may fetch at the container endpoint</span>
          <span>
            {one.expiresAt === undefined ? (
              'until its command ends'
            ) : (
              <>
                ends <RelativeTime instant={one.expiresAt} />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
