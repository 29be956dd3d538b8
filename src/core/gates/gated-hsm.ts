import { KeyholdError } from '../../contract/errors.ts';
import { usedObjects } from '../hsm/client.ts';
import type { Hsm, HsmInput, HsmOperation, HsmOutput } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import type { TouchBroker } from './touch-broker.ts';
import { noteTouch, touchCall } from './touch-call.ts';

/** Gates that one operation can run into, one after the other, and one of them again where its window closed meanwhile. */
const MOST_GATES = 4;

/** Whether what was done took the gates of what it used: a forged signature is not worth one, nor is a change that loosens nothing. */
function passesGates(op: HsmOperation, output: HsmOutput<HsmOperation>): boolean {
  if (op === 'sigv4Verify') return output !== null && 'valid' in output && output.valid === true;
  return op !== 'updateObject';
}

/** The HSM as a session has it: an operation that wants a touch gets one, where it is called on somebody's behalf, and is tried again. */
export function gatedHsm(hsm: Hsm, broker: TouchBroker, session: () => Session): Hsm {
  async function call<O extends HsmOperation>(op: O, input: HsmInput<O>): Promise<HsmOutput<O>> {
    const behalf = touchCall();
    for (let gates = 0; ; gates++) {
      try {
        const output = await hsm.call(op, input);
        if (behalf !== undefined && session().touches.hasWindows && passesGates(op, output)) {
          for (const id of usedObjects(op, input)) {
            const touch = session().touches.windowOf(id);
            if (touch !== undefined) noteTouch(behalf, touch);
          }
        }
        return output;
      } catch (error) {
        const wanted = error instanceof KeyholdError && error.code === 'TouchRequired' && error.details?.['use'];
        if (!wanted || behalf === undefined || gates === MOST_GATES) throw error;
        noteTouch(behalf, await broker.pass(session(), error, behalf));
      }
    }
  }
  return { call };
}
