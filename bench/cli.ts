import { spawnSync } from 'node:child_process';
import { addClient, type BenchDaemon, LAUNCHER, makeHome, removeHome, startBenchDaemon } from './daemon.ts';
import { type BenchRow, median, report } from './report.ts';

// Wall time of whole commands, process start to end, against a running daemon; beside Node doing nothing.

const RUNS = 25;
const COMMANDS = [
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
    COMMANDS.map(({ args, target }, at): BenchRow => {
      const time = medians[at] ?? Number.NaN;
      return {
        what: `keyhold ${args.join(' ')}`,
        ours: `${time.toFixed(0)} ms`,
        peer: `${nothing.toFixed(0)} ms node -e 0`,
        measured: `${time.toFixed(0)} ms`,
        target: `< ${target} ms`,
        met: time < target,
      };
    }),
  );
} finally {
  await daemon?.stop();
  await removeHome(home);
}
