import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { sha256 } from '../../../src/core/crypto/sha256.ts';
import { PIN_PERMISSION } from '../../../src/core/fido/client-pin.ts';
import { credentialManagement } from '../../../src/core/fido/credential-management.ts';
import { makeCredential } from '../../../src/core/fido/make-credential.ts';
import { authWith, setFirstPin } from '../../support/platform-pin-uv.ts';
import { enrol, flowLab, requestFor } from './flow-lab.ts';

const PIN = 'correct horse';

describe.each([1, 2] as const)('credentials that a key keeps, with PIN protocol %s', (protocol) => {
  async function lab() {
    const flow = await flowLab({ pinProtocols: [protocol], mostResident: 10 });
    const { channel, run, info } = flow;
    const make = async (rp: string, user: string) => {
      const known = await info();
      const auth = known.options.get('clientPin')
        ? await run(authWith(channel, known, protocol, PIN, PIN_PERMISSION.makeCredential, rp))
        : null;
      const account = { id: utf8(user), name: user, displayName: `${user}!` };
      const request = requestFor({ rp: { id: rp, name: rp }, user: account, residentKey: true, auth });
      return run(makeCredential(channel, request));
    };
    await run(setFirstPin(channel, protocol, PIN));
    const known = await info();
    const auth = await run(authWith(channel, known, protocol, PIN, PIN_PERMISSION.credentialManagement));
    return { ...flow, make, known, manage: credentialManagement(channel, known, auth), auth };
  }

  test('none at first', async () => {
    const { run, manage } = await lab();
    expect(await run(manage.metadata())).toEqual({ existing: 0, remaining: 10 });
    expect(await run(manage.relyingParties())).toEqual([]);
    expect(await run(manage.credentials(sha256(utf8('a.test'))))).toEqual([]);
  });

  test('are listed by relying party, and deleted', async () => {
    const { run, channel, known, make } = await lab();
    const made = [await make('a.test', 'ana'), await make('a.test', 'bea'), await make('b.test', 'cora')];
    const auth = await run(authWith(channel, known, protocol, PIN, PIN_PERMISSION.credentialManagement));
    const manage = credentialManagement(channel, known, auth);
    expect(await run(manage.metadata())).toMatchObject({ existing: 3 });
    const parties = await run(manage.relyingParties());
    expect(parties.map(({ id }) => id).sort()).toEqual(['a.test', 'b.test']);
    for (const { id, idHash } of parties) expect(toHex(idHash)).toBe(toHex(sha256(utf8(id))));
    const ofA = await run(manage.credentials(sha256(utf8('a.test'))));
    expect(ofA.map(({ user }) => user.name).sort()).toEqual(['ana', 'bea']);
    const known0 = made[0]?.credentialId ?? new Uint8Array();
    expect(ofA.map(({ credentialId }) => toHex(credentialId))).toContain(toHex(known0));
    await run(manage.remove(known0));
    expect(await run(manage.metadata())).toMatchObject({ existing: 2 });
    await expect(run(manage.remove(known0))).rejects.toEqual(expect.objectContaining({ code: 'NoCredential' }));
  });

  test('a token for something else does not do', async () => {
    const { run, channel, known } = await lab();
    const auth = await run(authWith(channel, known, protocol, PIN, PIN_PERMISSION.getAssertion, 'a.test'));
    const listed = run(credentialManagement(channel, known, auth).relyingParties());
    await expect(listed).rejects.toEqual(expect.objectContaining({ code: 'PinRequired' }));
  });

  test('a key that is full says so', async () => {
    const flow = await flowLab({ mostResident: 1 });
    await enrol(flow, { residentKey: true });
    const user = { id: utf8('other'), name: 'other', displayName: 'Other' };
    await expect(enrol(flow, { residentKey: true, user })).rejects.toThrow('is full');
  });

  test('a key that cannot list them says so', async () => {
    const { channel, known, auth } = await lab();
    const older = { ...known, options: new Map(), versions: ['FIDO_2_0'] };
    expect(() => credentialManagement(channel, older, auth)).toThrow(
      expect.objectContaining({ code: 'DeviceUnsupported' }),
    );
  });

  test('the preview of 2.1 is the same under another number', async () => {
    const { run, channel, known, auth } = await lab();
    const preview = { ...known, options: new Map([['credentialMgmtPreview', true]]), versions: ['FIDO_2_1_PRE'] };
    expect(await run(credentialManagement(channel, preview, auth).metadata())).toMatchObject({ existing: 0 });
  });
});
