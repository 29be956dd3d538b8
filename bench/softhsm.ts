import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pkcs11js from 'pkcs11js';

// SoftHSM2 through pkcs11js, as far as the benchmark needs it: one token in a folder of its own, one session, one thread.

const LIBRARIES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'];
const PIN = '1234';
const P256 = Buffer.from('06082a8648ce3d030107', 'hex');

export interface SoftHsm {
  encrypt(plaintext: Buffer): Buffer;
  decrypt(ciphertext: Buffer): Buffer;
  mac(message: Buffer): Buffer;
  signRsa2048(message: Buffer): Buffer;
  signRsa4096(message: Buffer): Buffer;
  /** Hashes here, because SoftHSM signs digests only. */
  signP256(message: Buffer): Buffer;
  close(): Promise<void>;
}

/** Null where the library or the binding is missing. */
export async function openSoftHsm(): Promise<SoftHsm | null> {
  const library = process.env['SOFTHSM2_LIBRARY'] ?? LIBRARIES.find((path) => existsSync(path));
  const binding = await import('pkcs11js').then(
    (module) => module.default,
    () => null,
  );
  if (library === undefined || binding === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'keyhold-softhsm-'));
  const tokens = join(folder, 'tokens');
  await mkdir(tokens);
  const config = join(folder, 'softhsm2.conf');
  await writeFile(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = config;
  const module = new binding.PKCS11();
  module.load(library);
  module.C_Initialize();
  return withToken(binding, module, folder);
}

function withToken(p11: typeof pkcs11js, module: pkcs11js.PKCS11, folder: string): SoftHsm {
  const firstSlot = (): Buffer => {
    const slot = module.C_GetSlotList(true)[0];
    if (slot === undefined) throw new Error('SoftHSM2 offers no slot.');
    return slot;
  };
  module.C_InitToken(firstSlot(), PIN, 'bench');
  // An initialised token moves to a slot with another number.
  const session = module.C_OpenSession(firstSlot(), p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION);
  module.C_Login(session, p11.CKU_SO, PIN);
  module.C_InitPIN(session, PIN);
  module.C_Logout(session);
  module.C_Login(session, p11.CKU_USER, PIN);

  const token = { type: p11.CKA_TOKEN, value: true };
  const secret = (mechanism: number, type: number, bytes: number, use: number[]) =>
    module.C_GenerateKey(session, { mechanism }, [
      { type: p11.CKA_CLASS, value: p11.CKO_SECRET_KEY },
      { type: p11.CKA_KEY_TYPE, value: type },
      { type: p11.CKA_VALUE_LEN, value: bytes },
      { type: p11.CKA_SENSITIVE, value: true },
      { type: p11.CKA_EXTRACTABLE, value: false },
      token,
      ...use.map((flag) => ({ type: flag, value: true })),
    ]);
  const pair = (mechanism: number, of: pkcs11js.Template) =>
    module.C_GenerateKeyPair(
      session,
      { mechanism },
      [token, { type: p11.CKA_VERIFY, value: true }, ...of],
      [token, { type: p11.CKA_SIGN, value: true }, { type: p11.CKA_SENSITIVE, value: true }],
    ).privateKey;
  const rsa = (bits: number) => pair(p11.CKM_RSA_PKCS_KEY_PAIR_GEN, [{ type: p11.CKA_MODULUS_BITS, value: bits }]);

  const aes = secret(p11.CKM_AES_KEY_GEN, p11.CKK_AES, 32, [p11.CKA_ENCRYPT, p11.CKA_DECRYPT]);
  const hmac = secret(p11.CKM_GENERIC_SECRET_KEY_GEN, p11.CKK_GENERIC_SECRET, 32, [p11.CKA_SIGN, p11.CKA_VERIFY]);
  const [rsa2048, rsa4096] = [rsa(2048), rsa(4096)];
  const p256 = pair(p11.CKM_EC_KEY_PAIR_GEN, [{ type: p11.CKA_EC_PARAMS, value: P256 }]);

  const iv = Buffer.alloc(12, 1);
  const parameter: pkcs11js.AesGCM = {
    type: p11.CK_PARAMS_AES_GCM,
    iv,
    ivBits: 96,
    tagBits: 128,
    aad: Buffer.alloc(64),
  };
  const gcm = { mechanism: p11.CKM_AES_GCM, parameter };
  const sign = (mechanism: number, key: Buffer, message: Buffer, longest: number): Buffer => {
    module.C_SignInit(session, { mechanism }, key);
    return module.C_Sign(session, message, Buffer.alloc(longest));
  };
  return {
    encrypt(plaintext) {
      module.C_EncryptInit(session, gcm, aes);
      return module.C_Encrypt(session, plaintext, Buffer.alloc(plaintext.length + 16));
    },
    decrypt(ciphertext) {
      module.C_DecryptInit(session, gcm, aes);
      return module.C_Decrypt(session, ciphertext, Buffer.alloc(ciphertext.length));
    },
    mac: (message) => sign(p11.CKM_SHA256_HMAC, hmac, message, 32),
    signRsa2048: (message) => sign(p11.CKM_SHA256_RSA_PKCS, rsa2048, message, 256),
    signRsa4096: (message) => sign(p11.CKM_SHA256_RSA_PKCS, rsa4096, message, 512),
    signP256: (message) => sign(p11.CKM_ECDSA, p256, createHash('sha256').update(message).digest(), 64),
    async close() {
      module.C_Finalize();
      module.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
