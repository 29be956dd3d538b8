import { Ban, History, Hourglass, TriangleAlert } from 'lucide-react';
import type { AccessKey } from '../../../contract/schemas.ts';
import { Badge } from '../../ui/badge.tsx';
import { isDue, isOld } from './key-facts.ts';

/** What is special about a key: disabled, due, old, temporary. Nothing for an ordinary one. */
export function KeyBadges({ keyRecord, now }: { keyRecord: AccessKey; now: number }) {
  return (
    <>
      {keyRecord.status === 'disabled' && <Badge icon={<Ban size={12} aria-hidden="true" />}>disabled</Badge>}
      {isDue(keyRecord, now) && (
        <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden="true" />}>
          due
        </Badge>
      )}
      {isOld(keyRecord, now) && <Badge icon={<History size={12} aria-hidden="true" />}>old</Badge>}
      {keyRecord.hasSessionToken && <Badge icon={<Hourglass size={12} aria-hidden="true" />}>temporary</Badge>}
    </>
  );
}

/** The same for a row, without a frame: what is special, or nothing. */
export function KeyMarks({ keyRecord, now }: { keyRecord: AccessKey; now: number }) {
  if (keyRecord.status === 'disabled') {
    return (
      <span className="flex shrink-0 items-center gap-1 text-muted">
        <Ban size={12} aria-hidden="true" />
        disabled
      </span>
    );
  }
  if (isOld(keyRecord, now)) {
    return (
      <span className="flex shrink-0 items-center gap-1 text-muted">
        <History size={12} aria-hidden="true" />
        old
      </span>
    );
  }
  if (!isDue(keyRecord, now)) return null;
  return (
    <span className="flex shrink-0 items-center gap-1 font-medium text-warn-ink">
      <TriangleAlert size={12} aria-hidden="true" />
      due
    </span>
  );
}
