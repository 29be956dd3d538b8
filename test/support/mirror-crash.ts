import fs from 'node:fs';
import { flushCompileCache, syncBuiltinESMExports } from 'node:module';
import { parseArgs } from 'node:util';
import { MirrorFile } from '../../src/core/mirrors/mirror-file.ts';
import type { RowWrite } from '../../src/core/vault/row-writes.ts';

/**
 * A process that changes a vault with a mirror and kills itself at one step of it (SIGKILL). Prints `acked NAME` for what was acknowledged and `done N` when it gets
 * to the end: then there are N steps. `--what commit`: between and within the writes of the mirror. `catch-up`, `rebuild`, `put-back`: at every call of the file
 * system.
 */
const { values } = parseArgs({
  options: {
    what: { type: 'string' },
    home: { type: 'string' },
    mirror: { type: 'string' },
    round: { type: 'string' },
    at: { type: 'string' },
  },
});
const { what = '', home = '', mirror = '', round = '' } = values;
const at = Number(values.at);

let steps = 0;
let armed = false;
function step(): void {
  if (!armed) return;
  steps += 1;
  if (steps === at) process.kill(process.pid, 'SIGKILL');
}

function say(line: string): void {
  // Not process.stdout: what has been said is out before the next step.
  fs.writeSync(1, `${line}\n`);
}

/** Every call that changes something on a disk is a step, before and after it. */
function watchFiles(): void {
  const watched = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['renameSync', 'linkSync', 'rmSync', 'fsyncSync', 'writeSync', 'openSync', 'writeFileSync']) {
    const real = watched[name];
    if (real === undefined) continue;
    watched[name] = (...args) => {
      step();
      const result = real(...args);
      step();
      return result;
    };
  }
  syncBuiltinESMExports();
}

/** Rows one by one: a step before each, inside the mirror's transaction. */
function* stepping(writes: readonly RowWrite[]): Generator<RowWrite> {
  for (const write of writes) {
    step();
    yield write;
  }
}

class CrashingFile extends MirrorFile {
  override apply(transactions: readonly (readonly RowWrite[])[]): { inStep: boolean } {
    step();
    const watched = transactions.map((writes) =>
      Object.assign([...writes], { [Symbol.iterator]: () => stepping(writes) }),
    );
    const result = super.apply(watched);
    step();
    return result;
  }
}

if (what !== 'commit') watchFiles();
const { startTestCore } = await import('./core.ts');
const { inThreadMirror } = await import('./mirror.ts');
const core = startTestCore({
  home,
  config: { mirrors: [{ path: mirror, apart: false }], autoLockMinutes: 0 },
  spawnMirror: () => inThreadMirror({ file: new CrashingFile(), before: () => what === 'commit' && step() }),
});

async function change(name: string): Promise<void> {
  await core.client.call('account.add', { name, accountId: '123456789012', kind: 'remote' });
  say(`acked ${name}`);
}

async function inStep(): Promise<void> {
  for (;;) {
    const { copies } = await core.client.call('hsm.status', {});
    if (copies.every(({ state }) => state === 'in-step')) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// Who is killed keeps no cache of compiled sources unless it is written before.
flushCompileCache();
armed = what === 'catch-up' || what === 'rebuild';
await core.unlock();
if (what === 'catch-up') await change(`${round}-meanwhile`);
await inStep();
armed = true;
if (what === 'put-back') fs.unlinkSync(`${home}/vault.keyhold`);
for (const name of ['a', 'b', 'c']) await change(`${round}-${name}`);
armed = false;
say(`done ${steps}`);
process.kill(process.pid, 'SIGKILL');
