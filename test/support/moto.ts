import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { missing } from './scenario.ts';

export interface Moto {
  url: string;
  pid: number | undefined;
  stop(): void;
}

/** Why moto_server cannot be used here, or null. */
export function whyNoMoto(): string | null {
  return missing('moto_server', ['--help'], 'moto_server');
}

/** A foreign AWS on a free port of this machine, in memory. */
export async function startMoto(env: Record<string, string> = {}): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  const stop = (): void => void server.kill('SIGKILL');
  for (let tries = 0; tries < 150; tries++) {
    try {
      await fetch(`${url}/moto-api/`);
      return { url, pid: server.pid, stop };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  stop();
  throw new Error(`moto_server did not start at ${url}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
