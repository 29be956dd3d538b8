import { ArrowDown, Building2, KeyRound, ShieldUser, UserRound, UserRoundCog } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Origin } from '../../../contract/origins.ts';
import { isTimed } from '../../../contract/roles.ts';
import type { Profile } from '../../../contract/schemas.ts';
import { useAccounts, useKeys, useProfiles } from '../../api/queries.ts';
import { shortKeyId } from '../../lib/format.ts';
import { cx } from '../../ui/cx.ts';
import { useOtpDevices } from '../authenticator/otp-queries.ts';
import { RecordLink } from '../shell/record-link.tsx';
import { type ChainLink, chainLinks } from './chain-links.ts';
import { originNode } from './origin-node.ts';
import { limitWords } from './session-limits.ts';

/** How a profile comes to its credentials: from the key down to what signs its requests. */
export function ChainPicture({ profile }: { profile: Profile }) {
  const chain = chainLinks(profile, {
    profiles: useProfiles().data ?? [],
    keys: useKeys().data ?? [],
    accounts: useAccounts().data ?? [],
    devices: useOtpDevices().data ?? [],
  });
  const { key, keyName, keyAccount, origin, links } = chain;
  const kind = profile.session?.kind;
  return (
    <div className="flex flex-col gap-3">
      <ol aria-label={`How ${profile.name} gets its credentials`} className="flex max-w-120 flex-col">
        {origin !== undefined ? (
          <OriginStart origin={origin} />
        ) : keyName === undefined ? (
          <Node icon={<Building2 size={16} aria-hidden="true" />} kind="Local account" title={profile.account}>
            acts as its root, in this vault
          </Node>
        ) : (
          <Node
            icon={<KeyRound size={16} aria-hidden="true" />}
            kind="Access key"
            title={
              key === undefined ? (
                keyName
              ) : (
                <RecordLink screen="keys" id={key.id}>
                  {key.name}
                </RecordLink>
              )
            }
          >
            {key !== undefined && <span className="mono">{shortKeyId(key.accessKeyId)}</span>}
            {keyAccount !== undefined && <AccountWords name={keyAccount.name} id={keyAccount.accountId} />}
          </Node>
        )}
        {links.map((link) => (
          <Link key={link.profile.id} link={link} isLast={link.profile.id === profile.id} />
        ))}
      </ol>
      {kind !== undefined && isTimed(kind) && <p className="text-muted">{limitWords(kind)}</p>}
    </div>
  );
}

function OriginStart({ origin }: { origin: Origin }) {
  const { Icon, kind, title, note } = originNode(origin);
  return (
    <Node
      icon={<Icon size={16} aria-hidden="true" />}
      kind={kind}
      title={<span className="min-w-0 break-all">{title}</span>}
    >
      {note}
    </Node>
  );
}

function Link({ link: { profile, call, role, details }, isLast }: { link: ChainLink; isLast: boolean }) {
  return (
    <Node
      icon={
        role !== undefined ? (
          <ShieldUser size={16} aria-hidden="true" />
        ) : call === null ? (
          <UserRoundCog size={16} aria-hidden="true" />
        ) : (
          <UserRound size={16} aria-hidden="true" />
        )
      }
      step={call === null ? 'signs every request' : [call, ...details].join(', ')}
      kind={role === undefined ? 'Profile' : 'Role'}
      title={
        <>
          {role !== undefined && <span className="min-w-0 break-all">{role}</span>}
          {isLast ? (
            role === undefined && <span className="min-w-0 break-words">{profile.name}</span>
          ) : (
            <RecordLink screen="profiles" id={profile.id}>
              {profile.name}
            </RecordLink>
          )}
        </>
      }
      isLast={isLast}
    >
      <AccountWords name={profile.account} id={profile.accountId} />
    </Node>
  );
}

function AccountWords({ name, id }: { name: string; id: string }) {
  return (
    <span>
      {name} <span className="mono">{id}</span>
    </span>
  );
}

/** One station with what leads to it above. */
function Node({
  icon,
  kind,
  title,
  step,
  isLast = false,
  children,
}: {
  icon: ReactNode;
  kind: string;
  title: ReactNode;
  step?: string;
  isLast?: boolean;
  children?: ReactNode;
}) {
  return (
    <li className="flex flex-col">
      {step !== undefined && (
        <span className="flex min-h-8 items-stretch gap-2.5 pl-3.5 text-muted">
          <span className="flex w-5 shrink-0 flex-col items-center">
            <span className="w-px flex-1 bg-control" />
            <ArrowDown size={12} aria-hidden="true" className="-mt-1 shrink-0 text-control" />
          </span>
          <span className="min-w-0 flex-1 self-center py-1 break-words">{step}</span>
        </span>
      )}
      <span
        className={cx(
          'flex min-h-12 items-center gap-2.5 rounded-control border px-3.5 py-1.5',
          isLast ? 'border-accent-line bg-accent-soft' : 'border-line bg-panel',
        )}
      >
        <span className={cx('flex w-5 shrink-0 justify-center', isLast ? 'text-accent-ink' : 'text-muted')}>
          {icon}
        </span>
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="flex flex-wrap items-baseline gap-x-2 font-medium">
            <span className="font-normal text-muted">{kind}</span>
            {title}
          </span>
          <span className="flex flex-wrap gap-x-2 text-muted">{children}</span>
        </span>
      </span>
    </li>
  );
}
