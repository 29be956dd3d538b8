import { KeyholdError } from '../../../contract/errors.ts';
import { fromHex, lp, toHex, u64, utf8 } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { KEYHOLD_RP_ID } from '../../fido/rp-id.ts';
import { takesKey } from '../gates/gate.ts';
import { type OpenChallenge, remember } from '../gates/state.ts';
import { fieldsOf, matchOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { openSecurityKeys } from '../security-key.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { sealedRecordsOf } from '../vault-input.ts';

const USE = /^[0-9a-f]{64}$/;
const NONCE_BYTES = 32;
const CHALLENGE_BYTES = 16;
const CHALLENGE_MS = 60_000;
const LABEL = 'keyhold/touch/v1';
/** Of a key that is tried: such an answer is never one to a use. */
const TEST_LABEL = 'keyhold/touch-test/v1';

export function touchChallenge(state: TokenState, input: unknown): HsmOutput<'touchChallenge'> {
  const fields = fieldsOf(input, 'input', ['use', 'keys']);
  const use = fields['use'] === null ? null : matchOf(fields['use'], 'use', USE, '64 lower-case hex digits');
  const records = sealedRecordsOf(fields['keys'], 'objects');
  const vaultKeys = workingKeys(state);
  const wanted = use === null ? null : askedUse(state, use);
  const keys = openSecurityKeys(vaultKeys, records).filter(
    ({ object: { attributes } }) =>
      !state.gates.removed.has(attributes.id) && (wanted === null || takesKey(wanted.gate, attributes.id)),
  );
  if (keys.length === 0) {
    throw new KeyholdError(
      'HsmRefused',
      'None of the enrolled security keys may allow this. Use one that may, or loosen the gate with the recovery code.',
    );
  }
  const { random, clock } = state.ports;
  const clientDataHash = sha256(
    lp(utf8(wanted === null ? TEST_LABEL : LABEL)),
    lp(random.bytes(NONCE_BYTES)),
    lp(vaultKeys.vaultId),
    ...(wanted === null ? [] : [lp(fromHex(wanted.object)), lp(fromHex(wanted.use))]),
    u64(clock.now()),
  );
  const challenge = toHex(random.bytes(CHALLENGE_BYTES));
  const until = clock.monotonic() + CHALLENGE_MS;
  remember(state.gates.challenges, challenge, { wanted, clientDataHash, keys, until });
  return {
    challenge,
    rpId: KEYHOLD_RP_ID,
    clientDataHash,
    credentials: keys.map(({ object, credentialId }) => ({ key: object.attributes.id, credentialId })),
    expiresInMs: CHALLENGE_MS,
  };
}

function askedUse(state: TokenState, use: string): NonNullable<OpenChallenge['wanted']> {
  const asked = state.gates.asked.get(use);
  if (asked === undefined) throw new KeyholdError('HsmRefused', 'Nothing waits for this touch any more. Try again.');
  return { ...asked, use };
}
