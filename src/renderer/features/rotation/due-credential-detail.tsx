import { RotateCw } from 'lucide-react';
import type { Credential } from '../../../contract/credentials.ts';
import { formatAge } from '../../lib/format.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { credentialBirth, secretNoun, whatWords } from '../credentials/credential-words.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { CredentialAgeFact } from './credential-age-fact.tsx';
import { RotationBadge } from './rotation-badge.tsx';

/** A credential that is over its age, and not being rotated. */
export function DueCredentialDetail({ credential }: { credential: Credential }) {
  const now = useNow();
  const noun = credential.type === 'sshKey' ? 'SSH key' : secretNoun(credential);
  return (
    <>
      <DetailHead
        title={credential.name}
        within={credential.account}
        badges={<RotationBadge look="due" />}
        subtitle={
          <>
            <span>{formatAge(credentialBirth(credential), now)} old</span>
            <Dot />
            {credential.dueAt !== undefined && (
              <span>
                due since <RelativeTime instant={credential.dueAt} />
              </span>
            )}
          </>
        }
        actions={
          <Button
            variant="primary"
            icon={<RotateCw size={16} aria-hidden="true" />}
            onPress={() => openDialog({ kind: 'rotation.start', credential: credential.name })}
          >
            Rotate…
          </Button>
        }
      />
      <Section title="Credential">
        <Facts>
          <Fact name={whatWords(credential)}>
            <RecordLink screen="credentials" id={credential.id}>
              {credential.name}
            </RecordLink>
          </Fact>
          {credential.userName !== undefined && (
            <Fact name="User name">
              <span className="mono">{credential.userName}</span>
            </Fact>
          )}
          <CredentialAgeFact credential={credential} />
        </Facts>
      </Section>
      <Section title="What a rotation does">
        <p className="text-muted">
          It makes a second {noun} and puts it into this one’s place in the vault. AWS tells nobody who uses the old
          one, so it waits until you say that the tools have the new one; then it deactivates the old one, and deletes
          it last. Until then all of it can be rolled back.
        </p>
        <CodeLine text={`keyhold rotate ${shellQuote(`credential:${credential.name}`)} --plan`} />
      </Section>
    </>
  );
}
