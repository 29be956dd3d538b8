import { expect, test } from 'vitest';
import { enrolSoftKey, finger } from '../../support/gate-keys.ts';
import { openRotationLab } from '../../support/rotation-lab.ts';

/** People have this long for a touch. */
const PATIENCE_MS = 30_000;

test('a key that wants a touch: its successor wants one too, and nothing is done in the background without one', async () => {
  const lab = await openRotationLab({ shortMs: PATIENCE_MS });
  try {
    const { client, running } = lab.core;
    const patient = await lab.admit('gated');
    const hand = finger([await enrolSoftKey(lab.core, 'blue')]);
    running.core.touch.use(hand.source);
    await client.call('gate.set', { target: { kind: 'key', name: 'gated' }, withinSeconds: 0, keys: 'any' });
    await lab.start('gated', { quarantineSeconds: 3600 });
    expect(await lab.settled('gated')).toMatchObject({ state: 'quarantine' });
    expect(hand.asked.length).toBeGreaterThan(5);
    // The quarantine ends while nobody is asked on anybody’s behalf.
    const before = hand.asked.length;
    await lab.pass(2 * 3_600_000);
    expect(await lab.settled('gated')).toMatchObject({ state: 'waiting', halt: 'touch', needs: 'resume' });
    expect(hand.asked.length).toBe(before);
    expect(patient.first.deleted).toBe(false);
    await client.call('rotation.resume', { key: 'gated' });
    expect(await lab.settled('gated')).toMatchObject({ state: 'done' });
    // The new secret is behind the gate.
    const session = running.core.session();
    const { value } = session.things.byName('accessKey', 'gated');
    const { attributes } = await session.hsm.call('objectInfo', { key: session.objectRef(value.secret.id) });
    expect(attributes.policy.mfa).toMatchObject({ withinSeconds: 0, keys: 'any' });
    expect((await client.call('gate.list', {})).gates).toMatchObject([{ kind: 'key', name: 'gated' }]);
  } finally {
    await lab.close();
  }
});

test('a gate that is set while a rotation is under way holds for both keys', async () => {
  const lab = await openRotationLab({ shortMs: PATIENCE_MS });
  try {
    const { client, running } = lab.core;
    await lab.admit('late');
    const hand = finger([await enrolSoftKey(lab.core, 'blue')]);
    running.core.touch.use(hand.source);
    await lab.start('late', { quarantineSeconds: 3600 });
    await lab.settled('late');
    await client.call('gate.set', { target: { kind: 'key', name: 'late' }, withinSeconds: 0, keys: 'any' });
    await client.call('rotation.rollback', { key: 'late' });
    expect(await lab.settled('late')).toMatchObject({ state: 'rolledBack' });
    const session = running.core.session();
    const { value } = session.things.byName('accessKey', 'late');
    const { attributes } = await session.hsm.call('objectInfo', { key: session.objectRef(value.secret.id) });
    expect(attributes.policy.mfa).toMatchObject({ withinSeconds: 0 });
  } finally {
    await lab.close();
  }
});
