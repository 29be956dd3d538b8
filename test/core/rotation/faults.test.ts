import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRotationLab, type Patient, type RotationLab } from '../../support/rotation-lab.ts';
import type { FaultKind } from '../../support/strict-aws/faults.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const MINUTE = 60_000;
const AT_ONCE = 24;
const TIMEOUT_MS = FULL ? 3_600_000 : 60_000;

/** Once, at one call. `denied` is what AWS says to who lacks a permission. */
const ONCE: readonly FaultKind[] = FULL
  ? ['refuse', 'cut', 'failure', 'unavailable', 'throttle', 'denied', 'lost', 'torn', 'silent', 'silent-done']
  : ['lost', 'denied'];
/** From one call of an operation on, until it is put right. */
const FOR_LONG: readonly FaultKind[] = FULL
  ? ['refuse', 'cut', 'failure', 'throttle', 'denied', 'lost', 'torn']
  : ['lost', 'failure'];

let lab: RotationLab;
beforeAll(async () => {
  lab = await openRotationLab();
});
afterAll(() => lab.close());

interface Trial {
  name: string;
  action: string;
  nth: number;
  kind: FaultKind;
  times: number;
}

const call: RotationLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

/** Every call that a rotation makes when nothing goes wrong. */
async function callsOf(mfa: boolean): Promise<{ action: string; nth: number }[]> {
  const patient = await lab.admit(mfa ? 'unharmed-mfa' : 'unharmed', { mfa });
  await lab.start(patient.name);
  expect(await lab.settled(patient.name)).toMatchObject({ state: 'done' });
  return patient.aws.calls.map(({ action, nth }) => ({ action, nth }));
}

function trialsOf(calls: readonly { action: string; nth: number }[]): Trial[] {
  const named = (trial: Omit<Trial, 'name'>): Trial => {
    const { action, nth, kind, times } = trial;
    return { ...trial, name: `${action}-${nth}-${String(kind)}${times === 1 ? '' : '-on'}` };
  };
  const once = calls.flatMap((at) => ONCE.map((kind) => named({ ...at, kind, times: 1 })));
  const firsts = FULL ? calls : calls.filter(({ nth }) => nth === 1);
  const onward = firsts.flatMap((at) =>
    FOR_LONG.map((kind) => named({ ...at, kind, times: Number.POSITIVE_INFINITY })),
  );
  return [...once, ...onward];
}

async function undergo({ name, action, nth, kind, times }: Trial, mfa: boolean): Promise<Patient> {
  const patient = await lab.admit(`${name}${mfa ? '-mfa' : ''}`, { mfa });
  patient.aws.fault({ action, kind, from: nth, times });
  await lab.start(patient.name);
  await lab.settled(patient.name);
  return patient;
}

/** What a person would do once whatever was wrong is put right. */
async function recover({ name, aws }: Patient): Promise<void> {
  aws.clearFaults();
  const { state, halt, needs } = await lab.get(name);
  if (state === 'refused') await lab.start(name);
  else if (needs === 'confirm') await call('rotation.confirm', { key: name });
  else if (needs === 'resume' || halt !== undefined) await call('rotation.resume', { key: name });
  await lab.settled(name);
}

test.each(FULL ? [false, true] : [false])(
  'every call and every fault (MFA: %s)',
  async (mfa) => {
    const trials = trialsOf(await callsOf(mfa));
    const outcomes = new Map<string, number>();
    for (let from = 0; from < trials.length; from += AT_ONCE) {
      const batch = trials.slice(from, from + AT_ONCE);
      const patients = await Promise.all(batch.map((trial) => undergo(trial, mfa)));
      for (const patient of patients) {
        const { state, message } = await lab.get(patient.name);
        outcomes.set(state, (outcomes.get(state) ?? 0) + 1);
        expect([patient.name, state, message]).toEqual([
          patient.name,
          expect.not.stringMatching('running'),
          expect.stringMatching(/\.$/),
        ]);
        patient.aws.clearFaults();
        const { surplus } = await lab.check(patient);
        expect([patient.name, surplus.length <= 1]).toEqual([patient.name, true]);
        if (state === 'done' || state === 'refused') expect([patient.name, surplus]).toEqual([patient.name, []]);
      }
      await Promise.all(patients.map(recover));
      // What comes late.
      await Promise.all(patients.map(recover));
      await lab.pass(20 * MINUTE);
      for (const patient of patients) {
        const { state, message } = await lab.settled(patient.name);
        expect([patient.name, state, message]).toEqual([patient.name, 'done', expect.anything()]);
        expect([patient.name, (await lab.check(patient)).surplus]).toEqual([patient.name, []]);
        const reused = patient.aws.calls.filter(({ outcome }) => outcome === 'AccessDenied' && mfa);
        if (mfa)
          expect(reused.filter(({ action, fault }) => action === 'GetSessionToken' && fault === undefined)).toEqual([]);
      }
    }
    const shown = [...outcomes].map(([state, count]) => `${count} ${state}`).join(', ');
    process.stdout.write(
      `rotation${mfa ? ' with MFA' : ''}: ${trials.length} combinations of call and fault: ${shown}\n`,
    );
  },
  TIMEOUT_MS,
);
