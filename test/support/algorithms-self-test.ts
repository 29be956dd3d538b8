import { createPublicKey } from 'node:crypto';
import { systemRandom } from '../../src/core/crypto/random.ts';
import { KEY_PAIR_SPECS, KEY_PAIRS } from '../../src/core/hsm/algorithms/key-pairs.ts';
import type { MessageType } from '../../src/core/hsm/protocol.ts';
import { checkFido } from './fido-self-test.ts';
import { checkPem } from './pem-self-test.ts';

/**
 * `node test/support/algorithms-self-test.ts`, also by Electron as Node: makes a key of every spec and uses it in every way, and does what security keys need. Prints one line
 * of JSON with the name of the crypto library's maker and what did not work.
 */

const TYPES: readonly MessageType[] = ['RAW', 'DIGEST', 'EXTERNAL_MU'];
const failed: string[] = [];
let checked = 0;

async function check(what: string, run: () => boolean | Promise<boolean>): Promise<void> {
  checked++;
  try {
    if (!(await run())) failed.push(what);
  } catch (error) {
    failed.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function messageOf(type: MessageType, algorithm: string): Uint8Array {
  if (type === 'RAW') return new Uint8Array(100);
  if (algorithm === 'SM2DSA') return new Uint8Array(32);
  return new Uint8Array(algorithm === 'ML_DSA_SHAKE_256' ? 64 : Number(algorithm.slice(-3)) / 8);
}

const equal = (a: Uint8Array | null | undefined, b: Uint8Array): boolean => a != null && Buffer.compare(a, b) === 0;

for (const spec of KEY_PAIR_SPECS) {
  const algorithm = KEY_PAIRS[spec];
  const material = await algorithm.generate(systemRandom);
  const key = algorithm.privateKey(material);
  await check(`${spec} PKCS#8`, () => equal(algorithm.fromPkcs8(algorithm.toPkcs8(material)), material));
  await check(`${spec} public key`, () => equal(algorithm.publicKey(key.spki)?.spki, key.spki));
  for (const name of algorithm.signing) {
    for (const messageType of TYPES) {
      const pure = name === 'ED25519_SHA_512';
      const prehashed = name === 'ED25519_PH_SHA_512';
      const lattice = name === 'ML_DSA_SHAKE_256';
      if ((pure && messageType !== 'RAW') || (prehashed && messageType !== 'DIGEST')) continue;
      if ((messageType === 'EXTERNAL_MU') !== lattice && messageType !== 'RAW') continue;
      const toSign = { algorithm: name, messageType, message: messageOf(messageType, name) };
      await check(`${spec} ${name} ${messageType}`, async () => {
        const signature = await key.sign?.(toSign, systemRandom);
        const other = { ...toSign, message: toSign.message.map((byte) => byte ^ 1) };
        return signature !== undefined && key.verify?.(toSign, signature) === true && !key.verify?.(other, signature);
      });
    }
  }
  for (const name of algorithm.encryption ?? []) {
    const { encrypt, decrypt } = key;
    if (encrypt === undefined || decrypt === undefined) continue;
    await check(`${spec} ${name}`, () =>
      equal(decrypt(name, encrypt(name, material.subarray(0, 32), systemRandom)), material.subarray(0, 32)),
    );
    await check(`${spec} ${name}, garbage`, () => decrypt(name, new Uint8Array(key.ciphertextBytes ?? 0)) === null);
  }
  const { deriveSharedSecret, encapsulate, decapsulate } = key;
  if (deriveSharedSecret !== undefined) {
    const peer = algorithm.privateKey(await algorithm.generate(systemRandom));
    await check(`${spec} ECDH`, () =>
      equal(deriveSharedSecret(peer.spki), peer.deriveSharedSecret?.(key.spki) ?? material),
    );
  }
  if (encapsulate !== undefined && decapsulate !== undefined) {
    await check(`${spec} KEM`, () => {
      const { ciphertext, sharedSecret } = encapsulate(systemRandom);
      return equal(decapsulate(ciphertext), sharedSecret);
    });
  }
}

await checkFido(check);
await checkPem(check);

// OpenSSL reads secp256k1, BoringSSL does not: this tells which of them ran.
const { spki } = KEY_PAIRS.EC_SECP256K1.privateKey(await KEY_PAIRS.EC_SECP256K1.generate(systemRandom));
let library = 'OpenSSL';
try {
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
} catch {
  library = 'BoringSSL';
}
console.log(JSON.stringify({ library, checked, failed }));
