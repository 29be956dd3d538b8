import { useQueryClient } from '@tanstack/react-query';
import { Pointer } from 'lucide-react';
import type { HsmUsers, QuorumService } from '../../../../contract/hsm-users.ts';
import type { Gate } from '../../../../contract/schemas.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { gateWords } from '../../gates/gate-words.ts';
import { TouchDialog } from '../../gates/touch-dialog.tsx';
import { KeyTrouble } from '../../security-keys/device/device-trouble.tsx';
import { callAsUser } from './hsm-login.ts';
import { Refused } from './refused.tsx';

const APPROVALS = [
  { service: 'key', title: 'approvals for keys' },
  { service: 'user', title: 'approvals for users' },
] as const;

/** What each approval wants touched; shown where there is something to see or to set. */
export function ApprovalTouches({
  touch,
  maySet,
  onSet,
}: {
  touch: HsmUsers['touch'];
  maySet: boolean;
  onSet: (service: QuorumService) => void;
}) {
  const shown = APPROVALS.filter(({ service }) => maySet || touch[service] !== null);
  if (shown.length === 0) return null;
  return (
    <ul aria-label="Touch to approve" className="border-t border-line">
      {shown.map(({ service, title }) => {
        const gate = touch[service];
        const change = gate === null ? 'Require a touch…' : 'Change…';
        return (
          <li key={service} className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5">
            <span className="w-44">{`${title.charAt(0).toUpperCase()}${title.slice(1)}`}</span>
            {gate === null ? (
              <span className="min-w-0 flex-1 text-muted">without a touch</span>
            ) : (
              <span className="flex min-w-0 flex-1 flex-wrap items-center gap-2">
                <Badge tone="good" icon={<Pointer size={12} aria-hidden="true" />}>
                  touch required
                </Badge>
                {gateWords(gate)}
              </span>
            )}
            {maySet && (
              <Button size="compact" aria-label={`${change} (${title})`} onPress={() => onSet(service)}>
                {change}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Sets the touch of approvals as the officer who is logged in, with the quorum's approval where there is one. */
export function ApprovalTouchDialog({
  service,
  touch,
  onClose,
}: {
  service: QuorumService;
  touch: HsmUsers['touch'];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const save = async (wanted: Gate | null) => {
    try {
      await callAsUser('hsm.approvalTouchSet', async (session) => ({ session, service, touch: wanted }));
    } finally {
      await queries.invalidateQueries({ queryKey: ['hsm'] });
    }
  };
  const title = APPROVALS.find((one) => one.service === service)?.title ?? service;
  return (
    <TouchDialog
      title={title}
      gate={touch[service] ?? undefined}
      without="The officer’s password or signature is enough."
      byCode={false}
      onSave={save}
      trouble={(error, wanted) =>
        error.code === 'QuorumRequired' ? (
          <Refused error={error} act={{ do: 'set-approval-touch', service, touch: wanted }} onAsked={onClose} />
        ) : (
          <KeyTrouble error={error} />
        )
      }
      onClose={onClose}
    />
  );
}
