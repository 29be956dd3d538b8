import { fork } from 'node:child_process';
import { createServer } from 'node:http';

/** A fixed answer to everything, in a process of its own: `process.send({ port })` when it listens. Ends with its parent. */

export const ANSWER = JSON.stringify({ answer: 'x'.repeat(200) });

/** Starts it in its process. */
export async function startUpstream(): Promise<{ url: string; pid: number | undefined; stop(): void }> {
  const child = fork(import.meta.filename, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The upstream ended with status ${code}.`)));
    child.once('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'port' in message) resolve(Number(message.port));
    });
  });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => child.disconnect() };
}

if (import.meta.main) {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length });
      response.end(ANSWER);
    });
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
  });
  process.on('disconnect', () => process.exit(0));
}
