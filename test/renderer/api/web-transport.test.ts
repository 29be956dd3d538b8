import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Connection } from '../../../src/renderer/api/transport.ts';
import { createWebTransport, startSession, tokenFromHash } from '../../../src/renderer/api/web-transport.ts';

class FakeSource {
  static all: FakeSource[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    FakeSource.all.push(this);
  }
  close() {
    this.closed = true;
  }
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();
const replaceState = vi.fn();

beforeEach(() => {
  FakeSource.all = [];
  fetched.mockReset();
  replaceState.mockReset();
  vi.stubGlobal('EventSource', FakeSource);
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('window', {
    setTimeout,
    clearTimeout,
    location: { hash: '#token=abc', pathname: '/' },
    history: { replaceState },
  });
});
afterEach(() => vi.unstubAllGlobals());

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

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

  test('leaves the address before it is spent', async () => {
    fetched.mockImplementation(async () => {
      expect(replaceState).toHaveBeenCalledWith(null, '', '/#/');
      return json({ result: {} });
    });
    await startSession();
    expect(fetched).toHaveBeenCalledOnce();
    expect(fetched.mock.calls[0]?.[0]).toBe('/api/session');
    expect(fetched.mock.calls[0]?.[1].body).toBe('{"token":"abc"}');
  });
});

describe('calls', () => {
  test('wait for the session', async () => {
    let start = (): void => undefined;
    const session = new Promise<void>((resolve) => {
      start = resolve;
    });
    fetched.mockImplementation(async () => json({ result: { accounts: [] } }));
    const answer = createWebTransport(session).call('account.list', {});
    await settle();
    expect(fetched).not.toHaveBeenCalled();
    start();
    expect(await answer).toEqual({ accounts: [] });
  });

  test('a daemon that is gone is Unreachable, an answer that is no JSON is named by its status', async () => {
    const transport = createWebTransport(Promise.resolve());
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await expect(transport.call('status.get', {})).rejects.toMatchObject({ code: 'Unreachable' });
    fetched.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
    await expect(transport.call('status.get', {})).rejects.toMatchObject({ code: 'Internal', message: /502/ });
  });
});

describe('events', () => {
  test('open, deliver what is ours and drop the rest', async () => {
    const { connections, events, stop } = listen(createWebTransport(Promise.resolve()));
    await settle();
    const source = FakeSource.all[0];
    expect(source?.url).toBe('/api/events');
    source?.onopen?.();
    source?.onmessage?.({ data: '{"type":"changed","what":["keys"]}' });
    source?.onmessage?.({ data: '{"type":"from the future"}' });
    expect(connections).toEqual(['connecting', 'up']);
    expect(events).toEqual([{ type: 'changed', what: ['keys'] }]);
    stop();
    expect(source?.closed).toBe(true);
  });

  test('a broken stream tells a daemon that is gone from a session that is', async () => {
    const { connections, stop } = listen(createWebTransport(Promise.resolve()));
    await settle();
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    FakeSource.all[0]?.onerror?.();
    await settle();
    expect(connections.at(-1)).toBe('down');
    fetched.mockResolvedValueOnce(json({ error: { code: 'Unauthorized', message: 'Sign in.' } }, 401));
    FakeSource.all[0]?.onerror?.();
    await settle();
    expect(connections.at(-1)).toBe('unauthorized');
    stop();
  });

  test('reconnecting closes the old stream first', async () => {
    const transport = createWebTransport(Promise.resolve());
    const { stop } = listen(transport);
    await settle();
    transport.reconnect();
    await settle();
    expect(FakeSource.all.map((source) => source.closed)).toEqual([true, false]);
    stop();
  });
});
