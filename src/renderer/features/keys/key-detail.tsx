import { Ban, CircleCheck, Ellipsis, Pencil, RotateCw, Terminal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { AccessKey } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useAccounts, useChange, useClients, useProfiles } from '../../api/queries.ts';
import { formatAge, formatExact, KEY_POLICY_DAYS, listNames, shortKeyId } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CodeLine, CopyButton } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { KeyActivity } from '../activity/recent-activity.tsx';
import { OfTheSameUser } from '../credentials/of-the-same-user.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { GateSection } from '../gates/gate-section.tsx';
import { canRotate, hasEnded, isOfKey } from '../rotation/board.ts';
import { MaxAgeFact } from '../rotation/max-age-fact.tsx';
import { RotationMark } from '../rotation/rotation-badge.tsx';
import { useRotations } from '../rotation/rotation-queries.ts';
import { lookOf } from '../rotation/rotation-words.ts';
import { ScheduleFact } from '../rotation/schedule-fact.tsx';
import { AccountFact } from '../shell/account-fact.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { EditKeyDialog } from './edit-key-dialog.tsx';
import { KeyBadges } from './key-badges.tsx';
import { isDue, isOld, keyBirth } from './key-facts.ts';

export function KeyDetail({ keyRecord: key }: { keyRecord: AccessKey }) {
  const now = useNow();
  const [editing, setEditing] = useState(false);
  const change = useChange('key.update', 'keys');
  const accounts = useAccounts().data;
  const profiles = useProfiles().data?.filter((profile) => profile.key === key.name) ?? [];
  const clients = useClients().data?.filter((client) => key.profiles.includes(client.profile)) ?? [];
  const account = accounts?.find((one) => one.name === key.account);
  const profile = profiles[0];
  const active = key.status === 'active';
  const rotations = useRotations().data?.filter((one) => isOfKey(one) && one.key === key.name) ?? [];
  const underWay = rotations.some((one) => !hasEnded(one));
  return (
    <>
      <DetailHead
        title={key.name}
        within={key.account}
        badges={
          <>
            <KeyBadges keyRecord={key} now={now} />
            <span className="mono ml-auto text-muted max-[1100px]:hidden" title={key.accessKeyId}>
              {shortKeyId(key.accessKeyId)}
            </span>
          </>
        }
        subtitle={
          <>
            <span title={formatExact(keyBirth(key))}>
              {formatAge(keyBirth(key), now) === 'today' ? 'added today' : `${formatAge(keyBirth(key), now)} old`}
            </span>
            <Dot />
            {key.lastUsedAt === undefined ? (
              'never used'
            ) : (
              <span>
                used <RelativeTime instant={key.lastUsedAt} />
              </span>
            )}
          </>
        }
        actions={
          <>
            {profile === undefined ? (
              <Button variant="primary" onPress={() => openDialog({ kind: 'profile.add', key: key.name })}>
                Add a profile
              </Button>
            ) : (
              <Button
                variant="primary"
                icon={<Terminal size={16} aria-hidden="true" />}
                onPress={() => navigate('profiles', profile.id)}
              >
                Use in a terminal
              </Button>
            )}
            {canRotate(key) && (
              <Button
                icon={<RotateCw size={16} aria-hidden="true" />}
                isDisabled={underWay}
                onPress={() => openDialog({ kind: 'rotation.start', key: key.name })}
              >
                Rotate…
              </Button>
            )}
            <Button icon={<Pencil size={16} aria-hidden="true" />} onPress={() => setEditing(true)}>
              Edit
            </Button>
            <Menu
              label={`More for ${key.name}`}
              trigger={<IconButton label="More" className="size-8" icon={<Ellipsis size={16} aria-hidden="true" />} />}
              actions={[
                {
                  id: 'status',
                  label: active ? 'Disable' : 'Enable',
                  icon: active ? <Ban size={16} aria-hidden="true" /> : <CircleCheck size={16} aria-hidden="true" />,
                  run: () => change.mutate({ name: key.name, status: active ? 'disabled' : 'active' }),
                },
                {
                  id: 'remove',
                  label: 'Remove…',
                  danger: true,
                  icon: <Trash2 size={16} aria-hidden="true" />,
                  run: () => openDialog({ kind: 'remove', subject: 'key', names: [key.name] }),
                },
              ]}
            />
          </>
        }
      />
      {(change.isError || isDue(key, now) || isOld(key, now)) && (
        <div className="flex flex-col gap-2 px-6 pb-4">
          {change.isError && <ErrorCallout error={asWireError(change.error)} />}
          {isDue(key, now) && (
            <p className="text-muted">
              Over its age. A rotation makes a new key, switches everything over, and takes this one away.
            </p>
          )}
          {isOld(key, now) && (
            <p className="text-muted">
              Over {KEY_POLICY_DAYS} days old. With a maximum age, it is due for rotation in time.
            </p>
          )}
        </div>
      )}
      <Section title="Key">
        <Facts>
          <Fact name="Access key id">
            <span className="mono">{key.accessKeyId}</span>
            <CopyButton text={key.accessKeyId} label="Copy the access key id" />
          </Fact>
          <Fact name="Secret">
            <span className="text-muted">In the vault. It cannot be shown, only used to sign.</span>
          </Fact>
          <AccountFact name={key.account} account={account}>
            {account !== undefined && <span className="mono text-muted">{account.accountId}</span>}
          </AccountFact>
          <Fact name="Added">
            <RelativeTime instant={key.createdAt} />
          </Fact>
          {key.issuedAt !== undefined && (
            <Fact name="Made at AWS">
              <RelativeTime instant={key.issuedAt} />
            </Fact>
          )}
          {canRotate(key) && <MaxAgeFact keyRecord={key} />}
          {canRotate(key) && <ScheduleFact keyRecord={key} />}
          {rotations[0] !== undefined && (
            <Fact name="Rotation">
              <RecordLink screen="rotation" id={rotations[0].id}>
                begun <RelativeTime instant={rotations[0].startedAt} />
              </RecordLink>
              <RotationMark look={lookOf(rotations[0])} />
            </Fact>
          )}
          <Fact name="Last used">
            {key.lastUsedAt === undefined ? (
              'Never'
            ) : (
              <>
                <RelativeTime instant={key.lastUsedAt} />
                {key.lastUsedService !== undefined && (
                  <span className="text-muted">
                    {key.lastUsedService}
                    {key.lastUsedRegion === undefined ? '' : ` in ${key.lastUsedRegion}`}
                  </span>
                )}
              </>
            )}
          </Fact>
          {Object.keys(key.tags).length > 0 && (
            <Fact name="Tags">
              {Object.entries(key.tags).map(([name, value]) => (
                <Badge key={name}>
                  {name}
                  {value === '' ? '' : ` = ${value}`}
                </Badge>
              ))}
            </Fact>
          )}
          {key.note !== '' && (
            <Fact name="Note">
              <span className="whitespace-pre-wrap">{key.note}</span>
            </Fact>
          )}
        </Facts>
      </Section>
      <GateSection target={{ kind: 'key', name: key.name }} gate={key.gate} />
      <Section title="Used by">
        {profiles.length === 0 ? (
          <p className="text-muted">
            No profile signs with this key yet. A profile pairs it with a region and gives it a name.
          </p>
        ) : (
          <ul className="flex flex-col">
            {profiles.map((one) => (
              <li key={one.id} className="flex min-h-8 items-center gap-3">
                <RecordLink screen="profiles" id={one.id}>
                  {one.name}
                </RecordLink>
                <span className="text-muted">{one.region}</span>
                <span className="min-w-0 flex-1 truncate text-right text-muted">
                  {listNames(clients.filter((client) => client.profile === one.name).map((client) => client.name)) ||
                    'no clients'}
                </span>
              </li>
            ))}
          </ul>
        )}
        {profile !== undefined && (
          <CodeLine text={`keyhold exec ${shellQuote(profile.name)} -- aws sts get-caller-identity`} />
        )}
      </Section>
      <OfTheSameUser keyName={key.name} />
      <Section title="Activity">
        <KeyActivity keyName={key.name} profiles={key.profiles} />
      </Section>
      {editing && <EditKeyDialog keyRecord={key} onClose={() => setEditing(false)} />}
    </>
  );
}
