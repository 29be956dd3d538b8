import { useState } from 'react';
import type { Profile } from '../../../contract/schemas.ts';
import { useChange } from '../../api/queries.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { useForm } from '../../lib/use-form.ts';
import { Callout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { notify } from '../../ui/toast-store.ts';
import { CONSOLE_BROWSERS, launchOf } from './console-browser.ts';

/** Ends a console session in the browser that has it: AWS knows no other way to end one. */
export function ConsoleSignOutDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const logout = useChange('console.logout');
  const [browser, setBrowser] = useState<string>('default');
  const [forget, setForget] = useState(false);
  const inContainer = browser === 'container';
  const form = useForm(
    { container: profile.account },
    { container: (value) => (inContainer && value.trim() === '' ? 'Name the container.' : null) },
  );
  const start = () => {
    if (!form.validate()) return;
    logout.mutate(
      {
        profile: profile.name,
        launch: launchOf(browser, form.values.container),
        ...(forget && !inContainer ? { forget } : {}),
      },
      {
        onSuccess: ({ opened, forgotten }) => {
          if (!opened && !forgotten) return;
          notify({
            message: forgotten
              ? `The browser profile of ${profile.name} is removed.`
              : `AWS’s page signs ${profile.name} out.`,
          });
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={`Sign ${profile.name} out of the AWS console`} isOpen onClose={onClose}>
      <DialogForm
        send="Sign out"
        sending="Signing out…"
        isSending={logout.isPending}
        error={logout.error}
        onSend={start}
        onCancel={onClose}
      >
        <Select
          label="Browser"
          choices={CONSOLE_BROWSERS}
          value={browser}
          onChange={setBrowser}
          hint="The one that is signed in: it is shown the page of AWS that signs out."
        />
        {inContainer ? (
          <TextField label="Container" {...form.field('container')} />
        ) : (
          <Checkbox isSelected={forget} onChange={setForget}>
            Remove the browser profile that Keyhold made for it, with all its cookies
          </Checkbox>
        )}
        {logout.isSuccess && (
          <Callout tone="warning" live title="No browser could be opened">
            <p>In a terminal, this prints the address that signs out:</p>
            <CodeLine text={`keyhold console logout ${shellQuote(profile.name)} --print`} />
          </Callout>
        )}
      </DialogForm>
    </Dialog>
  );
}
