import { KeyholdError } from '../../contract/errors.ts';
import type { LeaveWay, MayLeave } from '../../contract/leave.ts';
import type { Settings } from '../../contract/schemas.ts';
import { openPanic } from '../panic/run.ts';
import { SETTINGS_ID } from '../settings-record.ts';
import type { Found, Thing, Things } from '../things.ts';

type LeaveSettings = Pick<Settings, 'leaveProcess' | 'leaveContainer' | 'leaveConsole'>;

/** The console is for a person who asks each time; what hands credentials to programs is off until somebody turns it on. */
const DEFAULT_MAY_LEAVE: MayLeave = { process: false, container: false, console: true };

const WAYS: Readonly<Record<LeaveWay, { setting: keyof LeaveSettings; option: string; words: string }>> = {
  process: { setting: 'leaveProcess', option: 'leave-process', words: 'hand temporary credentials to a tool' },
  container: {
    setting: 'leaveContainer',
    option: 'leave-container',
    words: 'let tools fetch temporary credentials over the container endpoint',
  },
  console: { setting: 'leaveConsole', option: 'leave-console', words: 'sign in to the AWS console' },
};

/** Ways that nobody has shut for all profiles. */
export function leaveSettings(stored: { [K in keyof LeaveSettings]?: boolean | undefined }): LeaveSettings {
  return {
    leaveProcess: stored.leaveProcess ?? true,
    leaveContainer: stored.leaveContainer ?? true,
    leaveConsole: stored.leaveConsole ?? true,
  };
}

export function mayLeaveOf({ mayLeave }: Thing<'profile'>): MayLeave {
  return {
    process: mayLeave?.process ?? DEFAULT_MAY_LEAVE.process,
    container: mayLeave?.container ?? DEFAULT_MAY_LEAVE.container,
    console: mayLeave?.console ?? DEFAULT_MAY_LEAVE.console,
  };
}

/** Whether anything that is kept for tools could still be handed out. */
export function leavesToTools(profile: Thing<'profile'>): boolean {
  const { process, container } = mayLeaveOf(profile);
  return process || container;
}

/** Throws `HsmRefused` while a panic is open. Needs the kind `panic`. */
export function assertNoOpenPanic(things: Things): void {
  if (openPanic(things) === undefined) return;
  throw new KeyholdError(
    'HsmRefused',
    'A panic is open, and no credentials leave Keyhold until it is over: keyhold panic close, or keyhold panic undo.',
  );
}

/** Throws `HsmRefused` where a panic is open, or the settings or the profile do not let its temporary credentials out by this way, and `Unsupported` where it has none. */
export function assertMayLeave(things: Things, { value }: Found<'profile'>, way: LeaveWay): void {
  const { setting, option, words } = WAYS[way];
  const account = things.must('account', value.account);
  if (account.kind === 'local') {
    throw new KeyholdError(
      'Unsupported',
      `The account ${account.name} lives in this vault, and its credentials are known nowhere else. Use keyhold exec ${value.name}.`,
    );
  }
  assertNoOpenPanic(things);
  if (!leaveSettings(things.get('settings', SETTINGS_ID) ?? {})[setting]) {
    throw new KeyholdError(
      'HsmRefused',
      `The settings do not let any profile ${words}. To change that: keyhold settings set ${option} on`,
    );
  }
  if (mayLeaveOf(value)[way]) return;
  throw new KeyholdError(
    'HsmRefused',
    `The profile ${value.name} may not ${words}. To allow it: keyhold profile edit ${value.name} --${option}`,
  );
}

/** For the log: what a change lets out that did not come out before, or the other way round. */
export function leaveChange(before: Thing<'profile'>, after: Thing<'profile'>): string | undefined {
  const [old, fresh] = [mayLeaveOf(before), mayLeaveOf(after)];
  const changed = (['process', 'container', 'console'] as const).filter((way) => old[way] !== fresh[way]);
  if (changed.length === 0) return undefined;
  return changed.map((way) => `${WAYS[way].option} ${fresh[way] ? 'on' : 'off'}`).join(', ');
}
