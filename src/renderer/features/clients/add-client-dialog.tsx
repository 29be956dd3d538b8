import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import { createReplyKey } from '../../../client/seal.ts';
import type { WireError } from '../../../contract/errors.ts';
import { type IssuedClientKey, Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useAccounts, useProfiles } from '../../api/queries.ts';
import { navigate } from '../../lib/router.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { CopySecretButton } from '../../ui/copy-secret.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { readFaultPosition } from '../kms/policy-fault.ts';
import { PrincipalChoice } from './principal-choice.tsx';
import { SetupTabs } from './setup-tabs.tsx';

const LIVES = [
  { id: '3600', label: '1 hour' },
  { id: '28800', label: '8 hours' },
  { id: '604800', label: '7 days' },
  { id: '2592000', label: '30 days' },
  { id: '7776000', label: '90 days' },
  { id: 'never', label: 'Until I remove it' },
] as const;

/** Makes a client key for a tool and shows its secret, once. */
export function AddClientDialog({ profile, onClose }: { profile?: string; onClose: () => void }) {
  const queries = useQueryClient();
  const profiles = useProfiles().data ?? [];
  const accounts = useAccounts().data;
  const first = profile ?? (profiles.length === 1 ? profiles[0]?.name : undefined) ?? '';
  const form = useForm({ name: '', profile: first, life: '2592000' }, { name: matches(Name) });
  const [profileError, setProfileError] = useState<string | null>(null);
  const [policy, setPolicy] = useState<string | null>(null);
  const [policyError, setPolicyError] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  const [issued, setIssued] = useState<{ key: IssuedClientKey; secret: string } | null>(null);

  const account = accounts?.find(
    (one) => one.name === profiles.find((each) => each.name === form.values.profile)?.account,
  );
  const local = account?.kind === 'local';

  const make = async () => {
    const { name, profile: chosen, life } = form.values;
    setProfileError(chosen === '' ? 'Choose the profile that the tool signs as.' : null);
    if (!form.validate() || chosen === '') return;
    setWorking(true);
    setError(null);
    try {
      const reply = await createReplyKey();
      const key = await call('client.add', {
        name,
        profile: chosen,
        ...(local
          ? { principal: policy === null ? { type: 'root' as const } : { type: 'policy' as const, document: policy } }
          : {}),
        ...(life === 'never' ? {} : { expiresInSeconds: Number(life) }),
        replyKey: reply.publicKey,
      });
      const bytes = await reply.open(key.secretAccessKey, 'client-secret');
      setIssued({ key, secret: new TextDecoder().decode(bytes) });
      wipe(bytes);
      await refresh(queries, 'clients', 'profiles');
    } catch (caught) {
      const wire = asWireError(caught);
      if (wire.code === 'AlreadyExists') form.complain('name', wire.message);
      else if (policy !== null && readFaultPosition(wire.message) !== null) setPolicyError(wire.message);
      else setError(wire);
    } finally {
      setWorking(false);
    }
  };

  if (issued !== null) {
    const done = () => {
      onClose();
      navigate('clients', issued.key.client.id);
    };
    return (
      <Dialog title={`Client “${issued.key.client.name}”`} isOpen onClose={done} width="large" isDismissable={false}>
        <DialogBody>
          <Callout tone="warning" title="The secret is shown this once">
            Copy it into the tool now. It is worth nothing anywhere but at this Keyhold.
          </Callout>
          <Facts>
            <Fact name="Client key id">
              <code data-testid="client-key-id">{issued.key.accessKeyId}</code>
              <CopyButton text={issued.key.accessKeyId} label="Copy the client key id" />
            </Fact>
            <Fact name="Secret">
              <code data-testid="client-secret" className="break-all">
                {issued.secret}
              </code>
              <CopySecretButton text={issued.secret} label="Copy secret" size="compact" />
            </Fact>
          </Facts>
          <SetupTabs
            facts={{
              accessKeyId: issued.key.accessKeyId,
              secretAccessKey: issued.secret,
              endpoint: issued.key.endpoint,
              region: issued.key.region,
              profile: issued.key.client.profile,
              client: issued.key.client.name,
            }}
          />
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" autoFocus onPress={done}>
            I have copied it
          </Button>
        </DialogFooter>
      </Dialog>
    );
  }

  return (
    <Dialog
      title="Add a client"
      isOpen
      onClose={onClose}
      width={policy === null ? 'medium' : 'large'}
      // A secret that is on its way is shown once: nobody would have seen it.
      isDismissable={!working}
    >
      {profiles.length === 0 ? (
        <EmptyState
          title="First, a profile"
          action={
            <Button variant="primary" onPress={() => openDialog({ kind: 'profile.add' })}>
              Add a profile
            </Button>
          }
        >
          A client signs as a profile, and there is none yet.
        </EmptyState>
      ) : (
        <Form
          className="flex min-h-0 flex-col"
          onSubmit={(event) => {
            event.preventDefault();
            if (!working) void make();
          }}
        >
          <DialogBody>
            <TextField
              label="Name"
              autoFocus
              placeholder="terraform"
              hint="The tool, as you want to see it in the log."
              {...form.field('name')}
            />
            <Select
              label="Profile"
              choices={profiles.map((one) => ({ id: one.name, label: one.name, note: one.region }))}
              value={form.values.profile === '' ? null : form.values.profile}
              onChange={(id) => {
                setProfileError(null);
                form.set('profile', id);
              }}
              error={profileError}
            />
            {local && (
              <PrincipalChoice
                policy={policy}
                error={policyError}
                onChange={(next) => {
                  setPolicyError(null);
                  setPolicy(next);
                }}
              />
            )}
            <Select
              label="Works for"
              choices={LIVES}
              value={form.values.life}
              onChange={(id) => form.set('life', id)}
              hint="After that its requests are denied. You can remove it earlier at any time."
            />
            {error !== null && <ErrorCallout error={error} />}
          </DialogBody>
          <DialogFooter>
            <Button isDisabled={working} onPress={onClose}>
              Cancel
            </Button>
            <Button type="submit" variant="primary" isDisabled={working}>
              {working ? 'Adding…' : 'Add client'}
            </Button>
          </DialogFooter>
        </Form>
      )}
    </Dialog>
  );
}
