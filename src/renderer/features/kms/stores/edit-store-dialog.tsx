import { useRef, useState } from 'react';
import { useForm } from '../../../lib/use-form.ts';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { DialogForm } from '../../../ui/dialog-form.tsx';
import { TextField } from '../../../ui/field.tsx';
import type { SecretHandle } from '../../../ui/secret-field.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { type KeyStore, kmsCall, type Place } from '../kms.ts';
import { useKmsChange } from '../kms-queries.ts';
import { ProxyAddress, ProxyCredential } from './proxy-fields.tsx';
import { endpointProblem, nameProblem, pathProblem, proxyKeyProblem, proxySecretProblem } from './store-checks.ts';

/** Changes a key store’s name, and where its proxy is and what that knows Keyhold by. */
export function EditStoreDialog({ place, store, onClose }: { place: Place; store: KeyStore; onClose: () => void }) {
  const external = store.CustomKeyStoreType === 'EXTERNAL_KEY_STORE';
  const failed = store.ConnectionState === 'FAILED';
  const fixed = !failed && store.ConnectionState !== 'DISCONNECTED';
  const proxy = store.XksProxyConfiguration;
  const before = {
    name: store.CustomKeyStoreName,
    endpoint: proxy?.UriEndpoint ?? '',
    path: proxy?.UriPath ?? '',
    accessKeyId: proxy?.AccessKeyId ?? '',
  };
  const [renew, setRenew] = useState(false);
  const [secretError, setSecretError] = useState<string | null>(null);
  const secret = useRef<SecretHandle>(null);
  const form = useForm(before, {
    name: nameProblem,
    endpoint: (value) => (external ? endpointProblem(value) : null),
    path: (value) => (external ? pathProblem(value) : null),
    accessKeyId: (value) => (renew ? proxyKeyProblem(value) : null),
  });
  const { name, endpoint, path, accessKeyId } = form.values;
  const changed = renew || name !== before.name || endpoint !== before.endpoint || path !== before.path;
  const id = { CustomKeyStoreId: store.CustomKeyStoreId };
  const change = useKmsChange(async () => {
    // What failed to connect can be changed once that has been given up.
    if (failed) await kmsCall(place, 'DisconnectCustomKeyStore', id);
    await kmsCall(place, 'UpdateCustomKeyStore', {
      ...id,
      ...(name === before.name ? {} : { NewCustomKeyStoreName: name }),
      ...(endpoint === before.endpoint ? {} : { XksProxyUriEndpoint: endpoint }),
      ...(path === before.path ? {} : { XksProxyUriPath: path }),
      ...(renew
        ? {
            XksProxyAuthenticationCredential: {
              AccessKeyId: accessKeyId,
              RawSecretAccessKey: secret.current?.text() ?? '',
            },
          }
        : {}),
    });
  });

  const submit = () => {
    const problem = renew ? proxySecretProblem(secret.current?.text() ?? '') : null;
    const sound = form.validate();
    setSecretError(problem);
    if (!sound || problem !== null) return;
    if (!changed) return onClose();
    change.mutate(undefined, {
      onSuccess: () => {
        secret.current?.clear();
        notify({ message: `Saved “${name}”.` });
        onClose();
      },
    });
  };

  return (
    <Dialog title={`Edit ${store.CustomKeyStoreName}`} isOpen onClose={onClose}>
      <DialogForm
        send="Save"
        sending="Saving…"
        isSending={change.isPending}
        error={change.error}
        onSend={submit}
        onCancel={onClose}
      >
        <TextField label="Name" autoFocus {...form.field('name')} />
        {external && (
          <>
            <ProxyAddress form={form} fixed={fixed} />
            <Checkbox isSelected={renew} onChange={setRenew}>
              Replace the credential
            </Checkbox>
            {renew && (
              <ProxyCredential form={form} secret={secret} error={secretError} onEdit={() => setSecretError(null)} />
            )}
          </>
        )}
      </DialogForm>
    </Dialog>
  );
}
