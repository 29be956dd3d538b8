import { createAwsSso, createUpstreamAgents } from '../../src/aws/index.ts';
import type { SignIn, SignInAttempt } from '../../src/contract/sign-ins.ts';
import { openRedirect } from '../../src/daemon/redirect-listener.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { type SsoStandIn, startSso } from './sso-stand-in/start-sso.ts';

export interface SsoLab {
  core: TestCore;
  clock: FakeClock;
  sso: SsoStandIn;
  /** Signs in with the device flow, or does what `decision` says. */
  login(decision?: 'approved' | 'denied'): Promise<SignIn>;
  begin(flow: 'browser' | 'device'): Promise<SignInAttempt>;
  signIn(): Promise<SignIn>;
  /** Moves the clock on in steps, until it has happened. */
  until<T>(what: string, work: Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** A vault with a sign-in called `corp` to an Identity Center in this process, both by one clock that only the test moves. */
export async function startSsoLab(): Promise<SsoLab> {
  const clock = createFakeClock();
  const sso = await startSso({ now: clock.now });
  const agents = createUpstreamAgents();
  const parts = { clock, agents, onDate: () => undefined };
  const core = startTestCore({ clock, signIns: { sso: createAwsSso(parts), openRedirect } });
  await core.create();
  await core.client.call('signIn.add', {
    name: 'corp',
    settings: { type: 'sso', startUrl: sso.startUrl, region: 'eu-central-1', endpointUrl: sso.url },
  });
  const lab: SsoLab = {
    core,
    clock,
    sso,
    async login(decision = 'approved') {
      const attempt = await lab.begin('device');
      sso.decide(attempt.userCode ?? '', decision);
      return lab.until('the sign-in', core.client.call('signIn.finish', { id: attempt.id }));
    },
    begin: (flow) => core.client.call('signIn.begin', { name: 'corp', flow }),
    async signIn() {
      const { signIns } = await core.client.call('signIn.list', {});
      const found = signIns.find(({ name }) => name === 'corp');
      if (found === undefined) throw new Error('there is no sign-in called corp');
      return found;
    },
    async until(what, work) {
      let ended = false;
      const end = (): void => {
        ended = true;
      };
      work.then(end, end);
      for (let step = 0; step < 200; step++) {
        for (let turn = 0; turn < 20 && !ended; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (!ended) await new Promise((resolve) => setTimeout(resolve, 1));
        if (ended) return work;
        if (step % 10 === 9) clock.advance(1000);
      }
      throw new Error(`${what} did not come about within 200 steps of the clock`);
    },
    async dispose() {
      await core.dispose();
      agents.destroy();
      await sso.close();
    },
  };
  return lab;
}
