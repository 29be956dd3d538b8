import { CircleCheck, CircleX, Ellipsis, Hourglass, type LucideIcon, Plus, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Certificate } from '../../../contract/certificates.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { listNames } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RowsSkeleton } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { Panel } from '../hsm/panel.tsx';
import { useCertificates } from './certificate-queries.ts';
import {
  awaitedOf,
  type CertificateLook,
  lookOf,
  lookWord,
  type RotationEnd,
  validWords,
} from './certificate-words.ts';
import { EndRotationDialog } from './end-rotation-dialog.tsx';
import { ImportCertificateDialog } from './import-dialog.tsx';
import { InstallDialog } from './install-dialog.tsx';
import { RequestDialog, type RequestFor } from './request-dialog.tsx';

type Open =
  | { kind: 'request'; what: RequestFor }
  | { kind: 'import' }
  | { kind: 'install'; certificate: Certificate }
  | { kind: 'end'; end: RotationEnd; certificate: Certificate };

const LOOKS: Readonly<Record<CertificateLook, { tone: 'plain' | 'good' | 'warn' | 'bad'; Icon: LucideIcon }>> = {
  requested: { tone: 'plain', Icon: Hourglass },
  valid: { tone: 'good', Icon: CircleCheck },
  soon: { tone: 'warn', Icon: TriangleAlert },
  notYetValid: { tone: 'plain', Icon: Hourglass },
  expired: { tone: 'bad', Icon: CircleX },
};

/** X.509 certificates for IAM Roles Anywhere; their private keys never leave the HSM. */
export function CertificatesPanel() {
  const query = useCertificates();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <Panel
      title="Certificates"
      note="For IAM Roles Anywhere; their keys stay in here"
      actions={
        <>
          <Button size="compact" onPress={() => setOpen({ kind: 'import' })}>
            Import…<span className="sr-only"> a certificate from files</span>
          </Button>
          <Button
            size="compact"
            icon={<Plus size={16} aria-hidden="true" />}
            onPress={() => setOpen({ kind: 'request', what: { kind: 'new' } })}
          >
            New key pair…
          </Button>
        </>
      }
    >
      {query.isError && query.data === undefined ? (
        <div className="p-4">
          <ErrorCallout
            error={asWireError(query.error)}
            actions={
              <Button size="compact" onPress={() => void query.refetch()}>
                Try again
              </Button>
            }
          />
        </div>
      ) : query.data === undefined ? (
        <RowsSkeleton rows={2} />
      ) : query.data.length === 0 ? (
        <p className="px-4 py-3 text-muted">
          None. A key pair is made here, your CA issues a certificate for its request, and a profile signs in with it.
        </p>
      ) : (
        <ul>
          {query.data.map((one) => (
            <CertificateRow key={one.id} certificate={one} onOpen={setOpen} />
          ))}
        </ul>
      )}
      {open?.kind === 'request' && <RequestDialog what={open.what} onClose={close} />}
      {open?.kind === 'import' && <ImportCertificateDialog onClose={close} />}
      {open?.kind === 'install' && <InstallDialog certificate={open.certificate} onClose={close} />}
      {open?.kind === 'end' && <EndRotationDialog end={open.end} certificate={open.certificate} onClose={close} />}
    </Panel>
  );
}

function CertificateRow({ certificate, onOpen }: { certificate: Certificate; onOpen: (open: Open) => void }) {
  const now = useNow();
  const install = useChange('certificate.install', 'certificates', 'sessions');
  const { name, rotation, profiles } = certificate;
  const look = lookOf(certificate, now);
  const { tone, Icon } = LOOKS[look];
  const awaited = awaitedOf(certificate);
  return (
    <li className="flex flex-col gap-2 border-t border-line px-4 py-2 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="flex min-w-64 flex-1 flex-col">
          <span className="flex min-w-0 items-center gap-2">
            <span className="font-medium">{name}</span>
            <span className="mono min-w-0 truncate text-muted">
              {certificate.issued?.subject ?? certificate.subject}
            </span>
          </span>
          <span className="text-muted">
            {validWords(certificate)}
            {profiles.length > 0 && `, used by ${listNames(profiles)}`}
          </span>
          {rotation !== undefined && <span className="text-muted">{rotation.message}</span>}
        </div>
        <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
          {lookWord(look)}
        </Badge>
        {awaited === 'aws' && (
          <Button size="compact" isDisabled={install.isPending} onPress={() => install.mutate({ name })}>
            {install.isPending ? 'Asking AWS…' : 'Try again'}
            <span className="sr-only"> whether AWS takes the new certificate of {name}</span>
          </Button>
        )}
        {awaited === 'file' && (
          <Button size="compact" onPress={() => onOpen({ kind: 'install', certificate })}>
            Install…<span className="sr-only"> the certificate of {name}</span>
          </Button>
        )}
        <Menu
          label={`More for ${name}`}
          trigger={<IconButton label={`More for ${name}`} icon={<Ellipsis size={16} aria-hidden="true" />} />}
          actions={[
            {
              id: 'csr',
              label: 'Show the request…',
              run: () => onOpen({ kind: 'request', what: { kind: 'again', certificate } }),
            },
            ...(rotation === undefined && certificate.state !== 'requested'
              ? [
                  {
                    id: 'rotate',
                    label: 'New key pair…',
                    run: () => onOpen({ kind: 'request', what: { kind: 'rotate', certificate } }),
                  },
                ]
              : []),
            ...(awaited === 'aws'
              ? [
                  {
                    id: 'install',
                    label: 'Install another certificate…',
                    run: () => onOpen({ kind: 'install', certificate }),
                  },
                ]
              : []),
            ...(rotation === undefined
              ? []
              : [
                  {
                    id: 'back',
                    label: 'Roll back…',
                    danger: true,
                    run: () => onOpen({ kind: 'end', end: 'rollback', certificate }),
                  },
                ]),
            ...(rotation?.state === 'quarantine'
              ? [
                  {
                    id: 'confirm',
                    label: 'Destroy the key before now…',
                    danger: true,
                    run: () => onOpen({ kind: 'end', end: 'confirm', certificate }),
                  },
                ]
              : []),
            {
              id: 'remove',
              label: 'Remove…',
              danger: true,
              run: () => openDialog({ kind: 'remove', subject: 'certificate', names: [name] }),
            },
          ]}
        />
      </div>
      {install.isError && <ErrorCallout error={asWireError(install.error)} />}
    </li>
  );
}
