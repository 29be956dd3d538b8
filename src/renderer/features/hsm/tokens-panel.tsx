import { useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX, Ellipsis, Hourglass, Unplug } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import type { Token } from '../../../contract/tokens.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { listNames } from '../../lib/format.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CodeLine, CopyButton } from '../../ui/code.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { notify } from '../../ui/toast-store.ts';
import { useTokens } from './hsm-queries.ts';
import { Panel } from './panel.tsx';
import { type PinDeed, PinDialog } from './pin-dialog.tsx';
import { settledWords } from './token-words.ts';

/** Real HSMs and smart cards beside the software one, by PKCS#11. */
export function TokensPanel() {
  const tokens = useTokens();
  return (
    <Panel title="Tokens" note="HSMs and smart cards by PKCS#11, for custom key stores">
      {tokens.error !== null ? (
        <div className="p-4">
          <ErrorCallout error={asWireError(tokens.error)} />
        </div>
      ) : (
        <>
          <ul>
            {(tokens.data ?? []).map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </ul>
          {tokens.data?.length === 0 && (
            <div className="flex flex-col gap-1 px-4 py-3">
              <span className="text-muted">
                None. A token is added from a terminal, because loading a vendor’s module runs its code:
              </span>
              <CodeLine
                text="keyhold hsm token add lab --module /usr/lib/softhsm/libsofthsm2.so --token lab"
                className="max-w-160"
              />
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

function TokenRow({ token }: { token: Token }) {
  const queries = useQueryClient();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const [pin, setPin] = useState<PinDeed | null>(null);
  const test = async () => {
    setWorking(true);
    setError(null);
    try {
      const { aesGcm } = await call('token.test', { name: token.name });
      notify({
        message: aesGcm.ok
          ? `${token.name} answers, and can hold a key store.`
          : `${token.name} answers, but cannot hold a key store: ${aesGcm.message}`,
        lasting: !aesGcm.ok,
      });
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      setWorking(false);
    }
  };
  const settle = async () => {
    setWorking(true);
    setError(null);
    try {
      const { kept } = await call('token.settlePin', { name: token.name });
      notify({ message: settledWords(token.name, kept) });
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      setWorking(false);
    }
  };
  const { connection, pinUnsettledSince } = token;
  const refused = connection.state === 'refused';
  return (
    <li className="flex flex-col gap-2 border-t border-line px-4 py-2 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="flex min-w-64 flex-1 flex-col">
          <span className="flex items-center gap-2 font-medium">
            {token.name}
            <span className="font-normal text-muted">{token.label}</span>
          </span>
          <span className="flex items-center gap-1 text-muted">
            <span className="mono">{token.clusterId}</span>
            <CopyButton text={token.clusterId} label="Copy the cluster id" />
            {token.keyStores.length > 0 && <span>key stores: {listNames(token.keyStores)}</span>}
          </span>
          {(connection.state === 'away' || connection.state === 'refused') && (
            <span className="text-warn-ink">{connection.message}</span>
          )}
          {pinUnsettledSince !== undefined && (
            <span className="text-warn-ink">
              A change of its PIN was interrupted <RelativeTime instant={pinUnsettledSince} />. Which one it has is
              found out once it is there.
            </span>
          )}
        </div>
        <TokenState state={connection.state} />
        <Button size="compact" isDisabled={working} onPress={() => void test()}>
          {working ? 'Asking it…' : 'Test'}
        </Button>
        {refused && (
          <Button size="compact" onPress={() => setPin('enter')}>
            Enter the PIN…<span className="sr-only"> of {token.name}</span>
          </Button>
        )}
        {pinUnsettledSince !== undefined && !refused && (
          <Button size="compact" isDisabled={working} onPress={() => void settle()}>
            Find out<span className="sr-only"> which PIN {token.name} has</span>
          </Button>
        )}
        <Menu
          label={`More for ${token.name}`}
          trigger={<IconButton label={`More for ${token.name}`} icon={<Ellipsis size={16} aria-hidden="true" />} />}
          actions={[
            { id: 'change', label: 'Change the PIN…', run: () => setPin('change') },
            ...(refused ? [] : [{ id: 'enter', label: 'Enter the PIN…', run: () => setPin('enter') }]),
            ...(pinUnsettledSince === undefined || !refused
              ? []
              : [{ id: 'settle', label: 'Find out which PIN it has', run: () => void settle() }]),
          ]}
        />
      </div>
      {error !== null && <ErrorCallout error={error} />}
      {pin !== null && <PinDialog token={token} deed={pin} onClose={() => setPin(null)} />}
    </li>
  );
}

function TokenState({ state }: { state: Token['connection']['state'] }) {
  switch (state) {
    case 'ready':
      return (
        <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
          connected
        </Badge>
      );
    case 'away':
      return (
        <Badge tone="warn" icon={<Unplug size={12} aria-hidden="true" />}>
          away
        </Badge>
      );
    case 'refused':
      return (
        <Badge tone="bad" icon={<CircleX size={12} aria-hidden="true" />}>
          PIN refused
        </Badge>
      );
    case 'connecting':
      return <Badge icon={<Hourglass size={12} aria-hidden="true" />}>connecting</Badge>;
    case 'idle':
      return <Badge>not needed yet</Badge>;
  }
}
