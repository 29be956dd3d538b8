import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnywhereLab, startAnywhereLab } from '../../support/anywhere-lab.ts';

let lab: AnywhereLab;

beforeAll(async () => {
  lab = await startAnywhereLab();
  await lab.makeCertificate('build');
  await lab.addProfile('ci');
});
afterAll(() => lab.dispose());

const call = () => lab.core.client.call;
const keys = async (): Promise<number> =>
  (await call()('hsm.objects', {})).objects.filter(({ label }) => label === 'certificate build').length;

/** From now on, the program is dead before or after its nth transaction; answers how many there were. */
function killAt(nth: number, when: 'before' | 'after'): { count: () => number } {
  const { vault } = lab.core.running.core.session();
  const transact = vault.transact.bind(vault);
  let count = 0;
  vault.transact = async (change) => {
    count += 1;
    if (count > nth || (count === nth && when === 'before')) throw new Error('killed');
    const committed = await transact(change);
    if (count === nth) throw new Error('killed');
    return committed;
  };
  return { count: () => count };
}

/** What a person does next, by what the vault says; false when there is nothing more. */
async function goOn(first: string | undefined): Promise<boolean> {
  const { rotation, issued } = await lab.certificate('build');
  if (rotation === undefined) {
    if (issued?.serial !== first) return false;
    await call()('certificate.rotate', { name: 'build' });
  } else if (rotation.state === 'requested') {
    const { csr } = await call()('certificate.csr', { name: 'build' });
    await call()('certificate.install', { name: 'build', pem: lab.ca.issue(csr) });
  } else if (rotation.state === 'issued') await call()('certificate.install', { name: 'build' });
  else await call()('certificate.confirm', { name: 'build' });
  return true;
}

/** Each transaction of a rotation: the new key, its certificate, the switch, the end of the key before. */
const TRANSACTIONS = 4;
const deaths = Array.from({ length: TRANSACTIONS }, (_, at) => at + 1).flatMap((nth) => [
  [nth, 'before'] as const,
  [nth, 'after'] as const,
]);

test.each(deaths)(
  'killed at transaction %i, %s it is committed, a rotation goes on and nothing stops working',
  async (nth, when) => {
    const first = (await lab.certificate('build')).issued?.serial;
    killAt(nth, when);
    let died = 0;
    for (let step = 0; ; step++) {
      expect(step, 'it comes to an end').toBeLessThan(12);
      try {
        if (!(await goOn(first))) break;
      } catch (error) {
        expect(String(error)).toContain('killed');
        died += 1;
        await lab.core.restart();
        await lab.core.unlock();
        expect(await keys()).toBeLessThanOrEqual(2);
        // Whatever there is, the profile has credentials that AWS takes.
        await call()('session.revoke', { profile: 'ci' });
        await expect(lab.credentials('ci')).resolves.toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA/) });
      }
    }
    expect(died).toBe(1);
    expect(await keys()).toBe(1);
    const { issued, rotation } = await lab.certificate('build');
    expect(issued?.serial).not.toBe(first);
    expect(rotation).toBeUndefined();
  },
);

test('these are all the transactions that there are', async () => {
  const first = (await lab.certificate('build')).issued?.serial;
  const { count } = killAt(99, 'before');
  while (await goOn(first));
  expect(count()).toBe(TRANSACTIONS);
});
