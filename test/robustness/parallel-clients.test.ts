import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRequestSigner } from '../../src/core/sigv4/index.ts';
import { CANARY, REAL_KEY_ID, type Scenario, startScenario } from '../support/scenario.ts';

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const CLIENTS = 32;
const REQUESTS = 10_000;

interface Tool {
  name: string;
  accessKeyId: string;
  secret: string;
}

describe('many clients at once', () => {
  let scenario: Scenario;
  let tools: Tool[];
  beforeAll(async () => {
    scenario = await startScenario();
    tools = [];
    for (let index = 0; index < CLIENTS; index++) {
      const name = `tool-${String(index).padStart(2, '0')}`;
      const { accessKeyId, secret } = await scenario.daemon.addClient({ name, profile: 'prod' });
      tools.push({ name, accessKeyId, secret });
    }
  });
  afterAll(() => scenario.close());

  it(`${CLIENTS} clients make ${REQUESTS} requests: none lost, the audit complete and verified`, async () => {
    const before = await scenario.daemon.call('audit.list', { limit: 1 });
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    const statuses = new Map<number, number>();
    let next = 0;
    const work = async (tool: Tool) => {
      for (let mine = next++; mine < REQUESTS; mine = next++) {
        const status = await get(scenario.daemon.endpoint, tool, `/bucket-${mine}`, agent);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(tools.map(work));
    agent.destroy();

    // The upstream knows no such bucket: its own 404 came through each time.
    expect([...statuses]).toEqual([[404, REQUESTS]]);
    const { seen, failures } = scenario.upstream;
    expect(failures).toEqual([]);
    expect(new Set(seen.map((one) => one.target)).size).toBe(REQUESTS);
    expect(seen).toHaveLength(REQUESTS);
    expect(new Set(seen.map((one) => one.by?.accessKeyId))).toEqual(new Set([REAL_KEY_ID]));

    const verified = await scenario.daemon.call('audit.verify', {});
    expect(verified).toMatchObject({ ok: true, firstBroken: null });
    const perClient = new Map<string, number>();
    let afterSeq = before.total;
    for (let done = false; !done; ) {
      const page = await scenario.daemon.call('audit.export', { afterSeq, limit: 5000 });
      for (const { seq, event } of page.entries) {
        expect(seq).toBe(afterSeq + 1);
        afterSeq = seq;
        if (event.kind !== 'request') continue;
        expect(event).toMatchObject({
          decision: 'allowed',
          service: 's3',
          status: 404,
          account: 'main',
          profile: 'prod',
        });
        perClient.set(event.client ?? '', (perClient.get(event.client ?? '') ?? 0) + 1);
      }
      done = page.done;
    }
    expect([...perClient.keys()].toSorted()).toEqual(tools.map((tool) => tool.name));
    expect([...perClient.values()].reduce((sum, count) => sum + count, 0)).toBe(REQUESTS);
    expect(JSON.stringify([...perClient])).not.toContain(CANARY);

    const { clients } = await scenario.daemon.call('client.list', {});
    expect(clients.reduce((sum, client) => sum + client.requests, 0)).toBe(REQUESTS);
  });
});

function get(endpoint: string, tool: Tool, path: string, agent: Agent): Promise<number> {
  const { host } = new URL(endpoint);
  const signer = createRequestSigner({
    accessKeyId: tool.accessKeyId,
    secretAccessKey: tool.secret,
    region: 'eu-central-1',
    service: 's3',
  });
  const headers = signer.sign(
    { method: 'GET', path, query: '', headers: [['host', host]] },
    {
      now: Date.now(),
      payloadHash: EMPTY_SHA256,
    },
  );
  return new Promise((resolve, reject) => {
    const outgoing = request(`${endpoint}${path}`, { agent, headers: Object.fromEntries(headers) });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    outgoing.end();
  });
}
