import { Profile } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useAccounts, useChange, useKeys, useProfiles } from '../../api/queries.ts';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import { navigate } from '../../lib/router.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { ComboField } from '../../ui/combo-field.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { Select } from '../../ui/select.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { notify } from '../../ui/toast-store.ts';
import { useCertificates } from '../certificates/certificate-queries.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { useSignIns } from '../sign-ins/sign-in-queries.ts';
import { originSource } from './origin-draft.ts';
import { OriginFields } from './origin-fields.tsx';
import {
  type Around,
  accountOf,
  checksOf,
  complaintOf,
  howOf,
  kindOf,
  LOCAL,
  SOURCE,
  sessionInput,
  signerInput,
  valuesOf,
} from './profile-draft.ts';
import { SessionFields } from './session-fields.tsx';
import { type Origins, signers } from './signers.ts';

const OUTPUTS = ['json', 'text', 'table', 'yaml', 'yaml-stream'] as const;

const HOW_CARDS = [
  { id: 'key', title: 'The key itself' },
  { id: 'session', title: 'A session of its user', text: 'Short-lived, and behind MFA where you like.' },
  { id: 'role', title: 'A role', text: 'Assumed with the key, in this account or another.' },
];

/** A profile: a name for an access key, a role or a local account, with a region, as tools know it. */
export function ProfileDialog({
  profile,
  keyName,
  onClose,
}: {
  profile?: Profile;
  keyName?: string;
  onClose: () => void;
}) {
  const around: Around = {
    accounts: useAccounts().data ?? [],
    keys: useKeys().data ?? [],
    profiles: useProfiles().data ?? [],
  };
  const origins: Origins = {
    signIns: useSignIns().data ?? [],
    certificates: useCertificates().data ?? [],
  };
  const { keys, accounts, profiles } = around;
  const locals = accounts.filter((account) => account.kind === 'local');
  const add = useChange('profile.add', 'profiles', 'keys', 'sessions');
  const update = useChange('profile.update', 'profiles', 'keys', 'clients', 'sessions');
  const only = keys.length + locals.length === 1 ? (keys[0]?.name ?? `${LOCAL}${locals[0]?.name ?? ''}`) : undefined;
  const first = keyName ?? only ?? '';
  const form = useForm(
    valuesOf(profile, { name: keys.find((key) => key.name === first)?.account ?? '', signer: first }),
    checksOf(around, profile?.account),
  );
  const error = add.error ?? update.error;
  const complaint = error === null ? null : complaintOf(asWireError(error));
  const pending = add.isPending || update.isPending;
  const { values } = form;
  const isLocal = values.signer.startsWith(LOCAL);
  const kind = kindOf(values, profiles);

  const onError = (failed: Error) => {
    const about = complaintOf(asWireError(failed));
    if (about !== null) form.complain(...about);
  };
  const save = () => {
    const account = profile?.account ?? accountOf(values, around);
    if (!form.validate() || account === undefined) return;
    const { name, region } = values;
    const output = Profile.shape.output.parse(values.output);
    const signer = signerInput(values);
    const session = sessionInput(values, profiles, profile?.role);
    if (profile === undefined) {
      add.mutate(
        { name, account, ...signer, ...session, region, output },
        {
          onSuccess: (made) => {
            notify({ message: `Added profile “${made.name}”.` });
            onClose();
            navigate('profiles', made.id);
          },
          onError,
        },
      );
      return;
    }
    update.mutate(
      {
        name: profile.name,
        ...(name === profile.name ? {} : { rename: name }),
        ...signer,
        ...(isLocal ? {} : { role: null, mfaSerial: null, sessionSeconds: null, ...session }),
        region,
        output,
      },
      { onSuccess: onClose, onError },
    );
  };

  return (
    <Dialog title={profile === undefined ? 'Add a profile' : 'Edit profile'} isOpen onClose={onClose}>
      {keys.length + locals.length + origins.signIns.length + origins.certificates.length === 0 &&
      profile === undefined ? (
        <EmptyState
          title="First, an access key"
          action={
            <Button variant="primary" onPress={() => openDialog({ kind: 'key.add' })}>
              Add an access key
            </Button>
          }
        >
          A profile signs with an access key, a sign-in or a certificate of the vault, and there is none yet.
        </EmptyState>
      ) : (
        <DialogForm
          send={profile === undefined ? 'Add profile' : 'Save'}
          isSending={pending}
          error={complaint === null ? error : null}
          onSend={save}
          onCancel={onClose}
        >
          <TextField
            label="Name"
            autoFocus
            placeholder="prod"
            hint="What you type after keyhold exec, and after --profile."
            {...form.field('name')}
          />
          <Select
            label="Signs with"
            isDisabled={profile !== undefined && isLocal}
            choices={signers(around, origins, profile)}
            value={values.signer === '' ? null : values.signer}
            onChange={(id) => form.set('signer', id)}
            error={form.field('signer').error}
          />
          {originSource(values.signer) !== null && <OriginFields form={form} accounts={accounts} profile={profile} />}
          {!isLocal && !isNotKey(values.signer) && values.signer !== '' && (
            <RadioCards
              label="Tools work with"
              cards={HOW_CARDS}
              value={howOf(values)}
              onChange={(how) => form.set('how', how)}
            />
          )}
          {kind !== null && <SessionFields form={form} kind={kind} accounts={accounts} />}
          <div className="grid gap-3 wide:grid-cols-2">
            <ComboField label="Region" suggestions={COMMON_REGIONS} {...form.field('region')} />
            <Select
              label="Output"
              choices={OUTPUTS.map((output) => ({ id: output, label: output }))}
              value={values.output}
              onChange={(id) => form.set('output', id)}
              hint="The form of the AWS CLI’s answers."
            />
          </div>
        </DialogForm>
      )}
    </Dialog>
  );
}

/** Another profile's credentials, or an origin's, work as nothing but what they are. */
function isNotKey(signer: string): boolean {
  return signer.startsWith(SOURCE) || originSource(signer) !== null;
}
