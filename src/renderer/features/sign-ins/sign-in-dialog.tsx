import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Seal } from '../../../client/client.ts';
import { wipe } from '../../../client/import/credential-values.ts';
import { KeyholdError } from '../../../contract/errors.ts';
import type { SignIn } from '../../../contract/sign-ins.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { navigate } from '../../lib/router.ts';
import { useForm } from '../../lib/use-form.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import type { SecretHandle } from '../../ui/secret-field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { KindFields } from './kind-fields.tsx';
import { CHECKS, hasClientSecret, needsClientSecret, settingsOf, usualScopes, valuesOf } from './sign-in-draft.ts';

const KIND_CARDS = [
  { id: 'sso', title: 'AWS IAM Identity Center', text: 'The access portal of your company, once AWS SSO.' },
  { id: 'saml', title: 'SAML 2.0', text: 'An identity provider that sends you to AWS, like Okta or AD FS.' },
  { id: 'oidc', title: 'OpenID Connect', text: 'A provider whose tokens a role trusts (web identity).' },
];

/** Where people sign in, and what it is called here. */
export function SignInDialog({ signIn, onClose }: { signIn?: SignIn; onClose: () => void }) {
  const queries = useQueryClient();
  const secret = useRef<SecretHandle>(null);
  const [secretError, setSecretError] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const gone = useGone();
  const form = useForm(valuesOf(signIn), CHECKS);
  const { values } = form;
  const needsSecret = needsClientSecret(values, signIn?.settings);
  const save = async () => {
    const typed = hasClientSecret(values) && secret.current?.isEmpty() === false;
    const missing = needsSecret && !typed;
    setSecretError(missing ? 'Type the secret that the provider has for this client.' : null);
    if (!form.validate()) return;
    if (missing) {
      secret.current?.focus();
      return;
    }
    const settings = settingsOf(values, signIn?.settings);
    const { name } = values;
    const bytes = typed ? secret.current?.bytes() : undefined;
    setPending(true);
    setError(null);
    try {
      const sealed = async (seal: Seal) =>
        bytes === undefined ? {} : { clientSecret: await seal('oidc-client-secret', bytes) };
      if (signIn === undefined) {
        const made = await callSealed('signIn.add', async (seal) => ({ name, settings, ...(await sealed(seal)) }));
        if (gone.current) return;
        onClose();
        navigate('sign-ins', made.id);
      } else {
        const rename = name === signIn.name ? {} : { rename: name };
        await callSealed('signIn.update', async (seal) => ({
          ...{ name: signIn.name, ...rename, settings },
          ...(await sealed(seal)),
        }));
        onClose();
      }
      secret.current?.clear();
    } catch (caught) {
      const wire = asWireError(caught);
      if (gone.current) notify({ message: wire.message, tone: 'error' });
      else setError(KeyholdError.fromWire(wire));
    } finally {
      wipe(bytes);
      await refresh(queries, 'signIns', 'profiles', 'sessions');
      setPending(false);
    }
  };
  const signedIn = signIn?.state === 'active';
  return (
    <Dialog title={signIn === undefined ? 'Add a sign-in' : `Edit ${signIn.name}`} isOpen onClose={onClose}>
      <DialogForm
        send={signIn === undefined ? 'Add sign-in' : 'Save'}
        isSending={pending}
        error={error}
        onSend={() => void save()}
        onCancel={onClose}
      >
        <TextField
          label="Name"
          autoFocus
          placeholder="work"
          hint="What you type after keyhold login."
          {...form.field('name')}
        />
        {signIn === undefined && (
          <RadioCards
            label="Kind"
            cards={KIND_CARDS}
            value={values.type}
            onChange={(type) => {
              form.set('type', type);
              form.set('scopes', usualScopes(type));
            }}
          />
        )}
        <KindFields
          form={form}
          secret={{
            handle: secret,
            optional: !needsSecret,
            error: secretError,
            onEdit: () => setSecretError(null),
          }}
        />
        {signedIn && <p className="text-muted">{signOutWords(values.type)}</p>}
      </DialogForm>
    </Dialog>
  );
}

function signOutWords(type: string): string {
  return type === 'oidc'
    ? 'Another issuer, client or scope signs you out first; another secret does not.'
    : 'Other settings sign you out first.';
}
