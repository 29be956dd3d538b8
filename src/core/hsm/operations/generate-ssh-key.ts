import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, recordIdOf } from '../input.ts';
import { sealObject } from '../object.ts';
import { attributesOf } from '../object-attributes.ts';
import type { HsmOutput } from '../protocol.ts';
import { newSshKey, sshPublicKey } from '../ssh-key.ts';
import { type TokenState, workingKeys } from '../state.ts';

const FIRST_VERSION = 1;

export async function generateSshKey(state: TokenState, input: unknown): Promise<HsmOutput<'generateSshKey'>> {
  const { id, label, createdAt } = fieldsOf(input, 'input', ['id', 'label', 'createdAt']);
  const attributes = attributesOf(
    { class: 'private-key', spec: 'SSH_RSA_4096', usage: [], extractable: false, label, createdAt, policy: {} },
    recordIdOf(id, 'id'),
  );
  workingKeys(state);
  const material = await newSshKey();
  try {
    // The keys as they are now: they may have been changed while primes were looked for.
    const blob = sealObject(workingKeys(state), state.ports.random, { attributes, material }, FIRST_VERSION);
    return { attributes, blob, publicKey: sshPublicKey(material) };
  } finally {
    wipe(material);
  }
}
