import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { useLate } from '../../lib/use-late.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { GrantDialog } from './grant-dialog.tsx';
import { type Grant, kmsCall } from './kms.ts';
import { placeOf, useGrants, useKmsChange } from './kms-queries.ts';
import { shortPrincipal } from './principals.ts';

/** What single principals may do with the key besides what its policy says. */
export function GrantsTab({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const grants = useGrants(key);
  const late = useLate(grants.data === undefined && grants.error === null);
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Grant | null>(null);
  const items = grants.data?.items ?? [];
  const canAdd = key.manager === 'CUSTOMER' && (key.state === 'Enabled' || key.state === 'Updating');
  return (
    <Section title="Grants">
      <p className="text-muted">
        A grant lets one principal do some things with this key, without a change of its policy. It holds at once, until
        it is revoked or retired.
      </p>
      {key.manager === 'CUSTOMER' && (
        <div>
          <Button icon={<Plus size={16} aria-hidden="true" />} isDisabled={!canAdd} onPress={() => setAdding(true)}>
            Create a grant
          </Button>
        </div>
      )}
      {grants.error !== null ? (
        <ErrorCallout
          error={asWireError(grants.error)}
          actions={
            <Button size="compact" onPress={() => void grants.refetch()}>
              Try again
            </Button>
          }
        />
      ) : grants.data === undefined ? (
        late && <p className="text-muted">Reading the grants…</p>
      ) : items.length === 0 ? (
        <p>None yet.</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {items.map((grant) => (
            <li key={grant.GrantId} className="flex flex-col gap-2 rounded-control border border-line px-3 py-2.5">
              <GrantFacts grant={grant} onRevoke={() => setRevoking(grant)} />
            </li>
          ))}
        </ul>
      )}
      {grants.data?.more === true && (
        <p className="text-muted">There are more than these. The AWS CLI lists them all: aws kms list-grants.</p>
      )}
      {adding && <GrantDialog kmsKey={key} onClose={() => setAdding(false)} />}
      {revoking !== null && <RevokeDialog kmsKey={key} grant={revoking} onClose={() => setRevoking(null)} />}
    </Section>
  );
}

function granteeOf(grant: Grant): string {
  return grant.GranteePrincipal ?? grant.GranteeServicePrincipal ?? 'unknown';
}

function GrantFacts({ grant, onRevoke }: { grant: Grant; onRevoke: () => void }) {
  const grantee = granteeOf(grant);
  const retiring = grant.RetiringPrincipal ?? grant.RetiringServicePrincipal;
  const equals = grant.Constraints?.EncryptionContextEquals;
  const subset = grant.Constraints?.EncryptionContextSubset;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 font-medium break-all" title={grantee}>
          {shortPrincipal(grantee)}
        </span>
        {grant.Name !== '' && <Badge>{grant.Name}</Badge>}
        <span className="flex-1" />
        <Button
          size="compact"
          variant="danger-ghost"
          icon={<X size={16} aria-hidden="true" />}
          aria-label={`Revoke the grant of ${shortPrincipal(grantee)}`}
          onPress={onRevoke}
        >
          Revoke…
        </Button>
      </div>
      <Facts>
        <Fact name="May">
          {grant.Operations.map((operation) => (
            <code key={operation}>{operation}</code>
          ))}
        </Fact>
        {equals !== undefined && (
          <Fact name="Context is">
            <code className="break-all">{pairs(equals)}</code>
          </Fact>
        )}
        {subset !== undefined && (
          <Fact name="Context has">
            <code className="break-all">{pairs(subset)}</code>
          </Fact>
        )}
        {retiring !== undefined && (
          <Fact name="Retired by">
            <span title={retiring}>{shortPrincipal(retiring)}</span>
          </Fact>
        )}
        <Fact name="Grant id">
          <span className="mono" title={grant.GrantId}>
            {grant.GrantId.slice(0, 12)}…
          </span>
          <CopyButton text={grant.GrantId} label="Copy the grant id" />
          <span className="text-muted">
            made <RelativeTime instant={grant.CreationDate} />
          </span>
        </Fact>
      </Facts>
    </>
  );
}

function pairs(context: Readonly<Record<string, string>>): string {
  return Object.entries(context)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function RevokeDialog({ kmsKey: key, grant, onClose }: { kmsKey: KmsKeySummary; grant: Grant; onClose: () => void }) {
  const revoke = useKmsChange(() => kmsCall(placeOf(key), 'RevokeGrant', { KeyId: key.keyId, GrantId: grant.GrantId }));
  return (
    <Dialog title="Revoke this grant?" role="alertdialog" width="small" isOpen onClose={onClose}>
      <DialogBody>
        <p>
          <span className="font-medium break-all">{shortPrincipal(granteeOf(grant))}</span> may no longer{' '}
          {grant.Operations.join(', ')} by this grant: its next request is refused, unless the key’s policy or another
          grant allows it.
        </p>
        {revoke.isError && <ErrorCallout error={asWireError(revoke.error)} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} autoFocus>
          Keep
        </Button>
        <Button
          variant="danger"
          isDisabled={revoke.isPending}
          onPress={() => revoke.mutate(undefined, { onSuccess: onClose })}
        >
          Revoke the grant
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
