import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { HIGHEST_SERIAL, LONGEST_CREDENTIAL_ID, LONGEST_PUBLIC_KEY, LONGEST_RP_ID } from '../fido-limits.ts';
import { fido2Output } from '../fido2-output.ts';
import { booleanOf, bytesOf, fieldsOf, integerOf, invalid, listOf, oneOf, textOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { openPassword } from '../secret-input.ts';
import { newArgonFactor, readSlot, wrapSlot } from '../slot.ts';
import {
  HMAC_SECRET_SALT_BYTES,
  MOST_FACTORS,
  mayBeTogether,
  type SlotFactor,
  YUBIKEY_CHALLENGE_BYTES,
} from '../slot-factors.ts';
import { requireSameRoot, type TokenState, workingKeys } from '../state.ts';
import { kdfOf, newSlotOf } from '../vault-input.ts';
import { assertionOf, responseOf } from '../way-in.ts';

interface Made {
  factor: SlotFactor;
  output: Uint8Array;
}

/** The security keys have answered already, each to what its factor will always ask: a slot that does not open with them is not made. */
export async function makeKeySlot(state: TokenState, input: unknown): Promise<HsmOutput<'makeKeySlot'>> {
  const fields = fieldsOf(input, 'input', ['id', 'label', 'createdAt', 'factors']);
  const slot = newSlotOf(fields);
  const wanted = listOf(fields['factors'], 'factors', MOST_FACTORS, (item) => item);
  const { vaultId, rootKey } = workingKeys(state);
  return state.exclusively(async () => {
    const made: Made[] = [];
    try {
      for (const item of wanted) made.push(await makeFactor(state, item));
      const factors = made.map(({ factor }) => factor);
      if (!mayBeTogether(factors) || !factors.some(({ type }) => type === 'fido2' || type === 'yubikey-hmac-sha1')) {
        throw new KeyholdError(
          'InvalidInput',
          'A security key that opens the vault alone has to ask for its PIN. Use its PIN, or add a password to it.',
        );
      }
      const row = wrapSlot(
        state.ports.random,
        vaultId,
        rootKey,
        slot,
        factors,
        made.map(({ output }) => output),
      );
      requireSameRoot(state, rootKey);
      // What was written is what will be read: a slot that nobody could use is never handed out.
      if (!readSlot(row.descriptor).usable) throw invalid('factors', 'ones that a slot can hold');
      return { slot: row };
    } finally {
      wipe(...made.map(({ output }) => output));
    }
  });
}

async function makeFactor(state: TokenState, value: unknown): Promise<Made> {
  const fields = fieldsOf(value, 'factors', [
    ...[
      'factor',
      'sealed',
      'kdf',
      'rpId',
      'credentialId',
      'publicKey',
      'salt',
      'uv',
      'handle',
      'authData',
      'signature',
    ],
    ...['serial', 'otpSlot', 'challenge', 'response'],
  ]);
  const type = oneOf(fields['factor'], 'factors.factor', ['password', 'fido2', 'yubikey-hmac-sha1']);
  if (type === 'password') {
    const cost = kdfOf(fields['kdf']);
    const password = await openPassword(state, fields['sealed']);
    try {
      return await newArgonFactor(state.ports.random, type, password, cost);
    } finally {
      wipe(password);
    }
  }
  if (type === 'yubikey-hmac-sha1') {
    const serial = fields['serial'];
    const factor = {
      type,
      serial: serial === null ? null : integerOf(serial, 'factors.serial', 0, HIGHEST_SERIAL),
      otpSlot: integerOf(fields['otpSlot'], 'factors.otpSlot', 1, 2) === 1 ? (1 as const) : (2 as const),
      challenge: bytesOf(fields['challenge'], 'challenge', YUBIKEY_CHALLENGE_BYTES, YUBIKEY_CHALLENGE_BYTES),
    };
    return { factor, output: responseOf(fields) };
  }
  const factor = {
    type,
    rpId: textOf(fields['rpId'], 'factors.rpId', 1, LONGEST_RP_ID),
    credentialId: bytesOf(fields['credentialId'], 'factors.credentialId', 1, LONGEST_CREDENTIAL_ID),
    publicKey: bytesOf(fields['publicKey'], 'factors.publicKey', 1, LONGEST_PUBLIC_KEY),
    salt: bytesOf(fields['salt'], 'factors.salt', HMAC_SECRET_SALT_BYTES, HMAC_SECRET_SALT_BYTES),
    uv: booleanOf(fields['uv'], 'factors.uv'),
  };
  const output = fido2Output(state, factor, assertionOf(fields));
  if (output !== null) return { factor, output };
  throw new KeyholdError(
    'DeviceFault',
    'The security key’s answer does not verify with the key it was enrolled with. Use the key you enrolled.',
  );
}
