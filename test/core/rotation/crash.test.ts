import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arrangeDeaths, type Deaths } from '../../support/rotation-deaths.ts';
import { openRotationLab, type Patient, type RotationLab } from '../../support/rotation-lab.ts';
import type { StrictAws } from '../../support/strict-aws/start-strict-aws.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const MINUTE = 60_000;
const TIMEOUT_MS = FULL ? 3_600_000 : 60_000;
let lab: RotationLab;
let aws: StrictAws;
let deaths: Deaths;

beforeEach(async () => {
  lab = await openRotationLab();
  aws = await lab.server();
  deaths = arrangeDeaths(lab, aws);
});
afterEach(() => lab.close());

const admit = (name: string, mfa: boolean) => lab.admit(name, { aws, mfa });
const rollBack = (name: string) => lab.core.client.call('rotation.rollback', { key: name });

/** How many points a rotation has that nothing happens to. */
async function pointsOf(mfa: boolean, work: (name: string) => Promise<unknown>, prepare = async (_name: string) => {}) {
  const patient = await admit('unharmed', mfa);
  await prepare(patient.name);
  deaths.plan(patient.name, Number.POSITIVE_INFINITY);
  await work(patient.name);
  await lab.settled(patient.name);
  return deaths.passed(patient.name);
}

/** One rotation for each point it can die at, all at once. */
async function cast(points: number, mfa: boolean): Promise<Patient[]> {
  const patients: Patient[] = [];
  for (let at = 1; at <= points; at++) patients.push(await admit(`dies at ${at}`.replaceAll(' ', '-'), mfa));
  return patients;
}

const names = async () => (await lab.core.client.call('rotation.list', {})).rotations.map(({ key }) => key);

/** Until nothing is under way any more. */
async function lived(): Promise<void> {
  for (let tries = 0; ; tries++) {
    await Promise.all((await names()).map((name) => lab.settled(name)));
    const { rotations } = await lab.core.client.call('rotation.list', {});
    const hanging = rotations.filter(({ state }) => state === 'running' || state === 'waiting');
    if (hanging.length === 0) return;
    if (tries === 4) throw new Error(hanging.map(({ key, step, message }) => `${key}, ${step}: ${message}`).join('\n'));
    for (const { key, halt } of hanging) {
      // Who died has forgotten which of the key's uses were its own, and may ask of one (own-calls.ts).
      if (halt === 'begunOffline' || halt === 'usedElsewhere' || halt === 'inDoubt')
        await lab.core.client.call('rotation.confirm', { key });
    }
    await lab.pass(20 * MINUTE);
  }
}

async function everyVaultKeyWorks(patients: readonly Patient[]): Promise<void> {
  for (const patient of patients) {
    const { surplus } = await lab.check(patient);
    expect([patient.name, surplus.length]).toEqual([patient.name, expect.toSatisfy((count: number) => count <= 1)]);
  }
}

describe.each(FULL ? [false, true] : [false])('kill -9 at every point (MFA: %s)', (mfa) => {
  test(
    'of a rotation: it goes on, and ends with one key that works',
    async () => {
      const points = await pointsOf(mfa, (name) => lab.start(name));
      const patients = await cast(points, mfa);
      await Promise.all(
        patients.map(async ({ name }, index) => {
          deaths.plan(name, index + 1);
          await lab.start(name).catch(() => undefined);
          await lab.settled(name).catch(() => undefined);
        }),
      );
      expect(patients.filter(({ name }) => !deaths.died(name))).toEqual([]);
      const begun = new Set<string>();
      await deaths.restart(async () => {
        await everyVaultKeyWorks(patients);
        const { rotations } = await lab.core.client.call('rotation.list', {});
        for (const { key } of rotations) begun.add(key);
      });
      await lived();
      for (const patient of patients) {
        if (!begun.has(patient.name)) continue;
        const { state, message } = await lab.get(patient.name);
        expect([patient.name, state, message]).toEqual([patient.name, 'done', expect.anything()]);
        const { present, surplus } = await lab.check(patient);
        expect([patient.name, surplus]).toEqual([patient.name, []]);
        expect(present).not.toBe(patient.first.accessKeyId);
      }
      // Only where it died before it was written that there is one.
      expect(patients.filter(({ name }) => !begun.has(name)).map(({ name }) => name)).toEqual(['dies-at-1']);
      expect(aws.calls.filter(({ action, outcome }) => action === 'GetSessionToken' && outcome !== 'ok')).toEqual([]);
      report('a rotation', points, mfa);
    },
    TIMEOUT_MS,
  );

  test(
    'of a rollback: it goes on, and ends with the old key',
    async () => {
      const toQuarantine = async (name: string) => {
        await lab.start(name, { quarantineSeconds: 86_400 });
        await lab.settled(name);
      };
      const points = await pointsOf(mfa, rollBack, toQuarantine);
      const patients = await cast(points, mfa);
      await Promise.all(patients.map(({ name }) => toQuarantine(name)));
      await Promise.all(
        patients.map(async ({ name }, index) => {
          deaths.plan(name, index + 1);
          await rollBack(name).catch(() => undefined);
          await lab.settled(name);
        }),
      );
      expect(patients.filter(({ name }) => !deaths.died(name))).toEqual([]);
      await deaths.restart(() => everyVaultKeyWorks(patients));
      for (const { name } of patients) if ((await lab.get(name)).state === 'quarantine') await rollBack(name);
      await Promise.all(patients.map(({ name }) => lab.settled(name)));
      await lived();
      for (const patient of patients) {
        expect(await lab.get(patient.name)).toMatchObject({ key: patient.name, state: 'rolledBack' });
        expect(await lab.check(patient)).toEqual({ present: patient.first.accessKeyId, surplus: [] });
      }
      report('a rollback', points, mfa);
    },
    TIMEOUT_MS,
  );
});

function report(what: string, points: number, mfa: boolean): void {
  process.stdout.write(`${what}${mfa ? ' with MFA' : ''}: died at each of ${points} points\n`);
}
