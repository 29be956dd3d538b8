import { Ellipsis, Eye, Pencil, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Credential } from '../../../contract/credentials.ts';
import { useAccounts, useKeys } from '../../api/queries.ts';
import { formatAge, formatExact, formatRelative } from '../../lib/format.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { CodeBlock, CodeLine, CopyButton } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { hasEnded, isOfKey } from '../rotation/board.ts';
import { CredentialAgeFact } from '../rotation/credential-age-fact.tsx';
import { RotationMark } from '../rotation/rotation-badge.tsx';
import { useRotations } from '../rotation/rotation-queries.ts';
import { lookOf } from '../rotation/rotation-words.ts';
import { AccountFact } from '../shell/account-fact.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { CredentialBadges } from './credential-badges.tsx';
import {
  canRotateCredential,
  credentialBirth,
  dyingWords,
  secretNoun,
  toolSettings,
  whatWords,
} from './credential-words.ts';
import { EditCredentialDialog } from './edit-credential-dialog.tsx';
import { RevealDialog } from './reveal-dialog.tsx';

export function CredentialDetail({ credential }: { credential: Credential }) {
  const now = useNow();
  const [open, setOpen] = useState<'edit' | 'reveal' | null>(null);
  const { name, type, state } = credential;
  const rotations = useRotations().data?.filter((one) =>
    type === 'smtp' ? isOfKey(one) && one.key === credential.key : !isOfKey(one) && one.key === name,
  );
  const underWay = rotations?.some((one) => !hasEnded(one)) === true;
  const dying = dyingWords(credential, (instant) => formatRelative(instant, now));
  const finish = () => openDialog({ kind: 'credential.add', credential });
  return (
    <>
      <DetailHead
        title={name}
        within={credential.account}
        badges={<CredentialBadges credential={credential} now={now} />}
        subtitle={
          <>
            <span>{whatWords(credential)}</span>
            <Dot />
            {type === 'smtp' ? (
              <span>follows from {credential.key}</span>
            ) : (
              <span title={formatExact(credentialBirth(credential))}>
                {formatAge(credentialBirth(credential), now) === 'today'
                  ? 'added today'
                  : `${formatAge(credentialBirth(credential), now)} old`}
              </span>
            )}
          </>
        }
        actions={
          <>
            {state === 'ready' ? (
              <Button
                variant="primary"
                icon={<Eye size={16} aria-hidden="true" />}
                onPress={() => setOpen('reveal')}
              >{`Show the ${secretNoun(credential)}…`}</Button>
            ) : (
              <Button variant="primary" onPress={finish}>
                Complete it…
              </Button>
            )}
            {canRotateCredential(credential) && (
              <Button
                icon={<RotateCw size={16} aria-hidden="true" />}
                isDisabled={underWay}
                onPress={() => openDialog({ kind: 'rotation.start', credential: name })}
              >
                Rotate…
              </Button>
            )}
            {type === 'smtp' && (
              <Button
                icon={<RotateCw size={16} aria-hidden="true" />}
                isDisabled={underWay}
                onPress={() => openDialog({ kind: 'rotation.start', key: credential.key })}
              >
                Rotate its key…
              </Button>
            )}
            <Button icon={<Pencil size={16} aria-hidden="true" />} onPress={() => setOpen('edit')}>
              Edit
            </Button>
            <Menu
              label={`More for ${name}`}
              trigger={<IconButton label="More" className="size-8" icon={<Ellipsis size={16} aria-hidden="true" />} />}
              actions={[
                {
                  id: 'remove',
                  label: 'Remove…',
                  danger: true,
                  icon: <Trash2 size={16} aria-hidden="true" />,
                  run: () => openDialog({ kind: 'credential.remove', credentials: [credential] }),
                },
              ]}
            />
          </>
        }
      />
      {(state === 'unfinished' || dying !== null) && (
        <div className="flex max-w-192 flex-col gap-2 px-6 pb-4">
          {state === 'unfinished' && (
            <Callout tone="warning" title="This was not finished">
              IAM was asked for it, and its answer never arrived. Completing it looks in IAM first, so that nothing is
              made twice unnoticed.
            </Callout>
          )}
          {dying !== null && <Callout tone="info">{dying}</Callout>}
        </div>
      )}
      <Details credential={credential} />
      {state === 'ready' && <InTheTool credential={credential} />}
      {rotations?.[0] !== undefined && (
        <Section title="Rotation">
          <p className="flex items-center gap-2">
            <RecordLink screen="rotation" id={rotations[0].id}>
              begun <RelativeTime instant={rotations[0].startedAt} />
            </RecordLink>
            <RotationMark look={lookOf(rotations[0])} />
          </p>
        </Section>
      )}
      {open === 'edit' && <EditCredentialDialog credential={credential} onClose={() => setOpen(null)} />}
      {open === 'reveal' && <RevealDialog credential={credential} onClose={() => setOpen(null)} />}
    </>
  );
}

