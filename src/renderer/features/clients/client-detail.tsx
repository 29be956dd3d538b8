import { Ban, CircleCheck, Pencil, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { type Client, Name, type Status } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange, useProfiles } from '../../api/queries.ts';
import { formatCount } from '../../lib/format.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { TextField } from '../../ui/field.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { RecentActivity } from '../activity/recent-activity.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { GateSection } from '../gates/gate-section.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { ClientState } from './client-state.tsx';
import { SetupTabs } from './setup-tabs.tsx';

const PURPOSES: Readonly<Record<Client['purpose'], string>> = {
  tool: 'A tool that you set up',
  exec: 'One run of keyhold exec; goes when the run ends',
  'credential-process': 'The AWS CLI and SDKs, through ~/.aws/config',
  env: 'A shell, through keyhold env',
};

export function ClientDetail({
  client,
  status,
  onEnable,
}: {
  client: Client;
  status: Status;
  onEnable: (enabled: boolean) => void;
}) {
  const [renaming, setRenaming] = useState(false);
  const profile = useProfiles().data?.find((one) => one.name === client.profile);
  return (
    <>
      <DetailHead
        title={client.name}
        badges={<ClientState client={client} />}
        subtitle={
          <>
            <span>signs as {client.profile}</span>
            <Dot />
            <span>{formatCount(client.requests)} requests</span>
            <Dot />
            {client.lastUsedAt === undefined ? (
              'never used'
            ) : (
              <span>
                used <RelativeTime instant={client.lastUsedAt} />
              </span>
            )}
          </>
        }
        actions={
          <>
            <Button
              icon={
                client.enabled ? <Ban size={16} aria-hidden="true" /> : <CircleCheck size={16} aria-hidden="true" />
              }
              onPress={() => onEnable(!client.enabled)}
            >
              {client.enabled ? 'Disable' : 'Enable'}
            </Button>
            {client.purpose === 'tool' && !client.expired && (
              <Button
                icon={<RotateCw size={16} aria-hidden="true" />}
                onPress={() => openDialog({ kind: 'client.rotate', names: [client.name] })}
              >
                New key…
              </Button>
            )}
            <Button icon={<Pencil size={16} aria-hidden="true" />} onPress={() => setRenaming(true)}>
              Rename
            </Button>
            <Button
              variant="danger-ghost"
              onPress={() => openDialog({ kind: 'remove', subject: 'client', names: [client.name] })}
            >
              Remove…
            </Button>
          </>
        }
      />
      {client.expired && (
        <div className="px-6 pb-4">
          <Callout tone="warning" title="This client key has expired">
            Requests with it are denied. Add a new client for the same profile and set the tool up with its key.
          </Callout>
        </div>
      )}
      {client.purpose === 'tool' && (
        <Section title="Set up">
          {status.endpoint === null ? (
            <Callout tone="warning" title="The front door is closed">
              {status.doorError ?? 'Tools cannot reach Keyhold. Choose another port in Settings.'}
            </Callout>
          ) : (
            <SetupTabs
              facts={{
                accessKeyId: client.accessKeyId,
                secretAccessKey: null,
                endpoint: status.endpoint,
                region: profile?.region ?? 'us-east-1',
                profile: client.profile,
                client: client.name,
              }}
            />
          )}
        </Section>
      )}
      <Section title="Client">
        <Facts>
          <Fact name="Client key id">
            <span className="mono">{client.accessKeyId}</span>
            <CopyButton text={client.accessKeyId} label="Copy the client key id" />
          </Fact>
          <Fact name="Profile">
            {profile === undefined ? (
              client.profile
            ) : (
              <RecordLink screen="profiles" id={profile.id}>
                {profile.name}
              </RecordLink>
            )}
          </Fact>
          {client.userName !== undefined && (
            <Fact name="In policies and grants">
              <span className="mono">user/keyhold/{client.userName}</span>
            </Fact>
          )}
          <Fact name="Made for">{PURPOSES[client.purpose]}</Fact>
          <Fact name="Expires">
            {client.expiresAt === undefined ? 'Never' : <RelativeTime instant={client.expiresAt} />}
          </Fact>
          <Fact name="Added">
            <RelativeTime instant={client.createdAt} />
          </Fact>
          <Fact name="Last used">
            {client.lastUsedAt === undefined ? 'Never' : <RelativeTime instant={client.lastUsedAt} />}
          </Fact>
        </Facts>
      </Section>
      <GateSection target={{ kind: 'client', name: client.name }} gate={client.gate} />
      <Section title="Activity">
        <RecentActivity filter={{ client: client.name }} />
      </Section>
      {renaming && <RenameDialog client={client} onClose={() => setRenaming(false)} />}
    </>
  );
}

function RenameDialog({ client, onClose }: { client: Client; onClose: () => void }) {
  const change = useChange('client.update', 'clients');
  const form = useForm({ name: client.name }, { name: matches(Name) });
  return (
    <Dialog title="Rename client" width="small" isOpen onClose={onClose}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (form.validate()) change.mutate({ name: client.name, rename: form.values.name }, { onSuccess: onClose });
        }}
      >
        <DialogBody>
          <TextField label="Name" autoFocus {...form.field('name')} />
          {change.isError && <ErrorCallout error={asWireError(change.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={change.isPending}>
            Rename
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
