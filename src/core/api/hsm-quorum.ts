import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { describeAct } from '../describe-act.ts';
import { credentialIdOf, gateKeyOf } from '../gates/enrolled-keys.ts';
import { gateByNames } from '../gates/gate-by-names.ts';
import { noteTouch, touchCall } from '../gates/touch-call.ts';
import { keyNamed, viewGate } from '../gates/view-gate.ts';
import type { QuorumTokenView } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { byOfficer, refusals } from './by-officer.ts';
import type { Handlers } from './handler.ts';
import { viewToken } from './view-hsm-users.ts';
import { wantedAct } from './wanted-act.ts';

type QuorumMethods =
  | 'hsm.quorumSet'
  | 'hsm.approvalTouchSet'
  | 'hsm.quorumTokenCreate'
  | 'hsm.quorumApprove'
  | 'hsm.quorumCancel';

export const hsmQuorumHandlers: Handlers<QuorumMethods> = {
  'hsm.quorumSet': async (call, { session: login, service, required }) => {
    await byOfficer(call, login, 'hsm.quorum.set', `${service}: ${required}`, () => ({
      ...{ do: 'set-quorum', service, required },
    }));
    return { service, required };
  },

  'hsm.approvalTouchSet': async (call, { session: login, service, touch: named }) => {
    const things = await call.core.session().need('securityKey');
    const change = {
      do: 'set-approval-touch',
      service,
      touch: named === null ? null : gateByNames(things, named),
    } as const;
    const target = `approvals (${service})`;
    await wayOut(() => byOfficer(call, login, 'hsm.quorum.touch', target, () => change));
    return { service, touch: change.touch === null ? null : viewGate(things, change.touch) };
  },

  'hsm.quorumTokenCreate': async (call, { session: login, act, expiresInSeconds }) => {
    const { core } = call;
    const session = core.session();
    const wanted = await wantedAct(session, act, core.ports.clock.now());
    const made = await refusals(call, 'hsm.quorum.tokenCreate', act.do, () =>
      session.write(call.actor, async (draft) => {
        const { staged, token } = await session.hsm.call('createQuorumToken', {
          session: login,
          id: session.newId(),
          act: wanted,
          expiresAt: core.ports.clock.now() + expiresInSeconds * 1000,
        });
        draft.users = staged;
        draft.record('hsm.quorum.tokenCreate', token.id, {
          reason: `${token.createdBy}: ${await inWords(session, token)}`,
        });
        return () => token;
      }),
    );
    return viewToken(await session.need('securityKey'), made);
  },

  'hsm.quorumApprove': async (call, { id: given, user, signature, password }) => {
    const session = call.core.session();
    const id = await tokenId(session, given);
    const input = { id, user, proof: proofOf(signature, password) };
    const token = await refusals(call, 'hsm.quorum.approve', id, () =>
      wayOut(async () => {
        // A person takes their time: nothing that is written waits for them meanwhile.
        await session.hsm.call('touchForUsers', { for: 'approveQuorumToken', input });
        return session.write(
          call.actor,
          async (draft) => {
            const { staged, token, touch } = await session.hsm.call('approveQuorumToken', input);
            draft.users = staged;
            noteTouchOf(session, touch);
            draft.record('hsm.quorum.approve', id, {
              reason: `${user}, ${token.approvals.length} of ${token.required}: ${await inWords(session, token)}`,
            });
            return () => token;
          },
          ['securityKey'],
        );
      }),
    );
    return viewToken(session.things, token);
  },

  'hsm.quorumCancel': async (call, { session: login, id: given }) => {
    const session = call.core.session();
    const id = await tokenId(session, given);
    await refusals(call, 'hsm.quorum.cancel', id, () =>
      session.write(call.actor, async (draft) => {
        const { staged, by } = await session.hsm.call('cancelQuorumToken', { session: login, id });
        draft.users = staged;
        draft.record('hsm.quorum.cancel', id, { reason: `by ${by}` });
        return () => undefined;
      }),
    );
    return { id };
  },
};

async function inWords(session: Session, { act }: QuorumTokenView): Promise<string> {
  const things = await session.need('securityKey');
  return describeAct(act, (key) => keyNamed(things, key));
}

/** Also of a touch from before, whose window was still open. */
function noteTouchOf({ things }: Session, touch: string | null): void {
  const call = touchCall();
  const key = touch === null ? undefined : gateKeyOf(things, touch);
  if (call === undefined || key === undefined) return;
  noteTouch(call, { key: key.record.value.name, credentialId: credentialIdOf(key) });
}

/** No recovery code loosens a rule of the officers: where no key is left that passes it, says what does help. */
async function wayOut<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const noKey =
      error instanceof KeyholdError && error.code === 'TouchRequired' && error.details?.['reason'] === 'NotFound';
    if (!noKey) throw error;
    throw new KeyholdError(
      'TouchRequired',
      'This wants a touch of a security key, and none that passes the rule is enrolled any more. Enrol one with the recovery code, where any will do, or remove the HSM’s users and their rules with it: `keyhold hsm users reset`.',
      { reason: 'NotFound' },
    );
  }
}

function proofOf(signature: string | undefined, password: Sealed | undefined) {
  if (password !== undefined && signature === undefined) return { password };
  if (signature !== undefined && password === undefined) {
    return { signature: new Uint8Array(Buffer.from(signature, 'base64')) };
  }
  throw new KeyholdError('InvalidInput', 'Approve with a signature or with a password: one of them.');
}

/** The whole id of a waiting token. Throws `NotFound` or, for digits that several begin with, `InvalidInput`. */
async function tokenId(session: Session, given: string): Promise<string> {
  const { view } = await session.hsm.call('viewUsers', {});
  const [found, ...others] = (view?.tokens ?? []).filter(({ id }) => id.startsWith(given));
  if (found === undefined) {
    throw new KeyholdError(
      'NotFound',
      'There is no such quorum token: it has been used, cancelled or has expired. List them with `keyhold hsm quorum status`.',
    );
  }
  if (others.length === 0) return found.id;
  throw new KeyholdError('InvalidInput', `Several quorum tokens begin with ${given}; give more of its digits.`);
}
