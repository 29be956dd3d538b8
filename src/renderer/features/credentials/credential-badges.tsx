import { CircleDashed, Hourglass, TriangleAlert } from 'lucide-react';
import type { Credential } from '../../../contract/credentials.ts';
import { Badge } from '../../ui/badge.tsx';
import { isCredentialDue } from './credential-words.ts';

/** What is special about a credential; nothing for an ordinary one. */
export function CredentialBadges({ credential, now }: { credential: Credential; now: number }) {
  return (
    <>
      {credential.state === 'unfinished' && (
        <Badge tone="warn" icon={<CircleDashed size={12} aria-hidden="true" />}>
          not complete
        </Badge>
      )}
      {isCredentialDue(credential, now) && (
        <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden="true" />}>
          due
        </Badge>
      )}
      {credential.dying !== undefined && (
        <Badge icon={<Hourglass size={12} aria-hidden="true" />}>replaces another</Badge>
      )}
    </>
  );
}

/** The same for a row, without a frame: the one thing that matters most. */
export function CredentialMark({ credential, now }: { credential: Credential; now: number }) {
  if (credential.state === 'unfinished') {
    return (
      <span className="flex shrink-0 items-center gap-1 font-medium text-warn-ink">
        <CircleDashed size={12} aria-hidden="true" />
        not complete
      </span>
    );
  }
  if (!isCredentialDue(credential, now)) return null;
  return (
    <span className="flex shrink-0 items-center gap-1 font-medium text-warn-ink">
      <TriangleAlert size={12} aria-hidden="true" />
      due
    </span>
  );
}
