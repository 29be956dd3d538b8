import { createAwsSts, createOidcProviders, createUpstreamAgents } from '../../src/aws/index.ts';
import type { Role } from '../../src/contract/roles.ts';
import type { SamlRoles } from '../../src/contract/saml.ts';
import type { AwsSession } from '../../src/contract/sessions.ts';
import type { SignIn } from '../../src/contract/sign-ins.ts';
import { openRedirect } from '../../src/daemon/redirect-listener.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type OidcProviderStandIn, startOidcProvider } from './oidc-provider.ts';
import { type AssertionWish, createIdp, type TestIdp } from './saml/idp.ts';
import { type StrictAws, startStrictAws } from './strict-aws/start-strict-aws.ts';

export const ACCOUNT = '123456789012';
export const SAML_PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/corp`;
export const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

export interface FederationLab {
  core: TestCore;
  clock: FakeClock;
  aws: StrictAws;
  idp: TestIdp;
  oidc: OidcProviderStandIn;
  /** Bytes of SAML responses that STS was asked with. */
  sent: Uint8Array[];
  samlResponse(wish?: Partial<AssertionWish>): string;
  /** Begins to sign in to `corp` and delivers what the identity provider posts. */
  loginSaml(wish?: Partial<AssertionWish>): Promise<SamlRoles & { renewed: string[]; refused: { message: string }[] }>;
  addSamlProfile(name: string, role?: Partial<Role>): Promise<void>;
  whoIs(profile: string): Promise<string>;
  session(profile: string): Promise<AwsSession>;
  signIn(name: string): Promise<SignIn>;
  /** As it was at the start, for the next test. */
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

/** A vault with the remote account `prod`, an STS that verifies what it is shown, an identity provider for SAML (sign-in `corp`) and one for OpenID Connect (`oidc`). */
export async function startFederationLab(): Promise<FederationLab> {
  const clock = createFakeClock();
  const aws = await startStrictAws({ now: clock.now, account: ACCOUNT });
  const idp = createIdp();
  const oidc = await startOidcProvider(clock.now);
  const oidcArn = `arn:aws:iam::${ACCOUNT}:oidc-provider/idp`;
  aws.providers = [
    { kind: 'saml', arn: SAML_PROVIDER, issuer: idp.issuer, publicKey: idp.publicKey },
    { kind: 'oidc', arn: oidcArn, issuer: oidc.issuer, audiences: [oidc.clientId], jwks: oidc.jwks },
  ];
  const addRoles = (): void => {
    for (const name of ['deploy', 'read']) {
      aws.addRole(name, { principals: [SAML_PROVIDER, oidcArn], maxSessionSeconds: 43_200 });
    }
  };
  addRoles();
  const agents = createUpstreamAgents();
  const parts = { clock, agents, onDate: () => undefined };
  const sts = createAwsSts(parts);
  const sent: Uint8Array[] = [];
  const core = startTestCore({
    clock,
    awsSts: {
      ...sts,
      assumeRoleWithSaml(place, input) {
        sent.push(input.assertion);
        return sts.assumeRoleWithSaml(place, input);
      },
    },
    signIns: { oidc: createOidcProviders(parts), openRedirect },
  });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', {
    name: 'prod',
    accountId: ACCOUNT,
    kind: 'remote',
    endpointUrl: aws.url,
  });
  await core.client.call('signIn.add', {
    name: 'corp',
    settings: { type: 'saml', startUrl: 'https://idp.example.com/app/aws' },
  });
  await core.client.call('signIn.add', {
    name: 'oidc',
    settings: { type: 'oidc', issuer: oidc.issuer, clientId: oidc.clientId },
  });
  const lab: FederationLab = {
    core,
    clock,
    aws,
    idp,
    oidc,
    sent,
    samlResponse: (wish) =>
      idp.samlResponse({
        now: clock.now(),
        roles: ['deploy', 'read'].map((name) => `${roleArn(name)},${SAML_PROVIDER}`),
        ...wish,
      }),
    async loginSaml(wish) {
      const { id } = await core.client.call('signIn.begin', { name: 'corp' });
      return core.client.call('saml.deliver', { id, samlResponse: lab.samlResponse(wish) });
    },
    async addSamlProfile(name, role) {
      await core.client.call('profile.add', {
        name,
        account: 'prod',
        origin: { kind: 'saml', signIn: 'corp', principalArn: SAML_PROVIDER },
        role: { arn: roleArn('deploy'), ...role },
      });
    },
    async whoIs(name) {
      const session = core.running.core.session();
      const things = await session.need('profile', 'account', 'accessKey', 'awsSession');
      return (await sts.callerIdentity({ session, profile: things.byName('profile', name) })).arn;
    },
    async session(name) {
      const { sessions } = await core.client.call('session.list', {});
      const found = sessions.find(({ profile }) => profile === name);
      if (found === undefined) throw new Error(`there is no session of ${name}`);
      return found;
    },
    async signIn(name) {
      const { signIns } = await core.client.call('signIn.list', {});
      const found = signIns.find((one) => one.name === name);
      if (found === undefined) throw new Error(`there is no sign-in called ${name}`);
      return found;
    },
    async reset() {
      const { profiles } = await core.client.call('profile.list', {});
      for (const { name } of profiles) await core.client.call('profile.remove', { name, cascade: true });
      for (const name of ['corp', 'oidc']) await core.client.call('signIn.logout', { name });
      addRoles();
      aws.calls = [];
      sent.length = 0;
      Object.assign(oidc, {
        asked: [],
        claims: {},
        over: false,
        renewsIdTokens: true,
        revokes: true,
        secret: undefined,
      });
    },
    async dispose() {
      await core.dispose();
      agents.destroy();
      await aws.close();
      await oidc.close();
    },
  };
  return lab;
}
