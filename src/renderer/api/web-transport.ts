import { KeyholdError } from '../../contract/errors.ts';
import type { MethodName } from '../../contract/methods.ts';
import { WEB } from '../../contract/wire.ts';
import { isDaemonEvent, readAnswer } from './answer.ts';
import type { Connection, Listener, Transport } from './transport.ts';

const RETRY_MS = 2000;

/** The token in the fragment of the address that `keyhold serve` printed; null on any other address. */
export function tokenFromHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#\/?/, '')).get('token');
  return token === null || token === '' ? null : token;
}

/**
 * Takes the one-time token out of the address bar and the history, and spends it on a session cookie. Must run before
 * anything reads the fragment as a route.
 */
export function startSession(): Promise<void> {
  const token = tokenFromHash(window.location.hash);
  if (token === null) return Promise.resolve();
  window.history.replaceState(null, '', `${window.location.pathname}#/`);
  return post(WEB.session, { token }).then(
    () => undefined,
    // A spent token is no harm while the cookie still holds; the first call says if it does not.
    () => undefined,
  );
}

/** The shell in the system browser: HTTP calls with the session cookie, and server-sent events. */
export function createWebTransport(session: Promise<void>): Transport {
  const listeners = new Set<Listener>();
  let source: EventSource | undefined;
  let timer: number | undefined;
  let connection: Connection = 'connecting';

  const announce = (next: Connection) => {
    connection = next;
    for (const listener of listeners) listener.connection(next);
  };

  const call = async (method: MethodName, params: unknown): Promise<unknown> => {
    await session;
    try {
      return readAnswer(await post(WEB.call, { method, params }));
    } catch (error) {
      if (error instanceof KeyholdError && error.code === 'Unauthorized' && method === 'status.get') {
        announce('unauthorized');
      }
      throw error;
    }
  };

  const open = async () => {
    window.clearTimeout(timer);
    source?.close();
    await session;
    if (listeners.size === 0) return;
    const next = new EventSource(WEB.events);
    source = next;
    next.onopen = () => announce('up');
    next.onmessage = (message) => {
      const event: unknown = JSON.parse(String(message.data));
      if (isDaemonEvent(event)) for (const listener of listeners) listener.event(event);
    };
    next.onerror = () => {
      if (source !== next) return;
      next.close();
      // An EventSource does not say why it failed: a call tells a daemon that is gone from a session that is.
      call('status.get', {}).then(
        () => announce('connecting'),
        (error: unknown) => {
          const unknown = error instanceof KeyholdError && error.code === 'Unauthorized';
          announce(unknown ? 'unauthorized' : 'down');
        },
      );
      timer = window.setTimeout(() => void open(), RETRY_MS);
    };
  };

  return {
    call,
    subscribe(listener) {
      listeners.add(listener);
      listener.connection(connection);
      if (listeners.size === 1) void open();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        window.clearTimeout(timer);
        source?.close();
        source = undefined;
      };
    },
    reconnect: () => void open(),
  };
}

async function post(path: string, body: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      cache: 'no-store',
      body: JSON.stringify(body),
    });
  } catch (cause) {
    throw new KeyholdError(
      'Unreachable',
      'Keyhold is not answering. Nothing was changed; try again when it runs.',
      undefined,
      {
        cause,
      },
    );
  }
  try {
    return await response.json();
  } catch (cause) {
    if (response.ok && path === WEB.session) return { result: {} };
    const message = `Keyhold answered with HTTP status ${response.status}. Reload the page.`;
    throw new KeyholdError(response.status === 401 ? 'Unauthorized' : 'Internal', message, undefined, { cause });
  }
}
