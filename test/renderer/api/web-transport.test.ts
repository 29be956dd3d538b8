import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Connection } from '../../../src/renderer/api/transport.ts';
import { createWebTransport, startSession, tokenFromHash } from '../../../src/renderer/api/web-transport.ts';

/** A stream of events whose far end is the test. */
class FakeStream {
  readonly signal: AbortSignal | null | undefined;
  readonly response: Response;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  constructor(signal: AbortSignal | null | undefined) {
    this.signal = signal;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    signal?.addEventListener('abort', () => this.#controller?.error(new DOMException('aborted', 'AbortError')));
    this.response = new Response(body);
  }
  send(text: string) {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }
  end() {
    this.#controller?.close();
  }
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const UNAUTHORIZED = { error: { code: 'Unauthorized', message: 'Sign in.' } };
const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();
const replaceState = vi.fn();
const stored = new Map<string, string>();
let streams: FakeStream[];
let location: { hash: string; pathname: string };
let onHashChange: (() => void)[];

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  onHashChange = [];
  stored.clear();
  location = { hash: '#token=abc', pathname: '/' };
  fetched.mockReset();
  fetched.mockImplementation(async (path, init) => {
    if (path !== '/api/events') return json({ result: {} });
    const stream = new FakeStream(init.signal);
    streams.push(stream);
    return stream.response;
  });
  replaceState.mockReset();
  replaceState.mockImplementation(() => {
    location.hash = '#/';
  });
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('window', {
    setTimeout,
    clearTimeout,
    location,
    history: { replaceState },
    addEventListener: (_: string, listener: () => void) => onHashChange.push(listener),
    removeEventListener: (_: string, listener: () => void) => {
      onHashChange = onHashChange.filter((one) => one !== listener);
    },
    sessionStorage: {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => stored.set(name, value),
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = () => vi.advanceTimersByTimeAsync(0);
const signedIn = async () => undefined;
const headersOf = (call: number): Record<string, string> =>
  Object.fromEntries(new Headers(fetched.mock.calls[call]?.[1].headers).entries());

function listen(transport: ReturnType<typeof createWebTransport>) {
  const connections: Connection[] = [];
  const events: unknown[] = [];
  const stop = transport.subscribe({
    connection: (connection) => connections.push(connection),
    event: (event) => events.push(event),
  });
  return { connections, events, stop };
}

describe('the one-time token', () => {
  test('is read from the fragment only', () => {
    expect(tokenFromHash('#token=a-b_c')).toBe('a-b_c');
    expect(tokenFromHash('#/keys')).toBeNull();
    expect(tokenFromHash('#token=')).toBeNull();
  });

  test('leaves the address before it is spent, and becomes the key of this tab', async () => {
    fetched.mockImplementation(async () => {
      expect(replaceState).toHaveBeenCalledWith(null, '', '/#/');
      return json({ result: { pageKey: 'of-this-tab' } });
    });
    await startSession();
    expect(fetched).toHaveBeenCalledOnce();
    expect(fetched.mock.calls[0]?.[0]).toBe('/api/session');
    expect(fetched.mock.calls[0]?.[1].body).toBe('{"token":"abc"}');
    expect([...stored.values()]).toEqual(['of-this-tab']);
  });

  test('that was spent before leaves the key that the tab has', async () => {
    stored.set('keyhold-page-key', 'older');
    fetched.mockImplementation(async () => json(UNAUTHORIZED, 401));
    await startSession();
    expect([...stored.values()]).toEqual(['older']);
  });

  test('pasted into a page that is there already signs it in', async () => {
    location.hash = '#/keys';
    const { stop } = listen(createWebTransport(startSession));
    await settle();
    expect(fetched.mock.calls.map(([path]) => path)).toEqual(['/api/events']);
    location.hash = '#/accounts';
    for (const listener of onHashChange) listener();
    await settle();
    expect(fetched).toHaveBeenCalledOnce();
    location.hash = '#token=pasted';
    for (const listener of onHashChange) listener();
    await settle();
    expect(fetched.mock.calls.map(([path]) => path)).toEqual(['/api/events', '/api/session', '/api/events']);
    expect(streams[0]?.signal?.aborted).toBe(true);
    stop();
    expect(onHashChange).toEqual([]);
  });
});

describe('calls', () => {
  test('wait for the session', async () => {
    let start = (): void => undefined;
    const session = new Promise<void>((resolve) => {
      start = resolve;
    });
    fetched.mockImplementation(async () => json({ result: { accounts: [] } }));
    const answer = createWebTransport(() => session).call('account.list', {});
    await settle();
    expect(fetched).not.toHaveBeenCalled();
    start();
    expect(await answer).toEqual({ accounts: [] });
  });

  test('and the event stream carry the key of this tab', async () => {
    stored.set('keyhold-page-key', 'of-this-tab');
    const transport = createWebTransport(signedIn);
    await transport.call('status.get', {});
    const { stop } = listen(transport);
    await settle();
    expect(headersOf(0)).toEqual({ 'content-type': 'application/json', 'x-keyhold-session': 'of-this-tab' });
    expect(headersOf(1)).toEqual({ 'x-keyhold-session': 'of-this-tab' });
    stop();
  });

  test('a daemon that is gone is Unreachable, an answer that is no JSON is named by its status', async () => {
    const transport = createWebTransport(signedIn);
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await expect(transport.call('status.get', {})).rejects.toMatchObject({ code: 'Unreachable' });
    fetched.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
    await expect(transport.call('status.get', {})).rejects.toMatchObject({ code: 'Internal', message: /502/ });
  });

  test('any call that is refused for want of a session says so to the page', async () => {
    const transport = createWebTransport(signedIn);
    const { connections, stop } = listen(transport);
    await settle();
    fetched.mockResolvedValueOnce(json(UNAUTHORIZED, 401));
    await expect(transport.call('key.list', {})).rejects.toMatchObject({ code: 'Unauthorized' });
    expect(connections.at(-1)).toBe('unauthorized');
    // An answer of the contract with this code is about something else.
    transport.reconnect();
    await settle();
    fetched.mockResolvedValueOnce(json(UNAUTHORIZED, 200));
    await expect(transport.call('client.issue', {})).rejects.toMatchObject({ code: 'Unauthorized' });
    expect(connections.at(-1)).toBe('up');
    stop();
  });
});

describe('events', () => {
  test('open, deliver what is ours and drop the rest, however they are cut', async () => {
    const { connections, events, stop } = listen(createWebTransport(signedIn));
    await settle();
    const [stream] = streams;
    stream?.send(': open\n\ndata: {"type":"changed",');
    stream?.send('"what":["keys"]}\n');
    stream?.send('\n: \n\ndata: {"type":"from the future"}\n\n');
    await settle();
    expect(connections).toEqual(['connecting', 'up']);
    expect(events).toEqual([{ type: 'changed', what: ['keys'] }]);
    stop();
    expect(stream?.signal?.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(streams).toHaveLength(1);
  });

  test('a stream that ends is opened again; a daemon that is gone is asked less and less often', async () => {
    const { connections, stop } = listen(createWebTransport(signedIn));
    await settle();
    fetched.mockRejectedValue(new TypeError('Failed to fetch'));
    streams[0]?.end();
    await settle();
    expect(connections).toEqual(['connecting', 'up', 'connecting']);
    await vi.advanceTimersByTimeAsync(500);
    expect(connections.at(-1)).toBe('down');
    const before = fetched.mock.calls.length;
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    const asked = fetched.mock.calls.length - before;
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(60);
    stop();
  });

  test('a session that is over is said, and not asked for again', async () => {
    fetched.mockImplementation(async () => json(UNAUTHORIZED, 401));
    const { connections, stop } = listen(createWebTransport(signedIn));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections).toEqual(['connecting', 'unauthorized']);
    expect(fetched).toHaveBeenCalledOnce();
    stop();
  });

  test('a daemon with no stream to spare is neither gone nor a lost session', async () => {
    fetched.mockResolvedValueOnce(json({ error: { code: 'Unsupported', message: 'Too many pages.' } }, 503));
    const { connections, stop } = listen(createWebTransport(signedIn));
    await settle();
    expect(connections).toEqual(['connecting', 'connecting']);
    await vi.advanceTimersByTimeAsync(500);
    expect(connections.at(-1)).toBe('up');
    stop();
  });

  test('reconnecting closes the old stream first', async () => {
    const transport = createWebTransport(signedIn);
    const { stop } = listen(transport);
    await settle();
    transport.reconnect();
    await settle();
    expect(streams.map((stream) => stream.signal?.aborted)).toEqual([true, false]);
    stop();
  });
});
