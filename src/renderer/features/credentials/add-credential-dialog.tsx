import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { wipe } from '../../../client/import/credential-values.ts';
import type { Credential } from '../../../contract/credentials.ts';
import { KeyholdError } from '../../../contract/errors.ts';
import { Name, Region } from '../../../contract/schemas.ts';
import { appearedAtIam, asWireError } from '../../api/error.ts';
import { call, callSealed } from '../../api/keyhold.ts';
import { refresh, useKeys, useProfiles } from '../../api/queries.ts';
import { navigate } from '../../lib/router.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import type { SecretHandle } from '../../ui/secret-field.tsx';
import { Select } from '../../ui/select.tsx';
import { notify } from '../../ui/toast-store.ts';
import { addParams, askingKeys, type CredentialDraft, idError, noteError, wantsPassword } from './credential-draft.ts';
import { whatWords } from './credential-words.ts';
import { KindFields } from './kind-fields.tsx';

const TYPES = [
  { id: 'smtp', title: 'SMTP password', text: 'For sending mail with Amazon SES. It follows from the access key.' },
  { id: 'service', title: 'Password or API key', text: 'For CodeCommit, Keyspaces or Bedrock. IAM makes it.' },
  { id: 'sshKey', title: 'SSH key', text: 'For CodeCommit. The key pair is made in the vault.' },
] as const;

