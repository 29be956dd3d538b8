import { KeyholdError } from '../../contract/errors.ts';
import type { LeaveWay } from '../../contract/leave.ts';
import { letLeave, passProfileGate } from '../leave/let-leave.ts';
import { assertMayLeave } from '../leave/may-leave.ts';
import { assertCommandLine } from '../leave/only-command-line.ts';
import { viewLeft } from '../leave/view-left.ts';
import type { Session } from '../session.ts';
import { openToken } from '../sessions/credentials.ts';
import type { Found } from '../things.ts';
import { instant } from '../views.ts';
import type { Handlers } from './handler.ts';
import { replyKeyBytes } from './make-client-key.ts';

export const leaveHandlers: Handlers<'leave.process' | 'leave.container' | 'leave.list'> = {
  'leave.process': async ({ core, actor }, { profile: name, replyKey }) => {
    assertCommandLine(actor, `keyhold credential-process ${name} --leave`);
    const session = core.session();
    const { ports } = core;
    const got = await getToLeave(session, name, 'process', 'credential-process');
    const left = await letLeave({ session, ports, actor }, { id: got.id, way: 'process' });
    const opened = await session.hsm.call('leaveSecret', {
      key: session.objectRef(left.secret),
      replyKey: replyKeyBytes(replyKey),
    });
    if (!('sealed' in opened)) throw new KeyholdError('Internal', 'The HSM process sealed nothing. Restart Keyhold.');
    return {
      accessKeyId: left.accessKeyId,
      secretAccessKey: opened.sealed,
      sessionToken: await openToken(session, left.token),
      expiresAt: instant(left.expiresAt),
    };
  },

  'leave.container': async ({ core, actor, connection }, { profile: name, label, expiresInSeconds }) => {
    assertCommandLine(actor, `keyhold exec ${name} --container -- COMMAND`);
    if (connection === undefined && expiresInSeconds === undefined) {
      throw new KeyholdError(
        'InvalidInput',
        'expiresInSeconds: only a connection that lasts can hold a lease; say how long it lasts instead.',
      );
    }
    const session = core.session();
    // Tools wait two seconds for the endpoint: what takes longer, or asks for a touch, is done before.
    await getToLeave(session, name, 'container', label ?? 'container');
    const { id: profile, value } = session.things.byName('profile', name);
    const { id, token } = core.containers.add(profile, {
      label: label ?? 'container',
      expiresAt: expiresInSeconds === undefined ? undefined : core.ports.clock.now() + expiresInSeconds * 1000,
      connection: expiresInSeconds === undefined ? connection : undefined,
    });
    try {
      // Now that there is a lease, it stays open.
      const url = await core.shell.containerEndpoint();
      const account = session.things.must('account', value.account);
      return {
        lease: core.containers.view(session.things, id),
        url: `${url}/${id}`,
        token,
        region: value.region,
        ...(value.output === undefined ? {} : { output: value.output }),
        ...(account.endpointUrl === undefined ? {} : { endpointUrl: account.endpointUrl }),
      };
    } catch (error) {
      core.containers.end(id);
      throw error;
    }
  },

  'leave.list': async ({ core }) => {
    const things = await core.session().need('profile', 'account', 'leftSession');
    return { left: viewLeft(things, core.ports.clock.now()), leases: core.containers.list(things) };
  },
};

/** Asks the policy, the gate and AWS, in that order. */
async function getToLeave(
  session: Session,
  name: string,
  way: LeaveWay,
  client: string,
): Promise<Found<'leftSession'>> {
  const things = await session.need('profile', 'account', 'accessKey', 'leftSession', 'settings');
  const profile = things.byName('profile', name);
  assertMayLeave(things, profile, way);
  await passProfileGate(session, profile);
  return session.leaver.forTools(profile, { client });
}
