import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CredentialLab, type Kind, openCredentialLab } from '../../support/credential-lab.ts';
import { arrangeDeaths } from '../../support/rotation-deaths.ts';
import type { Patient } from '../../support/rotation-lab.ts';
import type { FaultKind } from '../../support/strict-aws/faults.ts';

// As in credentials.test.ts.
vi.mock(import('../../../src/core/hsm/ssh-key.ts'), async (original) => {
  const { generateRsa } = await import('../../../src/core/hsm/algorithms/node-keys.ts');
  return { ...(await original()), newSshKey: () => generateRsa(2048) };
});

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const MINUTE = 60_000;
const TIMEOUT_MS = FULL ? 3_600_000 : 60_000;
const FAULTS: readonly FaultKind[] = FULL
  ? ['refuse', 'cut', 'failure', 'unavailable', 'throttle', 'denied', 'lost', 'torn', 'silent', 'silent-done']
  : ['lost', 'cut'];
/** All of them with KEYHOLD_TEST_FULL; otherwise a few. */
const KINDS: readonly { kind: Kind; every: number }[] = [
  { kind: 'service', every: FULL ? 1 : 6 },
  { kind: 'sshKey', every: FULL ? 1 : 14 },
];
const MOST_ROUNDS = 8;

let lab: CredentialLab;
beforeAll(async () => {
  lab = await openCredentialLab();
});
afterAll(() => lab.close());

const call: CredentialLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

/** What a person would do, until it has ended. */
async function toItsEnd(name: string): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { state, needs, halt } = await lab.settled(name);
    if (state === 'done' || state === 'rolledBack') return;
    if (state === 'refused') await call('rotation.start', { key: name, quarantineSeconds: 0 });
    else if (needs === 'confirm') await call('rotation.confirm', { key: name });
    else if (needs === 'resume' || halt !== undefined) await call('rotation.resume', { key: name });
    else await lab.pass(20 * MINUTE);
  }
  const { state, step, message } = await lab.settled(name);
  if (state !== 'done') throw new Error(`${name} is ${state} at ${step}: ${message}`);
}

test.each(KINDS)(
  'every call of a rotation of a $kind with every fault ends with one that works',
  async ({ kind, every }) => {
    const unharmed = await lab.admitWith(kind, `${kind}-unharmed`);
    const { length: added } = unharmed.aws.calls;
    await lab.rotate(unharmed.name);
    await toItsEnd(unharmed.name);
    const calls = unharmed.aws.calls.slice(added).filter((_call, index) => index % every === 0);
    let tried = 0;
    for (const { action, nth } of calls) {
      const patients = await Promise.all(
        FAULTS.map(async (fault) => {
          const patient = await lab.admitWith(kind, `${kind}-${action}-${nth}-${String(fault)}`.slice(0, 60));
          patient.aws.fault({ action, kind: fault, from: nth });
          await lab.rotate(patient.name);
          return patient;
        }),
      );
      for (const patient of patients) {
        patient.aws.clearFaults();
        expect([patient.name, (await lab.checkHeld(patient)).surplus.length <= 1]).toEqual([patient.name, true]);
      }
      await Promise.all(patients.map(({ name }) => toItsEnd(name)));
      for (const patient of patients) {
        expect([patient.name, await lab.checkHeld(patient)]).toMatchObject([patient.name, { surplus: [] }]);
        tried++;
      }
    }
    process.stdout.write(`${kind}: ${tried} combinations of call and fault\n`);
  },
  TIMEOUT_MS,
);

test.each(KINDS)(
  'kill -9 at every point of a rotation of a $kind: it goes on, and ends with one that works',
  async ({ kind, every }) => {
    const aws = await lab.server();
    const deaths = arrangeDeaths(lab, aws);
    const unharmed = await lab.admitWith(kind, `${kind}-lives`, { aws });
    deaths.plan(unharmed.name, Number.POSITIVE_INFINITY);
    await lab.rotate(unharmed.name);
    await toItsEnd(unharmed.name);
    const patients: Patient[] = [];
    const points = deaths.passed(unharmed.name);
    const chosen = Array.from({ length: points }, (_, index) => index + 1).filter((at) => at === 1 || at % every === 0);
    for (const at of chosen) patients.push(await lab.admitWith(kind, `${kind}-dies-${at}`, { aws }));
    await Promise.all(
      patients.map(async ({ name }, index) => {
        deaths.plan(name, chosen[index] ?? 1);
        const started = await lab.rotate(name).catch(() => undefined);
        if (started?.needs === 'confirm') {
          await call('rotation.confirm', { key: name }).catch(() => undefined);
          await lab.settled(name);
        }
      }),
    );
    expect(patients.filter(({ name }) => !deaths.died(name))).toEqual([]);
    const begun = new Set<string>();
    await deaths.restart(async () => {
      for (const patient of patients) {
        expect([patient.name, (await lab.checkHeld(patient)).surplus.length <= 1]).toEqual([patient.name, true]);
      }
      for (const { key } of (await call('rotation.list', {})).rotations) begun.add(key);
    });
    for (const patient of patients) {
      if (!begun.has(patient.name)) continue;
      await toItsEnd(patient.name);
      expect([patient.name, await lab.checkHeld(patient)]).toMatchObject([patient.name, { surplus: [] }]);
    }
    // Only where it died before it was written that there is one.
    expect(patients.filter(({ name }) => !begun.has(name)).map(({ name }) => name)).toEqual([`${kind}-dies-1`]);
    process.stdout.write(`${kind}: died at ${patients.length} of ${points} points\n`);
  },
  TIMEOUT_MS,
);
