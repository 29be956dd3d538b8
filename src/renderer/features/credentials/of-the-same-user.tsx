import { useNow } from '../../lib/use-now.ts';
import { Section } from '../../ui/facts.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { CredentialMark } from './credential-badges.tsx';
import { useCredentials } from './credential-queries.ts';
import { whatWords } from './credential-words.ts';

/** What the user of an access key has besides it; nothing where there is none. */
export function OfTheSameUser({ keyName }: { keyName: string }) {
  const now = useNow();
  const credentials = useCredentials().data?.filter(({ key }) => key === keyName) ?? [];
  if (credentials.length === 0) return null;
  return (
    <Section title="Passwords and SSH keys of its user">
      <ul className="flex flex-col">
        {credentials.map((one) => (
          <li key={one.id} className="flex min-h-8 items-center gap-3">
            <RecordLink screen="credentials" id={one.id}>
              {one.name}
            </RecordLink>
            <span className="min-w-0 flex-1 truncate text-muted">{whatWords(one)}</span>
            <CredentialMark credential={one} now={now} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
