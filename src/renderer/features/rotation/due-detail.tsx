import { RotateCw } from 'lucide-react';
import type { AccessKey } from '../../../contract/schemas.ts';
import { formatAge, listNames, shortKeyId } from '../../lib/format.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { keyBirth } from '../keys/key-facts.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { MaxAgeFact } from './max-age-fact.tsx';
import { RotationBadge } from './rotation-badge.tsx';
import { ScheduleFact } from './schedule-fact.tsx';
import { SnoozeMenu } from './snooze-menu.tsx';

/** A key that is over its age, and not being rotated. */
export function DueDetail({ keyRecord: key }: { keyRecord: AccessKey }) {
  const now = useNow();
  return (
    <>
      <DetailHead
        title={key.name}
        within={key.account}
        badges={<RotationBadge look="due" />}
        subtitle={
          <>
            <span>{formatAge(keyBirth(key), now)} old</span>
            <Dot />
            {key.dueAt !== undefined && (
              <span>
                due since <RelativeTime instant={key.dueAt} />
              </span>
            )}
          </>
        }
        actions={
          <>
            <Button
              variant="primary"
              icon={<RotateCw size={16} aria-hidden="true" />}
              onPress={() => openDialog({ kind: 'rotation.start', key: key.name })}
            >
              Rotate…
            </Button>
            <SnoozeMenu keyRecord={key} />
          </>
        }
      />
      <Section title="Key">
        <Facts>
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
        </Facts>
      </Section>
      <Section title="What a rotation does">
        <p className="text-muted">
          It makes a second key, uses it until AWS takes it, switches profiles and clients over, deactivates the old key
          and watches it, and deletes it last. Until then all of it can be rolled back.
        </p>
        <CodeLine text={`keyhold rotate ${shellQuote(key.name)} --plan`} />
      </Section>
    </>
  );
}
