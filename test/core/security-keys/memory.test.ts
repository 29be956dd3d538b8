import { createHash, createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseSlotDescriptor } from '../../../src/core/vault/slot-descriptor.ts';
import { PASSWORD } from '../../support/hsm.ts';
import { type Desk, openDesk } from './support.ts';

const PIN = 'Zp7q-unmistakable-91';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.core.dispose());

/** Every byte that goes between daemon and device, and between daemon and HSM process, while a key is set up and opens the vault. */
test('neither the PIN nor a key’s answer is in anything that the daemon carries', async () => {
  const { key, plug } = desk.authenticator();
  const carried: Buffer[] = [];
  plug.filter = (_direction, report) => {
    carried.push(Buffer.from(report));
    return report;
  };
  const hsm = desk.core.hsm();
  const send = hsm.send.bind(hsm);
  hsm.send = (frames) => {
    for (const frame of frames) collect(frame, carried);
    send(frames);
  };
  hsm.onFrames((frames) => {
    for (const frame of frames) collect(frame, carried);
  });
  await desk.setPin(plug, PIN);
  await desk.enroll('blue', { pin: PIN });
  await desk.addSlot({ name: 'blue', pin: PIN }, { password: 'another-one-77' });
  const all = Buffer.concat(carried);
  expect(all.length).toBeGreaterThan(5000);
  for (const secret of [PIN, PASSWORD, 'another-one-77']) expect(all.includes(secret)).toBe(false);
  const pinHash = createHash('sha256').update(PIN).digest().subarray(0, 16);
  const slots = desk.core.running.core.session().vault.slots();
  const factors = slots.flatMap(({ descriptor }) => parseSlotDescriptor(descriptor)?.factors ?? []);
  const asked = factors.find((factor) => factor.type === 'fido2');
  const random = key.state.credentials[0]?.random?.withUv;
  if (asked === undefined || random === undefined) throw new Error('no slot was made');
  const answer = createHmac('sha256', random).update(asked.salt).digest();
  // What is looked for is there to be found: the salt is in the descriptor.
  expect(all.includes(Buffer.from(asked.salt).toString('base64'))).toBe(true);
  for (const secret of [pinHash, answer]) expect(all.includes(secret)).toBe(false);
  expect(JSON.stringify([desk.core.events, desk.core.logged])).not.toContain(PIN);
});

function collect(value: unknown, into: Buffer[]): void {
  if (value instanceof Uint8Array) into.push(Buffer.from(value));
  else if (typeof value === 'string') into.push(Buffer.from(value), Buffer.from(value, 'base64'));
  else if (Array.isArray(value)) for (const item of value) collect(item, into);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) collect(item, into);
}
