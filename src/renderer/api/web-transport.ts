import { KeyholdError } from '../../contract/errors.ts';
import type { MethodName } from '../../contract/methods.ts';
import { PAGE_KEY_HEADER, WEB } from '../../contract/wire.ts';
import { isDaemonEvent, readAnswer } from './answer.ts';
import { keepPageKey, readPageKey } from './page-key.ts';
import { readEventStream } from './read-event-stream.ts';
import type { Connection, Listener, Transport } from './transport.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/** The token in the fragment of a one-time link; null on any other address. */
export function tokenFromHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#\/?/, '')).get('token');
  return token === null || token === '' ? null : token;
}

/**
 * Takes a one-time token out of the address bar and the history, and spends it on a session cookie and this tab's key. Must run
 * before anything reads the fragment as a route.
 */
export async function startSession(): Promise<void> {
  const token = tokenFromHash(window.location.hash);
  if (token === null) return;
  window.history.replaceState(null, '', `${window.location.pathname}#/`);
  try {
    const result = readAnswer(await (await send(WEB.session, { body: { token } })).json());
    if (typeof result === 'object' && result !== null && 'pageKey' in result) keepPageKey(String(result.pageKey));
  } catch {
    // A spent token is no harm while this tab's session holds; the first call says if it does not.
  }
}

/**
 * The shell in the system browser: HTTP calls and server-sent events, each with the session cookie and this tab's key. `signIn` is run at once, and
 * again when somebody pastes another one-time link into this tab.
 */
export function createWebTransport(signIn: () => Promise<void>): Transport {
  const listeners = new Set<Listener>();
  let session = signIn();
  let stream: AbortController | undefined;
  let timer: number | undefined;
  let retryMs = FIRST_RETRY_MS;
  let connection: Connection = 'connecting';

  const announce = (next: Connection) => {
    if (next === 'unauthorized') close();
    connection = next;
    for (const listener of listeners) listener.connection(next);
  };

  const close = () => {
    window.clearTimeout(timer);
    stream?.abort();
    stream = undefined;
  };

  const open = async () => {
    close();
    const mine = new AbortController();
    stream = mine;
    await session;
    if (mine.signal.aborted) return;
    try {
      const response = await send(WEB.events, { signal: mine.signal });
      if (response.status === 401) return announce('unauthorized');
      if (response.ok && response.body !== null) {
        retryMs = FIRST_RETRY_MS;
        announce('up');
        for await (const data of readEventStream(response.body)) deliver(data);
      }
      // The daemon is there but ended the stream, or has no more of them to give.
      if (!mine.signal.aborted) announce('connecting');
    } catch {
      if (!mine.signal.aborted) announce('down');
    }
    if (mine.signal.aborted) return;
    timer = window.setTimeout(() => void open(), retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  const deliver = (data: string) => {
    const event: unknown = JSON.parse(data);
    if (isDaemonEvent(event)) for (const listener of listeners) listener.event(event);
  };

  const onLink = () => {
    if (tokenFromHash(window.location.hash) === null) return;
    session = signIn();
    void open();
  };

  return {
    async call(method: MethodName, params: unknown) {
      await session;
      const response = await send(WEB.call, { body: { method, params } });
      if (response.status === 401) announce('unauthorized');
      return readAnswer(await readJson(response));
    },
    async filePart({ id, index, last }, bytes) {
      await session;
      const query = new URLSearchParams({ id, index: String(index), last: String(last) });
      const response = await send(`${WEB.file}?${query}`, { bytes });
      if (response.status === 401) announce('unauthorized');
      if (!response.ok) readAnswer(await readJson(response));
      return new Uint8Array(await response.arrayBuffer());
    },
    subscribe(listener) {
      listeners.add(listener);
      listener.connection(connection);
      if (listeners.size === 1) {
        window.addEventListener('hashchange', onLink);
        void open();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        window.removeEventListener('hashchange', onLink);
        close();
      };
    },
    reconnect() {
      retryMs = FIRST_RETRY_MS;
      void open();
    },
  };
}

/** POSTs a body or bytes, or GETs where there are none. Throws `Unreachable` when nothing answers. */
async function send(
  path: string,
  options: { body?: unknown; bytes?: Uint8Array<ArrayBuffer>; signal?: AbortSignal },
): Promise<Response> {
  const pageKey = readPageKey();
  const posted = options.body === undefined ? options.bytes : JSON.stringify(options.body);
  try {
    return await fetch(path, {
      method: posted === undefined ? 'GET' : 'POST',
      headers: {
        ...(posted === undefined
          ? {}
          : { 'content-type': options.bytes === undefined ? 'application/json' : 'application/octet-stream' }),
        ...(pageKey === null ? {} : { [PAGE_KEY_HEADER]: pageKey }),
      },
      credentials: 'same-origin',
      cache: 'no-store',
      ...(posted === undefined ? {} : { body: posted }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (cause) {
    throw new KeyholdError(
      'Unreachable',
      'Keyhold is not answering. Nothing was changed; try again when it runs.',
      undefined,
      { cause },
    );
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    const message = `Keyhold answered with HTTP status ${response.status}. Reload the page.`;
    throw new KeyholdError(response.status === 401 ? 'Unauthorized' : 'Internal', message, undefined, { cause });
  }
}
