import type { Credential } from '../../../contract/credentials.ts';
import { Fact } from '../../ui/facts.tsx';
import { credentialBirth, secretNoun, whatWords } from '../credentials/credential-words.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { CredentialAgeFact } from './credential-age-fact.tsx';
import { DueFrame } from './due-frame.tsx';

/** A credential that is over its age, and not being rotated. */
export function DueCredentialDetail({ credential }: { credential: Credential }) {
  const noun = credential.type === 'sshKey' ? 'SSH key' : secretNoun(credential);
  return (
    <DueFrame
      due={credential}
      born={credentialBirth(credential)}
      title="Credential"
      facts={
        <>
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
        </>
      }
      start={{ credential: credential.name }}
      does={`It makes a second ${noun} and puts it into this one’s place in the vault. AWS tells nobody who uses the old one, so it waits until you say that the tools have the new one; then it deactivates the old one, and deletes it last. Until then all of it can be rolled back.`}
      called={`credential:${credential.name}`}
    />
  );
}
