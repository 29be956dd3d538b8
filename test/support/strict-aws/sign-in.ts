import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { StrictState } from './state.ts';

export interface StrictSignIn {
  url: string;
  /** What was asked, in order: whose credentials, how long, and what came of it. */
  asked: { accessKeyId: string; method: string; path: string; seconds: string | null; status: number }[];
  /** Tokens that were given. */
  tokens: string[];
  close(): Promise<void>;
}

const Session = z.strictObject({ sessionId: z.string(), sessionKey: z.string(), sessionToken: z.string() });

/** The sign-in of the AWS console: changes sessions of roles and of federated users for a token, and refuses what AWS refuses, with a bare 400. */
export async function startStrictSignIn(state: StrictState): Promise<StrictSignIn> {
  const asked: StrictSignIn['asked'] = [];
  const tokens: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const given = Session.safeParse(JSON.parse(form.get('Session') ?? 'null'));
      const seconds = form.get('SessionDuration');
      const good = request.method === 'POST' && form.get('Action') === 'getSigninToken' && given.success;
      const status = good && accepts(given.data, seconds, state) ? 200 : 400;
      const accessKeyId = given.data?.sessionId ?? '';
      asked.push({ accessKeyId, method: request.method ?? '', path: request.url ?? '', seconds, status });
      response.writeHead(status, { 'content-type': 'application/json' });
      if (status === 400) {
        response.end('');
        return;
      }
      const token = `token+${tokens.length}/${'x'.repeat(600)}==`;
      tokens.push(token);
      response.end(JSON.stringify({ SigninToken: token }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    tokens,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function accepts(given: z.output<typeof Session>, seconds: string | null, state: StrictState): boolean {
  const session = state.sessions.get(given.sessionId);
  if (session === undefined || session.expiresAt <= state.now()) return false;
  if (session.secretAccessKey !== given.sessionKey || session.sessionToken !== given.sessionToken) return false;
  if (session.federated !== undefined) return seconds === null;
  if (session.role === undefined) return false;
  return seconds === null || (Number(seconds) >= 900 && Number(seconds) <= session.role.role.maxSessionSeconds);
}
