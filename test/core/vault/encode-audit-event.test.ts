import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AuditEvent } from '../../../src/contract/schemas.ts';
import { encodeAuditEvent } from '../../../src/core/vault/plan.ts';

const text = fc.string({ maxLength: 20 });
const whole = fc.integer({ min: 0 });

function isEvent(value: unknown): value is AuditEvent {
  return AuditEvent.safeParse(value).success;
}

/** Fields in any order, optional ones there, absent or undefined, and some that the schema does not know. */
const event = fc
  .record(
    {
      ...{ id: text, action: text, actor: text },
      time: fc.constant('2026-11-29T01:02:03.456Z'),
      kind: fc.constantFrom('request', 'change'),
      decision: fc.constantFrom('allowed', 'denied'),
      ...{ reason: text, target: text, client: text, clientKeyId: text, profile: text, account: text, service: text },
      ...{ region: text, method: text, requestId: text, surplus: text },
      ...{ status: whole, answered: whole, bytesIn: whole, bytesOut: whole, count: whole },
      upstream: fc.option(text, { nil: undefined }),
      latencyMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
      mfa: fc.array(fc.record({ surplus: text, credentialId: text, key: text }), { maxLength: 2 }),
    },
    { requiredKeys: ['id', 'time', 'kind', 'action', 'decision', 'actor'] },
  )
  .chain((made) => {
    const fields = Object.entries(made);
    return fc.shuffledSubarray(fields, { minLength: fields.length }).map((some): unknown => Object.fromEntries(some));
  })
  .filter(isEvent);

test('every event is its fields in the schema’s order, whether or not it is held against the schema', () => {
  fc.assert(
    fc.property(event, (made) => {
      expect(encodeAuditEvent(made)).toBe(JSON.stringify(AuditEvent.parse(made)));
    }),
  );
});
