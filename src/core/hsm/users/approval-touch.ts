import { KeyholdError } from '../../../contract/errors.ts';
import { lp, toHex, u64, utf8 } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { commonGate, isLooser, takesKey } from '../gates/gate.ts';
import type { WantedUse } from '../gates/require-touch.ts';
import type { Gate, QuorumService } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { decidesWhoApproves, type QuorumAct, serviceOf } from './acts.ts';
import type { Approval, HsmUser, QuorumToken, Roster } from './roster.ts';
import { usersNow } from './state.ts';

/*
 * The gates of the approval rules. They are in the roster and not in the policy of an object: sealed with the quorum they belong to, and put back or changed with it or not at all.
 */

const LABEL = 'keyhold/approval-touch/v1';
const ID_BYTES = 16;

/** What an officer's approval of this wants touched. What could undo a rule wants the touch of either. */
export function gateOfAct(roster: Pick<Roster, 'touch' | 'users'>, act: QuorumAct): Gate | undefined {
  const { touch } = roster;
  if (act.do !== 'make-recovery-code' && !decidesWhoApproves(roster, act)) return touch[serviceOf(act)];
  const gates = gatesOf(touch);
  return gates.length === 0 ? undefined : commonGate(gates);
}

function gatesOf({ key, user }: Roster['touch']): Gate[] {
  return [key, user].flatMap((gate) => gate ?? []);
}

/** Whether an approval has the touch that is asked for now: one from before the rule counts no more. */
export function isTouched(gate: Gate | undefined, { touch }: Approval): boolean {
  return gate === undefined || (touch !== undefined && takesKey(gate, touch));
}

/** What gates ask about has an id: here of a rule, or of one officer under it, whose window is theirs alone. */
function idOf(service: QuorumService, officer?: HsmUser): string {
  const whose = officer === undefined ? [] : [lp(utf8(officer.name)), u64(officer.createdAt)];
  return toHex(sha256(lp(utf8(LABEL)), lp(utf8(service)), ...whose).subarray(0, ID_BYTES));
}

/** The touch that this officer's approval of this token takes; null for none. */
export function touchToApprove(roster: Roster, { act }: QuorumToken, officer: HsmUser): WantedUse | null {
  const gate = gateOfAct(roster, act);
  return gate === undefined ? null : { op: 'approveQuorumToken', object: idOf(serviceOf(act), officer), gate };
}

/** The touch that a change of a rule takes which lets something pass that did not before; null for none. */
export function touchToChange(
  roster: Roster,
  { service, touch }: QuorumAct & { do: 'set-approval-touch' },
): WantedUse | null {
  const before = roster.touch[service];
  if (before === undefined || !isLooser(before, touch ?? undefined)) return null;
  return { op: 'changeUsers', object: idOf(service), gate: { ...before, withinSeconds: 0 }, alone: true };
}

/** The roster with the rule changed. Throws `InvalidInput` where no key would pass what takes the touch of both. */
export function withTouch(roster: Roster, { service, touch }: QuorumAct & { do: 'set-approval-touch' }): Roster {
  const { [service]: _before, ...others } = roster.touch;
  const rules: Roster['touch'] = touch === null ? others : { ...others, [service]: touch };
  const gates = gatesOf(rules);
  if (gates.length > 0 && commonGate(gates).keys.length === 0) {
    throw new KeyholdError(
      'InvalidInput',
      'keys: managing officers and their rules wants a touch that passes both approval rules. Name a security key that the other rule names too.',
    );
  }
  return { ...roster, touch: rules };
}

/** Whether any rule of this HSM wants a touch. Throws `Internal` while its users have not been shown. */
export function anyApprovalTouch(state: TokenState): boolean {
  const { roster } = usersNow(state);
  return roster !== null && Object.keys(roster.touch).length > 0;
}
