import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../../contract/errors.ts';
import { asWireError } from '../../../api/error.ts';
import { navigate } from '../../../lib/router.ts';
import { useForm } from '../../../lib/use-form.ts';
import { useGone } from '../../../lib/use-gone.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../../ui/callout.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { CodeLine } from '../../../ui/code.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { TextField } from '../../../ui/field.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import type { SecretHandle } from '../../../ui/secret-field.tsx';
import { Select } from '../../../ui/select.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { useTokens } from '../../hsm/hsm-queries.ts';
import { kmsCall, type Place } from '../kms.ts';
import { refreshKms, useKeyStores } from '../kms-queries.ts';
import { goToPlace } from '../place.ts';
import { ProxyAddress, ProxyCredential } from './proxy-fields.tsx';
import { endpointProblem, nameProblem, pathProblem, proxyKeyProblem, proxySecretProblem } from './store-checks.ts';

const TOKEN = 'AWS_CLOUDHSM';
const PROXY = 'EXTERNAL_KEY_STORE';

/** Makes a key store: on a token that Keyhold has the PIN of, or with an external key manager behind a proxy. */
export function CreateStoreDialog({ place, onClose }: { place: Place; onClose: () => void }) {
  const queries = useQueryClient();
  const tokens = useTokens().data ?? [];
  const stores = useKeyStores(place).data ?? [];
  const free = tokens.filter((token) => !stores.some((store) => store.CloudHsmClusterId === token.clusterId));
  const [type, setType] = useState<string>(TOKEN);
  const [chosen, setChosen] = useState<string | null>(null);
  const [connect, setConnect] = useState(true);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const gone = useGone();
  const [secretError, setSecretError] = useState<string | null>(null);
  const secret = useRef<SecretHandle>(null);
  const external = type === PROXY;
  const ifExternal = (check: (value: string) => string | null) => (value: string) => (external ? check(value) : null);
  const form = useForm(
    { name: '', endpoint: '', path: '/kms/xks/v1', accessKeyId: '' },
    {
      name: nameProblem,
      endpoint: ifExternal(endpointProblem),
      path: ifExternal(pathProblem),
      accessKeyId: ifExternal(proxyKeyProblem),
    },
  );
  const token = free.find((one) => one.id === chosen) ?? free[0];

  const create = async () => {
    setWorking(true);
    setError(null);
    const { name, endpoint, path, accessKeyId } = form.values;
    try {
      const { CustomKeyStoreId } = await kmsCall(
        place,
        'CreateCustomKeyStore',
        external
          ? {
              CustomKeyStoreName: name,
              CustomKeyStoreType: PROXY,
              XksProxyConnectivity: 'PUBLIC_ENDPOINT',
              XksProxyUriEndpoint: endpoint,
              XksProxyUriPath: path,
              XksProxyAuthenticationCredential: {
                AccessKeyId: accessKeyId,
                RawSecretAccessKey: secret.current?.text() ?? '',
              },
            }
          : { CustomKeyStoreName: name, CustomKeyStoreType: TOKEN, CloudHsmClusterId: token?.clusterId ?? '' },
      );
      secret.current?.clear();
      let late: unknown = null;
      if (connect) await kmsCall(place, 'ConnectCustomKeyStore', { CustomKeyStoreId }).catch((why) => (late = why));
      notify(
        late === null
          ? { message: `Created “${name}”.` }
          : { message: `Created “${name}”, but it was not connected: ${asWireError(late).message}`, tone: 'error' },
      );
      await refreshKms(queries);
      if (gone.current) return;
      goToPlace(place);
      onClose();
      navigate('key-stores', CustomKeyStoreId);
    } catch (caught) {
      if (gone.current) notify({ message: asWireError(caught).message, tone: 'error' });
      else setError(asWireError(caught));
    } finally {
      setWorking(false);
    }
  };

  const submit = () => {
    const problem = external ? proxySecretProblem(secret.current?.text() ?? '') : null;
    const sound = form.validate();
    setSecretError(problem);
    if (!sound || problem !== null || (!external && token === undefined)) return;
    void create();
  };

  return (
    <Dialog title={`Create a key store in ${place.region}`} isOpen onClose={onClose} width="large">
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working) submit();
        }}
      >
        <DialogBody>
          <RadioCards
            label="Who keeps the keys?"
            columns={2}
            cards={[
              { id: TOKEN, title: 'A PKCS#11 token', text: 'A real HSM or smart card that Keyhold has the PIN of.' },
              { id: PROXY, title: 'An external key manager', text: 'Behind a proxy that speaks AWS’s XKS API.' },
            ]}
            value={type}
            onChange={(next) => {
              setType(next);
              setError(null);
            }}
          />
          <TextField label="Name" placeholder={external ? 'escrow' : 'vault-room'} {...form.field('name')} />
          {external ? (
            <>
              <ProxyAddress form={form} />
              <ProxyCredential form={form} secret={secret} error={secretError} onEdit={() => setSecretError(null)} />
            </>
          ) : token === undefined ? (
            <Callout
              tone="warning"
              title={tokens.length === 0 ? 'There is no token yet' : 'Every token has a key store here'}
            >
              <p className="pb-2">
                {tokens.length === 0
                  ? 'Add one in a terminal: only there is a vendor’s module loaded.'
                  : 'A token has one key store in each Region. Add another token in a terminal:'}
              </p>
              <CodeLine text="keyhold hsm token add vault-room --module FILE --token LABEL" />
            </Callout>
          ) : (
            <Select
              label="Token"
              choices={free.map((one) => ({ id: one.id, label: one.name, note: one.clusterId }))}
              value={token.id}
              onChange={setChosen}
              hint="Keys are made in it and cannot be read out of it."
            />
          )}
          <Checkbox isSelected={connect} onChange={setConnect}>
            Connect it at once
          </Checkbox>
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={working || (!external && token === undefined)}>
            {working ? 'Creating…' : 'Create the key store'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
