import { Agent, request } from 'node:http';
import { createRequestSigner, EMPTY_SHA256 } from '../src/core/sigv4/index.ts';
import { ANSWER } from './upstream.ts';

/** Where requests go and who signs them. */
export interface Target {
  url: URL;
  signer: ReturnType<typeof createRequestSigner>;
  agent: Agent;
}

export function createTarget(
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
  connections: number,
): Target {
  return {
    url: new URL(endpoint),
    signer: createRequestSigner({ ...credentials, region: 'eu-central-1', service: 's3' }),
    agent: new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' }),
  };
}

/** One signed GET; answers its time in ms. Anything but the upstream's own answer is an error. */
export function get({ url, signer, agent }: Target): Promise<number> {
  const path = '/bucket/folder/object-0001.txt';
  const signed = signer.sign(
    { method: 'GET', path, query: '', headers: [['host', url.host]] },
    { now: Date.now(), payloadHash: EMPTY_SHA256 },
  );
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: url.hostname, port: url.port, path, agent, headers: Object.fromEntries(signed) },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(parts).toString('utf8');
          if (response.statusCode === 200 && body === ANSWER) resolve(performance.now() - started);
          else reject(new Error(`Expected the upstream's answer, got ${response.statusCode}: ${body.slice(0, 300)}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** `count` requests by `clients` at a time; answers the seconds it took. `each` is called after every request. */
export async function load(
  target: Target,
  clients: number,
  count: number,
  each?: (done: number) => void,
): Promise<number> {
  let begun = 0;
  let done = 0;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await get(target);
      done += 1;
      each?.(done);
    }
  };
  await Promise.all(Array.from({ length: clients }, worker));
  return (performance.now() - started) / 1000;
}
