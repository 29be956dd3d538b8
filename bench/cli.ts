import { spawnSync } from 'node:child_process';
import { addClient, type BenchDaemon, LAUNCHER, makeHome, removeHome, startBenchDaemon } from './daemon.ts';
import { type BenchRow, median, report } from './report.ts';

// Wall time of whole commands, process start to end, against a running daemon; beside Node doing nothing.

const RUNS = 25;
/** With `child`, only what comes on top of a child that is Node doing nothing counts. */
const COMMANDS: readonly { args: readonly string[]; target: number; child?: true }[] = [
  { args: ['exec', 'bench', '--', process.execPath, '-e', '0'], target: 120, child: true },
  { args: ['credential-process', 'bench'], target: 100 },
  { args: ['status'], target: 100 },
  { args: ['key', 'list', '--json'], target: 100 },
  { args: ['--version'], target: 100 },
];

function wallTime(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  const time = performance.now() - started;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with status ${status}: ${stderr}`);
  return time;
}

const home = await makeHome();
let daemon: BenchDaemon | undefined;
try {
  daemon = await startBenchDaemon(home);
  await daemon.create();
  await addClient(daemon, 'http://127.0.0.1:9');
  const env = { ...process.env, KEYHOLD_HOME: home };
  const programs = [['-e', '0'], ...COMMANDS.map(({ args }) => [LAUNCHER, ...args])];
  const times = programs.map((): number[] => []);
  for (let run = -3; run < RUNS; run++) {
    for (const [at, program] of programs.entries()) {
      const time = wallTime(program, env);
      if (run >= 0) times[at]?.push(time);
    }
  }
  const [nothing = Number.NaN, ...medians] = times.map(median);
  report(
    COMMANDS.map(({ args, target, child }, at): BenchRow => {
      const time = medians[at] ?? Number.NaN;
      const counts = child === true ? time - nothing : time;
      return {
        what: child === true ? 'keyhold exec bench -- node -e 0' : `keyhold ${args.join(' ')}`,
        ours: `${time.toFixed(0)} ms`,
        peer: `${nothing.toFixed(0)} ms node -e 0`,
        measured: child === true ? `${counts.toFixed(0)} ms on top` : `${counts.toFixed(0)} ms`,
        target: `< ${target} ms`,
        met: counts < target,
      };
    }),
  );
} finally {
  await daemon?.stop();
  await removeHome(home);
}
