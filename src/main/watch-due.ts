import { KeyholdError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import { methods } from '../contract/methods.ts';
import type { Contract } from '../daemon/control-socket.ts';

/** What the tray tells of: access keys that are due, what else users have that is, and rotations that wait for somebody. */
export interface DueCount {
  due: number;
  credentials: number;
  waiting: number;
}

export const NOTHING_DUE: DueCount = { due: 0, credentials: 0, waiting: 0 };

/** Tells how many there are whenever that may have changed; nothing is known while the vault is locked. */
export function watchDue(contract: Contract, tell: (count: DueCount) => void, report: (error: unknown) => void): void {
  let asking = false;
  let again = false;
  let unlocked = false;
  const look = async (): Promise<void> => {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      do {
        again = false;
        const count = await countDue(contract);
        tell(unlocked ? count : NOTHING_DUE);
      } while (again);
    } catch (error) {
      tell(NOTHING_DUE);
      if (!(error instanceof KeyholdError && error.code === 'Locked')) report(error);
    } finally {
      asking = false;
    }
  };
  contract.subscribe((event) => {
    if (event.type === 'status') unlocked = event.status.state === 'unlocked';
    if (event.type === 'status' && !unlocked) tell(NOTHING_DUE);
    else if (unlocked && mayChangeIt(event)) void look();
  });
}

/** A reminder comes once a day: keys become due without anything being changed. */
function mayChangeIt(event: DaemonEvent): boolean {
  if (event.type === 'status' || event.type === 'notice') return true;
  return (
    event.type === 'changed' &&
    event.what.some((what) => what === 'rotations' || what === 'keys' || what === 'credentials' || what === 'accounts')
  );
}

async function countDue(contract: Contract): Promise<DueCount> {
  const { keys, waiting } = methods['rotation.due'].output.parse(await contract.call('rotation.due', {}, 'app'));
  const due = keys.filter(({ state }) => state === 'due');
  const credentials = due.filter(({ adapter }) => adapter !== undefined).length;
  return { due: due.length - credentials, credentials, waiting };
}
