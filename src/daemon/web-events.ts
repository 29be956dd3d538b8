import type { ServerResponse } from 'node:http';
import type { Contract } from './control-socket.ts';

const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 32;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Server-sent events (HTML Living Standard, section 9.2): each `data:` is one DaemonEvent; a comment every 15 s keeps the line open. */
export function openEventStream(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  contract: Contract,
  streams: Set<() => void>,
): void {
  if (streams.size >= MAX_STREAMS) {
    response.writeHead(503, { 'content-type': 'application/json; charset=utf-8' });
    response.end('{"error":{"code":"Unsupported","message":"Too many pages are open. Close some of them."}}');
    return;
  }
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  response.write(': open\n\n');
  const unsubscribe = contract.subscribe((event) => write(`data: ${JSON.stringify(event)}\n\n`));
  const heartbeat = setInterval(() => write(': \n\n'), HEARTBEAT_MS);
  heartbeat.unref();
  const end = (): void => {
    clearInterval(heartbeat);
    unsubscribe();
    streams.delete(end);
    response.end();
  };
  function write(text: string): void {
    if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
    else response.write(text);
  }
  streams.add(end);
  response.on('close', end);
}