/** Has AWS make a credential for the user of an access key, or takes one in; or completes one whose answer was lost. */
export function AddCredentialDialog({ credential, onClose }: { credential?: Credential; onClose: () => void }) {
  const queries = useQueryClient();
  const keys = askingKeys(useKeys().data ?? []);
  const profiles = useProfiles().data ?? [];
  // Where its profiles work is where mail is likely sent from.
  const regionOf = (key: string): string => profiles.find((one) => one.key === key)?.region ?? '';
  const only = keys.length === 1 ? (keys[0]?.name ?? null) : null;
  const [type, setType] = useState<CredentialDraft['type']>(credential?.type ?? 'smtp');
  const [chosen, setChosen] = useState<string | null>(credential?.key ?? null);
  const [service, setService] = useState<CredentialDraft['service']>(credential?.service ?? 'codecommit.amazonaws.com');
  const [source, setSource] = useState<CredentialDraft['source']>('new');
  const [keyError, setKeyError] = useState<string | null>(null);
  const [passwordError, setPasswordError] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [appeared, setAppeared] = useState<readonly string[]>([]);
  const password = useRef<SecretHandle>(null);
  const gone = useGone();
  const takesIn = wantsPassword({ type, source });
  const form = useForm(
    {
      name: credential?.name ?? '',
      region: only === null ? '' : regionOf(only),
      credentialId: '',
      userName: '',
      note: credential?.note ?? '',
    },
    {
      name: matches(Name),
      region: (value) => (type === 'smtp' ? matches(Region)(value) : null),
      credentialId: (value) => (takesIn ? idError(value) : null),
      userName: (value) => (takesIn && value === '' ? 'Type the user name that goes with it.' : null),
      note: noteError,
    },
  );
  // What was refused says nothing of another choice.
  const choose = (change: () => void) => {
    setError(null);
    setAppeared([]);
    change();
  };
  const chooseKey = (name: string) => {
    setChosen(name);
    if (form.values.region === '') form.set('region', regionOf(name));
  };
  const key = chosen ?? only;

  const send = async (reset: string | null) => {
    const missing = takesIn && password.current?.isEmpty() !== false;
    setPasswordError(missing ? 'Type the password or API key.' : null);
    setKeyError(key === null ? 'Choose an access key of the same user.' : null);
    if (!form.validate() || missing || key === null) return;
    const draft: CredentialDraft = { type, key, service, source, reset, ...form.values };
    const bytes = takesIn ? password.current?.bytes() : undefined;
    setWorking(true);
    setError(null);
    setAppeared([]);
    try {
      const made =
        bytes === undefined
          ? await call('credential.add', addParams(draft))
          : await callSealed('credential.add', async (seal) => addParams(draft, await seal('service-password', bytes)));
      password.current?.clear();
      notify({ message: `${whatWords(made)}: “${made.name}” is in the vault.` });
      if (gone.current) return;
      onClose();
      navigate('credentials', made.id);
    } catch (caught) {
      const wire = asWireError(caught);
      const found = appearedAtIam(caught);
      // The name is not asked for where one is completed: a complaint there would be seen by nobody.
      const isNameTaken = wire.code === 'AlreadyExists' && wire.details?.['kind'] === 'credential';
      if (gone.current) {
        const message =
          found.length > 0
            ? `One has appeared in IAM since ${draft.name} was asked for. Open it to complete it.`
            : wire.message;
        notify({ message, tone: 'error' });
      } else if (credential === undefined && isNameTaken) form.complain('name', wire.message);
      else if (found.length > 0) setAppeared(found);
      else setError(KeyholdError.fromWire(wire));
    } finally {
      wipe(bytes);
      // Also after an error: what was begun is there, and says that it is not complete.
      await refresh(queries, 'credentials');
      setWorking(false);
    }
  };

  return (
    <Dialog
      title={credential === undefined ? 'Add a password or SSH key' : `Complete ${credential.name}`}
      isOpen
      onClose={onClose}
    >
      <DialogForm
        send={credential === undefined ? 'Add' : 'Complete it'}
        sending={takesIn || type === 'smtp' ? 'Adding…' : 'Asking IAM…'}
        isSending={working}
        error={error}
        onSend={() => void send(null)}
        onCancel={onClose}
      >
        {credential === undefined ? (
          <RadioCards
            label="What"
            hideLabel
            cards={TYPES}
            value={type}
            onChange={(id) => {
              const found = TYPES.find((one) => one.id === id);
              if (found !== undefined) choose(() => setType(found.id));
            }}
          />
        ) : (
          <p>
            {whatWords(credential)} of the user of {credential.key}. IAM is looked at first: what it has made already is
            not made twice.
          </p>
        )}
        {credential === undefined && (
          <>
            <Select
              label={type === 'smtp' ? 'Access key that it follows from' : 'Access key of the user'}
              choices={keys.map((one) => ({
                id: one.name,
                label: `${one.account} / ${one.name}`,
                note: one.accessKeyId,
              }))}
              value={key}
              onChange={(name) => choose(() => chooseKey(name))}
              isDisabled={keys.length === 0}
              hint={
                keys.length === 0
                  ? 'No access key here can be asked with: add one, or enable one.'
                  : type === 'smtp'
                    ? 'Its user may send mail. AWS is not asked for anything.'
                    : 'Its user gets it, and IAM is asked with it.'
              }
              error={keys.length === 0 ? null : keyError}
              onBlur={() => setKeyError(null)}
            />
            <TextField
              label="Name"
              placeholder={type === 'smtp' ? 'mail' : type === 'sshKey' ? 'git-ssh' : 'git'}
              hint="How you will find it; AWS never sees it."
              {...form.field('name')}
              // What has appeared may be what was asked for by the name before, not by this one.
              onChange={(name) => choose(() => form.set('name', name))}
            />
          </>
        )}
        {credential === undefined && (
          <KindFields
            type={type}
            service={service}
            onService={(next) => choose(() => setService(next))}
            source={source}
            onSource={(next) => choose(() => setSource(next))}
            form={form}
            password={password}
            passwordError={passwordError}
            onPassword={() => setPasswordError(null)}
          />
        )}
        {credential === undefined && <TextField label="Note" optional multiline {...form.field('note')} />}
        {appeared.map((id) => (
          <Callout
            key={id}
            tone="warning"
            live
            title="One has appeared in IAM"
            actions={
              <Button size="compact" isDisabled={working} onPress={() => void send(id)}>
                It is this one: give it a new password
              </Button>
            }
          >
            <span className="mono">{id}</span> was made after this was asked for, and its password never arrived here.
            If another machine made it, leave it alone and remove this entry instead.
          </Callout>
        ))}
      </DialogForm>
    </Dialog>
  );
}