function Details({ credential }: { credential: Credential }) {
  const account = useAccounts().data?.find((one) => one.name === credential.account);
  const key = useKeys().data?.find((one) => one.name === credential.key);
  const { type } = credential;
  return (
    <Section title="Credential">
      <Facts>
        {credential.userName !== undefined && (
          <Fact name="User name">
            <span className="mono">{credential.userName}</span>
            <CopyButton text={credential.userName} label="Copy the user name" />
          </Fact>
        )}
        {credential.credentialId !== undefined && credential.credentialId !== credential.userName && (
          <Fact name="Id in IAM">
            <span className="mono">{credential.credentialId}</span>
            <CopyButton text={credential.credentialId} label="Copy the id" />
          </Fact>
        )}
        {credential.fingerprint !== undefined && (
          <Fact name="Fingerprint">
            <span className="mono break-all">{credential.fingerprint}</span>
          </Fact>
        )}
        {credential.publicKey !== undefined && (
          <Fact name="Public key">
            <span className="mono min-w-0 max-w-96 truncate">{credential.publicKey}</span>
            <CopyButton text={credential.publicKey} label="Copy the public key" />
          </Fact>
        )}
        <Fact name={type === 'smtp' ? 'Follows from' : 'Key of the user'}>
          {key === undefined ? (
            credential.key
          ) : (
            <RecordLink screen="keys" id={key.id}>
              {key.name}
            </RecordLink>
          )}
        </Fact>
        <AccountFact name={credential.account} account={account}>
          {account !== undefined && <span className="mono text-muted">{account.accountId}</span>}
        </AccountFact>
        <Fact name="Added">
          <RelativeTime instant={credential.createdAt} />
        </Fact>
        {credential.issuedAt !== undefined && (
          <Fact name="Made at AWS">
            <RelativeTime instant={credential.issuedAt} />
          </Fact>
        )}
        {credential.expiresAt !== undefined && (
          <Fact name="Ends">
            <RelativeTime instant={credential.expiresAt} />
          </Fact>
        )}
        {canRotateCredential(credential) && <CredentialAgeFact credential={credential} />}
        {credential.note !== '' && (
          <Fact name="Note">
            <span className="whitespace-pre-wrap">{credential.note}</span>
          </Fact>
        )}
      </Facts>
    </Section>
  );
}

function InTheTool({ credential }: { credential: Credential }) {
  const { title, facts, lines } = toolSettings(credential);
  const file = credential.type === 'sshKey' ? ' --out ~/.ssh/codecommit_rsa' : '';
  return (
    <Section title={title}>
      {facts.length > 0 && (
        <Facts>
          {facts.map(({ name, value }) => (
            <Fact key={name} name={name}>
              <span className="mono break-all">{value}</span>
            </Fact>
          ))}
        </Facts>
      )}
      {lines !== undefined && <CodeBlock label={lines.label} text={lines.text} />}
      <p className="text-muted">The {secretNoun(credential)} comes with “Show”, or in a terminal:</p>
      <CodeLine text={`keyhold credential reveal ${shellQuote(credential.name)}${file}`} />
    </Section>
  );
}
