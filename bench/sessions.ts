import { createServer } from 'node:http';
import { addClient, type BenchDaemon, issueClient, makeHome, removeHome, startBenchDaemon } from './daemon.ts';
import { createTarget, get, type Target } from './load.ts';
import { type BenchRow, quantile, report } from './report.ts';
import { startUpstream } from './upstream.ts';

// What a session adds to a request through the door, beside a profile that signs with its key; and how often AWS is asked when fifty want one.

const CLIENTS = 50;
const BLOCKS = 12;
const BLOCK = 250;

/** An STS that gives everybody an hour, and counts. */
async function startSts(): Promise<{ url: string; calls(): number; stop(): void }> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls++;
    const expiration = new Date(Date.now() + 3_600_000).toISOString();
    request.resume().on('end', () => {
      response.end(
        `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey><SessionToken>${'A'.repeat(600)}</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, stop };
}

async function latency(key: Target, session: Target): Promise<BenchRow> {
  const times = { key: [] as number[], session: [] as number[] };
  for (let block = -2; block < BLOCKS; block++) {
    for (const [name, target] of [
      ['key', key],
      ['session', session],
    ] as const) {
      for (let i = 0; i < BLOCK; i++) {
        const time = await get(target);
        if (block >= 0) times[name].push(time);
      }
    }
  }
  const [own, peer] = [quantile(times.session, 0.5), quantile(times.key, 0.5)];
  return {
    what: 'a request with a session, p50',
    ours: `${own.toFixed(2)} ms`,
    peer: `${peer.toFixed(2)} ms with a key`,
    measured: `+${(own - peer).toFixed(2)} ms`,
    target: '< 1 ms',
    met: own - peer < 1,
  };
}

const home = await makeHome();
let upstream: Awaited<ReturnType<typeof startUpstream>> | undefined;
let sts: Awaited<ReturnType<typeof startSts>> | undefined;
let daemon: BenchDaemon | undefined;
try {
  upstream = await startUpstream();
  sts = await startSts();
  daemon = await startBenchDaemon(home);
  await daemon.create();
  const { client } = daemon;
  const key = createTarget(daemon.endpoint, await addClient(daemon, upstream.url), CLIENTS);
  // The key of another account, whose endpoint is the one that is asked for sessions.
  await client.call('account.add', { name: 'hub', accountId: '111111111111', kind: 'remote', endpointUrl: sts.url });
  await client.callSealed('key.import', async (seal) => ({
    name: 'hub',
    account: 'hub',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: await seal(
      'secret-access-key',
      new TextEncoder().encode('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
    ),
    source: 'form',
  }));
  const role = { arn: 'arn:aws:iam::123456789012:role/bench' };
  await client.call('profile.add', { name: 'role', account: 'bench', key: 'hub', role, region: 'eu-central-1' });
  const session = createTarget(daemon.endpoint, await issueClient(daemon, 'role'), CLIENTS);
  await Promise.all(Array.from({ length: CLIENTS }, () => get(session)));
  const calls = sts.calls();
  const asked: BenchRow = {
    what: `${CLIENTS} requests at once without a session, calls to STS`,
    ours: String(calls),
    target: '1',
    met: calls === 1,
  };
  report([asked, await latency(key, session)]);
  key.agent.destroy();
  session.agent.destroy();
} finally {
  await daemon?.stop();
  upstream?.stop();
  sts?.stop();
  await removeHome(home);
}
