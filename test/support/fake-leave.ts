import { MayLeave } from '../../src/contract/leave.ts';
import type { Profile } from '../../src/contract/schemas.ts';

const MINUTE = 60_000;

type Params = Record<string, unknown>;

/** What leaves a fake vault, and what it may leave by. No browser is opened. */
export function fakeLeaveHandlers(profiles: readonly Profile[], now = Date.now()) {
  const at = (ms: number): string => new Date(now + ms).toISOString();
  return {
    'leave.list': () => ({
      left: [
        {
          id: `61${'0'.repeat(30)}`,
          profile: 'stage-admin',
          account: 'stage',
          ways: ['process' as const],
          accessKeyId: 'ASIAT5HBN2QWLEFTAPP7',
          obtainedAt: at(-20 * MINUTE),
          leftAt: at(-4 * MINUTE),
          expiresAt: at(40 * MINUTE),
          remainingSeconds: 2_400,
        },
      ],
      leases: [],
    }),
    'console.open': ({ region }: Params) => ({
      opened: true,
      browser: `Chromium, as stage-admin in ${String(region)}`,
      kind: 'role' as const,
      expiresAt: at(60 * MINUTE),
    }),
    'console.logout': ({ forget }: Params) => ({ opened: forget !== true, forgotten: forget === true }),
    'profile.update': ({ name, mayLeave, leaveSeconds }: Params): Profile => {
      const found = profiles.find((one) => one.name === name);
      if (found === undefined) throw new Error(`no profile ${String(name)}`);
      const before = found.mayLeave ?? { process: false, container: false, console: true };
      const asked = MayLeave.partial().parse(mayLeave ?? {});
      found.mayLeave = {
        process: asked.process ?? before.process,
        container: asked.container ?? before.container,
        console: asked.console ?? before.console,
      };
      if (typeof leaveSeconds === 'number') found.leaveSeconds = leaveSeconds;
      if (leaveSeconds === null) delete found.leaveSeconds;
      return found;
    },
  };
}
