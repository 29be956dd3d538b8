import { useRef, useState } from 'react';
import type { SignIn } from '../../../contract/sign-ins.ts';
import { navigate } from '../../lib/router.ts';
import { useForm } from '../../lib/use-form.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import type { SecretHandle } from '../../ui/secret-field.tsx';
import { KindFields } from './kind-fields.tsx';
import { secretProblem } from './oidc/client-secret.ts';
import { CHECKS, settingsOf, usualScopes, valuesOf } from './sign-in-draft.ts';
import { useSaveSignIn } from './use-save-sign-in.ts';

const KIND_CARDS = [
  { id: 'sso', title: 'AWS IAM Identity Center', text: 'The access portal of your company, once AWS SSO.' },
  { id: 'saml', title: 'SAML 2.0', text: 'An identity provider that sends you to AWS, like Okta or AD FS.' },
  { id: 'oidc', title: 'OpenID Connect', text: 'A provider whose tokens a role trusts (web identity).' },
];

/** Where people sign in, and what it is called here. */
export function SignInDialog({ signIn, onClose }: { signIn?: SignIn; onClose: () => void }) {
  const before = signIn?.settings;
  const saving = useSaveSignIn(signIn);
  const form = useForm(valuesOf(signIn), CHECKS);
  const secret = useRef<SecretHandle>(null);
  const [secretError, setSecretError] = useState<string | null>(null);
  const { values } = form;
  const save = () => {
    const problem = secretProblem(secret.current?.text() ?? '', values, before);
    setSecretError(problem);
    if (!form.validate()) return;
    if (problem !== null) {
      secret.current?.focus();
      return;
    }
    const isGiven = secret.current?.isEmpty() === false;
    saving.mutate(
      {
        name: values.name,
        settings: settingsOf(values, before),
        clientSecret: isGiven ? (secret.current?.bytes() ?? null) : null,
      },
      {
        onSuccess: (saved) => {
          onClose();
          if (signIn === undefined) navigate('sign-ins', saved.id);
        },
      },
    );
  };
  const signedIn = signIn?.state === 'active';
  return (
    <Dialog title={signIn === undefined ? 'Add a sign-in' : `Edit ${signIn.name}`} isOpen onClose={onClose}>
      <DialogForm
        send={signIn === undefined ? 'Add sign-in' : 'Save'}
        isSending={saving.isPending}
        error={saving.error}
        onSend={save}
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
          before={before}
          secret={{ handle: secret, error: secretError, onEdit: () => setSecretError(null) }}
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
