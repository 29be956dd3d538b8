import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { Credential } from '../../../contract/credentials.ts';
import type { Rotation } from '../../../contract/rotation.ts';
import type { AccessKey } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { navigate } from '../../lib/router.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { canRotateCredential } from '../credentials/credential-words.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { canRotate, hasEnded } from './board.ts';
import { RotationBadge } from './rotation-badge.tsx';
import { ConfirmRotationDialog, RollBackDialog } from './rotation-dialogs.tsx';
import { RotationSteps } from './rotation-steps.tsx';
import { calledOf, lookOf, messageOf, nounOf, quarantineWords } from './rotation-words.ts';

/** One rotation: where it stands, what it waits for, and what was seen on the way. */
export function RotationDetail({
  rotation,
  keyRecord,
  credential,
}: {
  rotation: Rotation;
  keyRecord: AccessKey | undefined;
  credential: Credential | undefined;
}) {
  const [asking, setAsking] = useState<'confirm' | 'rollback' | null>(null);
  const resume = useChange('rotation.resume', 'rotations', 'keys');
  const look = lookOf(rotation);
  const ended = hasEnded(rotation);
  const now = useNow();
  return (
    <>
      <DetailHead
        title={rotation.key}
        within={rotation.account}
        badges={<RotationBadge look={look} />}
        subtitle={
          <>
            <span>{rotation.user === undefined ? 'user not known yet' : `user ${rotation.user}`}</span>
            <Dot />
            <span>
              begun <RelativeTime instant={rotation.startedAt} />
            </span>
          </>
        }
        actions={
          <>
            {credential !== undefined && rotation.needs === 'confirm' && rotation.halt === 'unwatched' && (
              <Button onPress={() => navigate('credentials', credential.id)}>Show the new {nounOf(rotation)}…</Button>
            )}
            {rotation.needs === 'confirm' && (
              <Button variant="primary" onPress={() => setAsking('confirm')}>
                Go on…
              </Button>
            )}
            {(rotation.needs === 'resume' || look === 'retrying') && (
              <Button
                variant="primary"
                isDisabled={resume.isPending}
                onPress={() => resume.mutate({ key: calledOf(rotation) })}
              >
                Try again now
              </Button>
            )}
            {rotation.canRollBack && (
              <Button
                variant={rotation.state === 'waiting' ? 'secondary' : 'danger-ghost'}
                icon={<Undo2 size={16} aria-hidden="true" />}
                onPress={() => setAsking('rollback')}
              >
                Roll back…
              </Button>
            )}
            {ended && rotation.state !== 'done' && credential !== undefined && canRotateCredential(credential) && (
              <Button onPress={() => openDialog({ kind: 'rotation.start', credential: rotation.key })}>
                Rotate again…
              </Button>
            )}
            {ended && rotation.state !== 'done' && keyRecord !== undefined && canRotate(keyRecord) && (
              <Button onPress={() => openDialog({ kind: 'rotation.start', key: rotation.key })}>Rotate again…</Button>
            )}
          </>
        }
      />
      <div className="flex max-w-192 flex-col gap-3 px-6 pb-5">
        <Callout tone={look === 'waiting' ? 'warning' : look === 'refused' ? 'error' : 'info'}>
          <p>{messageOf(rotation, now)}</p>
          {rotation.retryAt !== undefined && (
            <p className="text-muted">
              It is tried again by itself <RelativeTime instant={rotation.retryAt} />.
            </p>
          )}
        </Callout>
        {resume.isError && <ErrorCallout error={asWireError(resume.error)} />}
      </div>
      <Section title="Steps">
        <RotationSteps rotation={rotation} />
      </Section>
      <Section title="Rotation">
        <Facts>
          <Fact name={rotation.adapter === undefined ? 'Access key' : 'Credential'}>
            {keyRecord !== undefined ? (
              <RecordLink screen="keys" id={keyRecord.id}>
                {rotation.key}
              </RecordLink>
            ) : credential !== undefined ? (
              <RecordLink screen="credentials" id={credential.id}>
                {rotation.key}
              </RecordLink>
            ) : (
              rotation.key
            )}
          </Fact>
          <Fact name={`Old ${nounOf(rotation)} id`}>
            <span className="mono">{rotation.oldAccessKeyId}</span>
          </Fact>
          {rotation.newAccessKeyId !== undefined && (
            <Fact name={`New ${nounOf(rotation)} id`}>
              <span className="mono">{rotation.newAccessKeyId}</span>
            </Fact>
          )}
          <Fact name="Quarantine">
            {quarantineWords(rotation.quarantineSeconds)}
            {rotation.quarantineUntil !== undefined && !ended && (
              <span className="text-muted">
                the old {nounOf(rotation)} is deleted <RelativeTime instant={rotation.quarantineUntil} />
              </span>
            )}
          </Fact>
          {rotation.endedAt !== undefined && (
            <Fact name="Ended">
              <RelativeTime instant={rotation.endedAt} />
            </Fact>
          )}
        </Facts>
      </Section>
      {asking === 'confirm' && <ConfirmRotationDialog rotation={rotation} onClose={() => setAsking(null)} />}
      {asking === 'rollback' && <RollBackDialog rotation={rotation} onClose={() => setAsking(null)} />}
    </>
  );
}
