import type { SignIn } from '../../../contract/sign-ins.ts';
import { useChange } from '../../api/queries.ts';
import { navigate } from '../../lib/router.ts';
import { useForm } from '../../lib/use-form.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { KindFields } from './kind-fields.tsx';
import { CHECKS, settingsOf, usualScopes, valuesOf } from './sign-in-draft.ts';

const KIND_CARDS = [
  { id: 'sso', title: 'AWS IAM Identity Center', text: 'The access portal of your company, once AWS SSO.' },
  { id: 'saml', title: 'SAML 2.0', text: 'An identity provider that sends you to AWS, like Okta or AD FS.' },
  { id: 'oidc', title: 'OpenID Connect', text: 'A provider whose tokens a role trusts (web identity).' },
];

/** Where people sign in, and what it is called here. */
export function SignInDialog({ signIn, onClose }: { signIn?: SignIn; onClose: () => void }) {
  const add = useChange('signIn.add', 'signIns');
  const update = useChange('signIn.update', 'signIns', 'profiles', 'sessions');
  const form = useForm(valuesOf(signIn), CHECKS);
  const { values } = form;
  const pending = add.isPending || update.isPending;
  const error = add.error ?? update.error;
  const save = () => {
    if (!form.validate()) return;
    const settings = settingsOf(values, signIn?.settings);
    const { name } = values;
    if (signIn === undefined) {
      add.mutate(
        { name, settings },
        {
          onSuccess: (made) => {
            onClose();
            navigate('sign-ins', made.id);
          },
        },
      );
      return;
    }
    update.mutate(
      { name: signIn.name, ...(name === signIn.name ? {} : { rename: name }), settings },
      { onSuccess: onClose },
    );
  };
  const signedIn = signIn?.state === 'active';
  return (
    <Dialog title={signIn === undefined ? 'Add a sign-in' : `Edit ${signIn.name}`} isOpen onClose={onClose}>
      <DialogForm
        send={signIn === undefined ? 'Add sign-in' : 'Save'}
        isSending={pending}
        error={error}
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
        <KindFields form={form} />
        {signedIn && <p className="text-muted">Other settings sign you out first.</p>}
      </DialogForm>
    </Dialog>
  );
}
