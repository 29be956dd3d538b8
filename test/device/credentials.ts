import { createHash, randomBytes } from 'node:crypto';
import { equal } from './emulated-device.ts';
import { type Algorithm, createSigningKey, ES256, type SigningKey } from './signing-key.ts';
import { CtapError, STATUS } from './status.ts';

export interface Credential {
  id: Uint8Array;
  rpIdHash: Uint8Array;
  /** Null for what U2F registered, which knows the hash alone. */
  rpId: string | null;
  rpName: string | undefined;
  user: { id: Uint8Array; name: string | undefined; displayName: string | undefined };
  resident: boolean;
  /** credProtect: 1 optional, 2 optional with a list, 3 required. */
  protection: 1 | 2 | 3;
  key: SigningKey;
  /** hmac-secret's keys: without and with user verification. Null where the extension was not asked for. */
  random: { withoutUv: Uint8Array; withUv: Uint8Array } | null;
  order: number;
}

export interface NewCredential {
  rpIdHash: Uint8Array;
  rpId: string | null;
  rpName?: string | undefined;
  user?: Credential['user'];
  resident?: boolean;
  protection?: 1 | 2 | 3;
  hmacSecret?: boolean;
  algorithm?: Algorithm;
}

export interface CredentialStore {
  create(wanted: NewCredential): Credential;
  find(id: Uint8Array, rpIdHash: Uint8Array): Credential | undefined;
  /** Resident credentials, the newest first. */
  resident(rpIdHash?: Uint8Array): Credential[];
  remove(id: Uint8Array): boolean;
  remaining(): number;
  clear(): void;
  readonly all: readonly Credential[];
}

export const sha256 = (bytes: Uint8Array | string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());

export function createCredentialStore(mostResident: number): CredentialStore {
  let all: Credential[] = [];
  let order = 0;
  const resident = (rpIdHash?: Uint8Array): Credential[] =>
    all
      .filter((one) => one.resident && (rpIdHash === undefined || equal(one.rpIdHash, rpIdHash)))
      .sort((a, b) => b.order - a.order);
  return {
    create(wanted) {
      const user = wanted.user ?? { id: new Uint8Array(), name: undefined, displayName: undefined };
      if (wanted.resident === true) {
        // One of the same account is replaced (section 6.1.2, step 17).
        const same = resident(wanted.rpIdHash).find((one) => equal(one.user.id, user.id));
        if (same !== undefined) all = all.filter((one) => one !== same);
        else if (resident().length >= mostResident) throw new CtapError(STATUS.keyStoreFull);
      }
      order += 1;
      const credential: Credential = {
        id: new Uint8Array(randomBytes(48)),
        rpIdHash: wanted.rpIdHash,
        rpId: wanted.rpId,
        rpName: wanted.rpName,
        user,
        resident: wanted.resident ?? false,
        protection: wanted.protection ?? 1,
        key: createSigningKey(wanted.algorithm ?? ES256),
        random:
          wanted.hmacSecret === true
            ? { withoutUv: new Uint8Array(randomBytes(32)), withUv: new Uint8Array(randomBytes(32)) }
            : null,
        order,
      };
      all.push(credential);
      return credential;
    },
    find: (id, rpIdHash) => all.find((one) => equal(one.id, id) && equal(one.rpIdHash, rpIdHash)),
    resident,
    remove(id) {
      const before = all.length;
      all = all.filter((one) => !equal(one.id, id));
      return all.length < before;
    },
    remaining: () => mostResident - resident().length,
    clear() {
      all = [];
    },
    get all() {
      return all;
    },
  };
}
