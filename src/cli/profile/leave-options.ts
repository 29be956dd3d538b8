import type { Command } from 'commander';
import type { MayLeave } from '../../contract/leave.ts';
import { parseDuration } from '../duration.ts';

export interface LeaveOptions {
  leaveProcess?: boolean;
  leaveContainer?: boolean;
  leaveConsole?: boolean;
  leaveFor?: number;
}

/** Which ways temporary credentials of the profile may leave Keyhold by. */
export function addLeaveOptions(command: Command): Command {
  return command
    .option('--leave-process', 'let keyhold credential-process --leave hand temporary credentials to tools')
    .option('--no-leave-process', 'do not (the default)')
    .option('--leave-container', 'let keyhold exec and env --container do the same over an endpoint')
    .option('--no-leave-container', 'do not (the default)')
    .option('--leave-console', 'let keyhold console sign in to the AWS console (the default)')
    .option('--no-leave-console', 'do not')
    .option('--leave-for <duration>', 'how long what tools are handed lasts: 15m to 1h (default: 1h)', parseDuration);
}

/** As `profile.add` and `profile.update` take them. */
export function leaveParams(options: LeaveOptions): { mayLeave?: Partial<MayLeave>; leaveSeconds?: number } {
  const mayLeave: Partial<MayLeave> = {
    ...(options.leaveProcess === undefined ? {} : { process: options.leaveProcess }),
    ...(options.leaveContainer === undefined ? {} : { container: options.leaveContainer }),
    ...(options.leaveConsole === undefined ? {} : { console: options.leaveConsole }),
  };
  return {
    ...(Object.keys(mayLeave).length === 0 ? {} : { mayLeave }),
    ...(options.leaveFor === undefined ? {} : { leaveSeconds: options.leaveFor }),
  };
}

const WORDS: Readonly<Record<keyof MayLeave, string>> = {
  process: 'to credential_process',
  container: 'over the container endpoint',
  console: 'to the console',
};

/** `over the container endpoint, to the console`; undefined where there is nothing to say. */
export function leaveWords(mayLeave: MayLeave | undefined): string | undefined {
  if (mayLeave === undefined) return undefined;
  const ways = (['process', 'container', 'console'] as const).filter((way) => mayLeave[way]);
  return ways.length === 0 ? 'by no way' : ways.map((way) => WORDS[way]).join(', ');
}
