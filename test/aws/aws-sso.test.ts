import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAwsSso, createUpstreamAgents } from '../../src/aws/index.ts';
import type { AwsSso, SsoPlace } from '../../src/core/sign-ins/sso/aws-sso.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { type SsoStandIn, startSso } from '../support/sso-stand-in/start-sso.ts';

const agents = createUpstreamAgents();
let stand: SsoStandIn;
let sso: AwsSso;
let place: SsoPlace;
beforeAll(async () => {
  stand = await startSso();
  place = { region: 'eu-central-1', endpointUrl: stand.url };
  sso = createAwsSso({ clock: systemClock, agents, onDate: () => undefined });
});
afterAll(async () => {
  agents.destroy();
  await stand.close();
});

test.each([
  ['eu-central-1', 'oidc.eu-central-1.amazonaws.com'],
  ['us-gov-west-1', 'oidc.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'oidc.cn-north-1.amazonaws.com.cn'],
])('the token service of %s is AWS’s', (region, host) => {
  const address = sso.authorizeUrl(
    { region },
    {
      clientId: 'c 1',
      redirectUri: 'http://127.0.0.1:1/oauth/callback',
      state: 's',
      codeChallenge: 'h',
      scopes: ['a', 'b'],
    },
  );
  expect(address).toBe(
    `https://${host}/authorize?response_type=code&client_id=c%201&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fcallback&state=s&code_challenge_method=S256&code_challenge=h&scopes=a%20b`,
  );
});

test('a region that no partition has is refused before anything is sent', async () => {
  await expect(sso.listAccounts({ region: 'mars-north-1' }, 'token')).rejects.toMatchObject({ code: 'InvalidInput' });
});

test('errors have OAuth’s name and AWS’s sentence, whatever service answers', async () => {
  const nobody = { clientId: 'x', clientSecret: Uint8Array.from(Buffer.from('y')) };
  await expect(sso.startDeviceAuthorization(place, nobody, stand.startUrl)).rejects.toMatchObject({
    code: 'ServiceRefused',
    message: 'StartDeviceAuthorization: invalid_client (stand-in) (invalid_client)',
    details: { name: 'invalid_client', status: 401 },
  });
  await expect(sso.listAccounts(place, 'no-token')).rejects.toMatchObject({
    code: 'ServiceRefused',
    message: 'ListAccounts: Session token not found or invalid (UnauthorizedException)',
    details: { name: 'UnauthorizedException', status: 401 },
  });
  stand.fault('GET /assignment', 'throttled');
  await expect(sso.listAccounts(place, 'x')).rejects.toMatchObject({ details: { name: 'TooManyRequestsException' } });
});

test('what answers in AWS’s place is told from it, and a lost network from both', async () => {
  for (const beginning of ['GET /assignment/accounts', 'GET /federation', 'POST /client'])
    stand.fault(beginning, 'broken');
  const foreign = { code: 'Unreachable', message: expect.stringContaining('is no Identity Center') };
  await expect(sso.listAccounts(place, 'x')).rejects.toMatchObject(foreign);
  await expect(sso.roleCredentials(place, 'x', { accountId: '1', roleName: 'r' })).rejects.toMatchObject(foreign);
  await expect(sso.registerClient(place, { clientName: 'k', scopes: [] })).rejects.toMatchObject(foreign);
  stand.fault('POST /logout', 'unreachable');
  await expect(sso.logout(place, 'x')).rejects.toMatchObject({ code: 'Unreachable' });
});
