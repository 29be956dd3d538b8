import type { AccessKey } from '../../../contract/schemas.ts';
import { listNames, shortKeyId } from '../../lib/format.ts';
import { Fact } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { keyBirth } from '../keys/key-facts.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { DueFrame } from './due-frame.tsx';
import { MaxAgeFact } from './max-age-fact.tsx';
import { ScheduleFact } from './schedule-fact.tsx';
import { SnoozeMenu } from './snooze-menu.tsx';

/** A key that is over its age, and not being rotated. */
export function DueDetail({ keyRecord: key }: { keyRecord: AccessKey }) {
  return (
    <DueFrame
      due={key}
      born={keyBirth(key)}
      title="Key"
      facts={
        <>
          <Fact name="Access key">
            <RecordLink screen="keys" id={key.id}>
              {key.name}
            </RecordLink>
            <span className="mono text-muted">{shortKeyId(key.accessKeyId)}</span>
          </Fact>
          <Fact name="Last used">
            {key.lastUsedAt === undefined ? 'Never' : <RelativeTime instant={key.lastUsedAt} />}
          </Fact>
          <Fact name="Used by">{listNames(key.profiles, 8) || 'no profile'}</Fact>
          <MaxAgeFact keyRecord={key} />
          <ScheduleFact keyRecord={key} />
        </>
      }
      start={{ key: key.name }}
      actions={<SnoozeMenu keyRecord={key} />}
      does="It makes a second key, uses it until AWS takes it, switches profiles and clients over, deactivates the old key and watches it, and deletes it last. Until then all of it can be rolled back."
      called={key.name}
    />
  );
}
