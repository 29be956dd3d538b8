import { RectangleEllipsis } from 'lucide-react';
import type { Credential } from '../../../contract/credentials.ts';
import { useKeys } from '../../api/queries.ts';
import { ageInDays } from '../../lib/format.ts';
import { byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { KeyKinds } from '../keys/key-kinds.tsx';
import { CredentialMark } from './credential-badges.tsx';
import { CredentialDetail } from './credential-detail.tsx';
import { useCredentials } from './credential-queries.ts';
import { credentialBirth, isCredentialDue, whatWords } from './credential-words.ts';

const SORTS: readonly Sort<Credential>[] = [
  { id: 'account', label: 'Account, then name', compare: byText((one) => `${one.account}\u0000${one.name}`) },
  { id: 'name', label: 'Name', compare: byText((one) => one.name) },
  {
    id: 'oldest',
    label: 'Oldest first',
    compare: (a, b) => credentialBirth(a).localeCompare(credentialBirth(b)),
  },
];

const FILTERS: readonly Filter<Credential>[] = [
  { id: 'due', label: 'Due', group: 'state', keep: (one) => isCredentialDue(one, Date.now()) },
  { id: 'unfinished', label: 'Not complete', group: 'state', keep: (one) => one.state === 'unfinished' },
  { id: 'password', label: 'Passwords', group: 'type', keep: (one) => one.type !== 'sshKey' },
  { id: 'ssh', label: 'SSH keys', group: 'type', keep: (one) => one.type === 'sshKey' },
];

const searchText = (one: Credential) =>
  [one.name, one.account, one.key, one.userName, one.credentialId, one.note, whatWords(one)].join(' ');

/** What IAM users have besides access keys: passwords, API keys and SSH keys of single services. */
export function CredentialsScreen() {
  const keys = useKeys().data;
  const add = () => openDialog({ kind: 'credential.add' });
  return (
    <ListPage
      screen="credentials"
      title="Passwords and SSH keys"
      noun="password or SSH key"
      query={useCredentials()}
      text={searchText}
      sorts={SORTS}
      filters={FILTERS}
      icon={<RectangleEllipsis size={16} />}
      rowHeight={56}
      row={(one) => <Row credential={one} />}
      detail={(one) => <CredentialDetail credential={one} />}
      detailLabel={(one) => `${whatWords(one)} ${one.name}`}
      scope={<KeyKinds value="credentials" />}
      onAdd={add}
      empty={
        <EmptyState
          title="No passwords or SSH keys yet"
          command="keyhold credential add ssh-key git --key deploy"
          action={
            keys?.length === 0 ? (
              <Button variant="primary" onPress={() => openDialog({ kind: 'key.add' })}>
                Add an access key first
              </Button>
            ) : (
              <Button variant="primary" onPress={add}>
                Add a password or SSH key
              </Button>
            )
          }
        >
          What an IAM user has besides access keys: for Git in CodeCommit, for Keyspaces and Bedrock, and for sending
          mail with Amazon SES. IAM is asked for it with an access key of the same user.
        </EmptyState>
      }
      bulk={[
        {
          id: 'remove',
          label: 'Remove…',
          danger: true,
          run: (credentials) => openDialog({ kind: 'credential.remove', credentials }),
        },
      ]}
    />
  );
}

function Row({ credential }: { credential: Credential }) {
  const now = useNow();
  return (
    <span className="flex min-w-0 flex-1 flex-col">
      <span className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate">
          <span className="font-medium">{credential.name}</span>{' '}
          <span className="text-muted">{credential.account}</span>
        </span>
        <CredentialMark credential={credential} now={now} />
        {credential.type !== 'smtp' && credential.state === 'ready' && (
          <span className="w-10 shrink-0 text-right text-muted tabular-nums">
            {ageInDays(credentialBirth(credential), now)} d
          </span>
        )}
      </span>
      <span className="truncate text-muted">
        {whatWords(credential)}
        {`, of ${credential.key}`}
      </span>
    </span>
  );
}
