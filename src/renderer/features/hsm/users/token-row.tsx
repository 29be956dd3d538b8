import { CircleCheck, Hourglass } from 'lucide-react';
import type { QuorumTokenInfo } from '../../../../contract/hsm-users.ts';
import { listNames } from '../../../lib/format.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { RelativeTime } from '../../../ui/time.tsx';
import { callAsUser } from './hsm-login.ts';
import { useWork } from './use-work.ts';

/** One thing that the officers are asked to approve. */
export function TokenRow({
  token,
  mayCancel,
  onApprove,
}: {
  token: QuorumTokenInfo;
  mayCancel: boolean;
  onApprove: () => void;
}) {
  const { working, error, run } = useWork();
  const { approvals, required, id } = token;
  const done = approvals.length >= required;
  const cancel = () =>
    run(async () => {
      await callAsUser('hsm.quorumCancel', async (session) => ({ session, id }));
    });
  return (
    <li className="flex flex-col gap-2 border-t border-line px-4 py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="flex min-w-64 flex-1 flex-col">
          <span className="font-medium break-words">{token.description}</span>
          <span className="text-muted">
            <span className="mono">{id.slice(0, 8)}</span> · asked by {token.createdBy} · expires{' '}
            <RelativeTime instant={token.expiresAt} />
            {approvals.length > 0 && <> · approved by {listNames(approvals.map(({ user }) => user))}</>}
          </span>
        </div>
        <Badge
          tone={done ? 'good' : 'warn'}
          icon={done ? <CircleCheck size={12} aria-hidden="true" /> : <Hourglass size={12} aria-hidden="true" />}
        >
          {done ? 'approved' : `${approvals.length} of ${required}`}
        </Badge>
        {!done && (
          <Button size="compact" onPress={onApprove}>
            Approve…
          </Button>
        )}
        {mayCancel && (
          <Button size="compact" variant="ghost" isDisabled={working} onPress={() => void cancel()}>
            Cancel
          </Button>
        )}
      </div>
      {error !== null && <ErrorCallout error={error} />}
    </li>
  );
}
