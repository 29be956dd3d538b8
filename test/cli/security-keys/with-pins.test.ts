import { describe, expect, test } from 'vitest';
import { withPins } from '../../../src/cli/security-keys/with-pins.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { failure } from '../../support/vault.ts';

const seal = () => Promise.resolve({ sealKeyId: '', enc: '', ciphertext: '' });
const wantsPin = () => new KeyholdError('PinRequired', 'Enter the PIN of blue.', { device: 'ab', name: 'blue' });
const cli = {
  terminal: () => null,
  note: () => undefined,
  password: () => Promise.resolve(new TextEncoder().encode('482915')),
  withPasswordFile: <T>(_path: string, run: () => Promise<T>) => run(),
  needTerminal: () => {
    throw new Error('nobody is there');
  },
};

describe('a PIN from a file', () => {
  test('is given once it is asked for', async () => {
    let calls = 0;
    const given = await withPins(cli, { pinFile: 'pin.txt' }, async (pins) => {
      calls += 1;
      const fields = await pins.subject(seal);
      if (fields.pin === undefined) throw wantsPin();
      return fields.device;
    });
    expect({ given, calls }).toEqual({ given: 'ab', calls: 2 });
  });

  test('is not given again to a key that still asks', async () => {
    let calls = 0;
    const error = await failure(() =>
      withPins(cli, { pinFile: 'pin.txt' }, async () => {
        calls += 1;
        if (calls > 5) throw new Error('it never ends');
        throw wantsPin();
      }),
    );
    expect(error).toMatchObject({
      code: 'DeviceUnsupported',
      message: expect.stringContaining('although it was given'),
    });
    expect(calls).toBe(2);
  });
});
