import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Name, Profile, Region } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useAccounts, useChange, useKeys } from '../../api/queries.ts';
import { shortKeyId } from '../../lib/format.ts';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import { navigate } from '../../lib/router.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { ComboField } from '../../ui/combo-field.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { notify } from '../../ui/toast-store.ts';
import { openDialog } from '../dialogs/dialog-store.ts';

const OUTPUTS = ['json', 'text', 'table', 'yaml', 'yaml-stream'] as const;

/** Before the name of a local account, where keys stand beside accounts: no name has a slash. */
const LOCAL = 'local/';
/** Before the name of another profile, whose credentials assume a role. */
const SOURCE = 'source/';

/** A profile: a name for an access key, or for a local account, with a region, as tools know it. */
export function ProfileDialog({
  profile,
  keyName,
  onClose,
}: {
  profile?: Profile;
  keyName?: string;
  onClose: () => void;
}) {
  const keys = useKeys().data ?? [];
  const locals = useAccounts().data?.filter((account) => account.kind === 'local') ?? [];
  const add = useChange('profile.add', 'profiles', 'keys');
  const update = useChange('profile.update', 'profiles', 'keys', 'clients');
  const [keyError, setKeyError] = useState<string | null>(null);
  const own = profile === undefined ? undefined : withoutKey(profile);
  const only = keys.length + locals.length === 1 ? (keys[0]?.name ?? `${LOCAL}${locals[0]?.name ?? ''}`) : undefined;
  const first = profile?.key ?? own ?? keyName ?? only ?? '';
  const form = useForm(
    {
      name: profile?.name ?? keys.find((key) => key.name === first)?.account ?? '',
      key: first,
      region: profile?.region ?? 'us-east-1',
      output: profile?.output ?? 'json',
    },
    { name: matches(Name), region: matches(Region) },
  );
  const error = add.error ?? update.error;
  const pending = add.isPending || update.isPending;
  const key = keys.find((one) => one.name === form.values.key);
  const local = locals.find((account) => `${LOCAL}${account.name}` === form.values.key);

  const save = () => {
    setKeyError(
      key === undefined && local === undefined && profile?.source === undefined ? 'Choose the key that signs.' : null,
    );
    const account = profile?.account ?? key?.account ?? local?.name;
    if (!form.validate() || account === undefined) return;
    const signer = key === undefined ? {} : { key: key.name };
    const { name, region } = form.values;
    const output = Profile.shape.output.parse(form.values.output);
    if (profile === undefined) {
      add.mutate(
        { name, account, ...signer, region, output },
        {
          onSuccess: (made) => {
            notify({ message: `Added profile “${made.name}”.` });
            onClose();
            navigate('profiles', made.id);
          },
        },
      );
    } else {
      update.mutate(
        { name: profile.name, ...(name === profile.name ? {} : { rename: name }), ...signer, region, output },
        { onSuccess: onClose },
      );
    }
  };

  return (
    <Dialog title={profile === undefined ? 'Add a profile' : 'Edit profile'} isOpen onClose={onClose}>
      {keys.length + locals.length === 0 ? (
        <EmptyState
          title="First, an access key"
          action={
            <Button variant="primary" onPress={() => openDialog({ kind: 'key.add' })}>
              Add an access key
            </Button>
          }
        >
          A profile signs with an access key of the vault, and there is none yet.
        </EmptyState>
      ) : (
        <Form
          className="flex min-h-0 flex-col"
          onSubmit={(event) => {
            event.preventDefault();
            if (!pending) save();
          }}
        >
          <DialogBody>
            <TextField
              label="Name"
              autoFocus
              placeholder="prod"
              hint="What you type after keyhold exec, and after --profile."
              {...form.field('name')}
            />
            <Select
              label="Signs with"
              isDisabled={own !== undefined}
              choices={[
                ...keys.map((one) => ({
                  id: one.name,
                  label: `${one.account} / ${one.name}`,
                  note: shortKeyId(one.accessKeyId),
                })),
                ...(profile?.source === undefined
                  ? []
                  : [{ id: `${SOURCE}${profile.source}`, label: `a role, with credentials of ${profile.source}` }]),
                // Never both for one profile: a local account has no keys, one at AWS needs one.
                ...(profile?.key !== undefined || profile?.source !== undefined ? [] : locals).map((account) => ({
                  id: `${LOCAL}${account.name}`,
                  label: `${account.name}, as its root`,
                  note: 'local',
                })),
              ]}
              value={form.values.key === '' ? null : form.values.key}
              onChange={(id) => {
                setKeyError(null);
                form.set('key', id);
              }}
              error={keyError}
            />
            <ComboField label="Region" suggestions={COMMON_REGIONS} {...form.field('region')} />
            <Select
              label="Output"
              choices={OUTPUTS.map((output) => ({ id: output, label: output }))}
              value={form.values.output}
              onChange={(id) => form.set('output', id)}
              hint="The form in which the AWS CLI prints its answers."
            />
            {error !== null && <ErrorCallout error={asWireError(error)} />}
          </DialogBody>
          <DialogFooter>
            <Button onPress={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" isDisabled={pending}>
              {profile === undefined ? 'Add profile' : 'Save'}
            </Button>
          </DialogFooter>
        </Form>
      )}
    </Dialog>
  );
}

/** What stands in the place of the key of a profile that has none. */
function withoutKey({ key, source, account }: Profile): string | undefined {
  if (key !== undefined) return undefined;
  return source === undefined ? `${LOCAL}${account}` : `${SOURCE}${source}`;
}
