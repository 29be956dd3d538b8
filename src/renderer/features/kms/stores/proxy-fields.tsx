import type { RefObject } from 'react';
import type { Form } from '../../../lib/use-form.ts';
import { TextField } from '../../../ui/field.tsx';
import { SecretField, type SecretHandle } from '../../../ui/secret-field.tsx';

type ProxyValues = { endpoint: string; path: string; accessKeyId: string };

/** Where the proxy is. */
export function ProxyAddress<V extends ProxyValues & Record<string, string>>({
  form,
  fixed = false,
}: {
  form: Form<V>;
  /** The endpoint cannot be changed while the store is connected. */
  fixed?: boolean;
}) {
  return (
    <>
      <TextField
        label="Endpoint of the proxy"
        mono
        placeholder="https://xks.example.com"
        isDisabled={fixed}
        hint={
          fixed
            ? 'Disconnect the key store to change it.'
            : 'Reached from this machine, with HTTPS unless it runs here too.'
        }
        {...form.field('endpoint')}
      />
      <TextField label="Path" mono placeholder="/kms/xks/v1" {...form.field('path')} />
    </>
  );
}

/** What the proxy knows Keyhold by. */
export function ProxyCredential<V extends ProxyValues & Record<string, string>>({
  form,
  secret,
  error,
  onEdit,
}: {
  form: Form<V>;
  secret: RefObject<SecretHandle | null>;
  error: string | null;
  onEdit: () => void;
}) {
  return (
    <>
      <TextField label="Access key id of the proxy" mono {...form.field('accessKeyId')} />
      <SecretField
        label="Secret of the proxy"
        mono
        handle={secret}
        error={error}
        onEdit={onEdit}
        hint="From the key manager. It signs each request to the proxy, and is kept by the HSM."
      />
    </>
  );
}
