import type { Profile } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Select } from '../../ui/select.tsx';
import { leaveLastings, USUAL_LEAVE_SECONDS } from './leave-words.ts';

/** How long what is handed to tools lasts; a console session has its own time. */
export function LeaveSecondsField({ profile }: { profile: Profile }) {
  const change = useChange('profile.update', 'profiles');
  const present = profile.leaveSeconds ?? USUAL_LEAVE_SECONDS;
  return (
    <div className="flex max-w-80 flex-col gap-2">
      <Select
        label="Handed to tools for"
        choices={leaveLastings(present)}
        value={String(present)}
        onChange={(chosen) => {
          const seconds = Number(chosen);
          change.mutate({ name: profile.name, leaveSeconds: seconds === USUAL_LEAVE_SECONDS ? null : seconds });
        }}
        isDisabled={change.isPending}
      />
      {change.isError && <ErrorCallout error={asWireError(change.error)} />}
    </div>
  );
}
