import { parseArgs } from 'node:util';
import type { Hsm } from '../../src/core/hsm/protocol.ts';
import { isUnfinished } from '../../src/core/vault/keks.ts';
import { replaceRoot, resealNext, retireKeks, verifyRecords } from '../../src/core/vault/rekey.ts';
import type { Rows } from '../../src/core/vault/rows.ts';
import { openVault } from '../../src/core/vault/store.ts';
import { unlockVault } from '../../src/core/vault/unlock-vault.ts';
import { PASSWORD, sealFor, startTestHsm } from './hsm.ts';
import { auditEvent } from './vault.ts';

/**
 * A process that gives a vault new keys, or goes on with that, and kills itself (SIGKILL) at one step: before and after each call of the HSM and each statement that
 * writes. Prints `done N` when it gets to the end: then there are N steps.
 */
const { values } = parseArgs({
  options: {
    path: { type: 'string' },
    recovery: { type: 'string' },
    batch: { type: 'string' },
    at: { type: 'string' },
  },
});
const { path = '', recovery = '' } = values;
const at = Number(values.at);
let steps = 0;
let armed = false;
function step(): void {
  if (!armed) return;
  steps += 1;
  if (steps === at) process.kill(process.pid, 'SIGKILL');
}

const real = startTestHsm();
const hsm: Hsm = {
  async call(op, input) {
    step();
    const output = await real.call(op, input);
    step();
    return output;
  },
};
const vault = openVault(path);
await unlockVault(vault, hsm, {
  secret: { factor: 'password', sealed: await sealFor(real, 'password', PASSWORD) },
});

/** In the midst of a transaction as well: what is not committed never was. */
function watch(rows: Rows): void {
  for (const name of [
    'putRecord',
    'putPage',
    'replaceSlots',
    'replaceKeks',
    'setMeta',
    'appendAudit',
    'updateHead',
  ] as const) {
    const write = rows[name] as (...args: unknown[]) => unknown;
    Object.assign(rows, {
      [name]: (...args: unknown[]) => {
        step();
        return write(...args);
      },
    });
  }
  const { transaction } = rows;
  Object.assign(rows, {
    transaction: <T>(work: () => T): T => {
      const result = transaction(work);
      step();
      return result;
    },
  });
}
watch(vault.rows);

armed = true;
if (!isUnfinished(vault.keks())) {
  const proofs: string[] = [];
  for (const [factor, secret] of [
    ['password', PASSWORD],
    ['recovery-code', recovery],
  ] as const) {
    const given = { factor, sealed: await sealFor(real, factor, secret) };
    const { ticket } = await real.call('proveSlots', { secret: given, slots: vault.slots() });
    if (ticket !== null) proofs.push(ticket);
  }
  const event = auditEvent('vault.rotateKeys');
  await replaceRoot(vault, { proofs, dropped: [], createdAt: Date.now(), event });
}
for (let over = false; !over; ) {
  for (let after: string | null = ''; after !== null; )
    ({ after } = await resealNext(vault, after, Number(values.batch)));
  await verifyRecords(vault);
  over = await retireKeks(vault, auditEvent('vault.rotateKeys.done'));
}
process.stdout.write(`done ${steps}\n`, () => process.kill(process.pid, 'SIGKILL'));
