import type { WireError } from '../../../contract/errors.ts';
import type { Rotation, RotationPlan } from '../../../contract/rotation.ts';

/** One key on its way through “rotate all that are due”. */
export interface ManyRow {
  key: string;
  state: 'chosen' | 'planning' | 'ready' | 'blocked' | 'starting' | 'begun' | 'failed';
  plan?: RotationPlan;
  rotation?: Rotation;
  error?: WireError;
}

interface Asked {
  plan(key: string): Promise<RotationPlan>;
  start(key: string): Promise<Rotation>;
  /** What was thrown, in its wire form. */
  wire(error: unknown): WireError;
  /** Told of each row that changed. */
  show(row: ManyRow): void;
  /** True once nobody looks any more: nothing further is asked or begun. */
  stopped(): boolean;
}

/** Plans one key after the other: IAM throttles who asks about many at once. What fails with one does not keep the next from it. */
export async function planMany(keys: readonly string[], asked: Asked): Promise<ManyRow[]> {
  const rows: ManyRow[] = [];
  for (const key of keys) {
    if (asked.stopped()) break;
    asked.show({ key, state: 'planning' });
    const row = await planOne(key, asked);
    asked.show(row);
    rows.push(row);
  }
  return rows;
}

async function planOne(key: string, asked: Asked): Promise<ManyRow> {
  try {
    const plan = await asked.plan(key);
    return { key, plan, state: plan.blockers.every(({ halt }) => halt === 'network') ? 'ready' : 'blocked' };
  } catch (error) {
    return { key, state: 'failed', error: asked.wire(error) };
  }
}

/** Begins those that are ready, in their order. */
export async function startMany(rows: readonly ManyRow[], asked: Asked): Promise<void> {
  for (const row of rows.filter(({ state }) => state === 'ready')) {
    if (asked.stopped()) return;
    asked.show({ ...row, state: 'starting' });
    try {
      asked.show({ ...row, state: 'begun', rotation: await asked.start(row.key) });
    } catch (error) {
      asked.show({ ...row, state: 'failed', error: asked.wire(error) });
    }
  }
}

export interface Tally {
  ready: number;
  blocked: number;
  begun: number;
  failed: number;
}

export function tally(rows: readonly ManyRow[]): Tally {
  const count = (state: ManyRow['state']) => rows.filter((row) => row.state === state).length;
  return { ready: count('ready'), blocked: count('blocked'), begun: count('begun'), failed: count('failed') };
}
