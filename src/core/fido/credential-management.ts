import { KeyholdError } from '../../contract/errors.ts';
import { concat } from '../crypto/bytes.ts';
import { type Answer, isMap } from './answer.ts';
import { type CborMap, cborMap, encodeCbor } from './cbor.ts';
import { credentialDescriptor } from './credential-descriptor.ts';
import { CTAP_COMMAND, ctap2 } from './ctap2.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { deviceFault, deviceUnsupported } from './device-errors.ts';
import type { AuthenticatorInfo } from './get-info.ts';
import type { PinUvAuth } from './pin-uv.ts';

export interface RelyingParty {
  /** Cut off by some security keys; the hash is whole. */
  id: string;
  idHash: Uint8Array;
}

export interface ResidentCredential {
  credentialId: Uint8Array;
  /** COSE_Key. */
  publicKey: Uint8Array;
  user: { id: Uint8Array; name: string | null; displayName: string | null };
  credProtect: number | null;
}

/** Credentials that a security key keeps (CTAP 2.1, section 6.8). The token needs the permission `credentialManagement`. */
export interface CredentialManagement {
  metadata(options?: ExchangeOptions): Promise<{ existing: number; remaining: number }>;
  relyingParties(options?: ExchangeOptions): Promise<RelyingParty[]>;
  credentials(idHash: Uint8Array, options?: ExchangeOptions): Promise<ResidentCredential[]>;
  remove(credentialId: Uint8Array, options?: ExchangeOptions): Promise<void>;
}

const SUBCOMMAND = {
  getMetadata: 0x01,
  enumerateRpsBegin: 0x02,
  enumerateRpsNext: 0x03,
  enumerateCredentialsBegin: 0x04,
  enumerateCredentialsNext: 0x05,
  deleteCredential: 0x06,
} as const;
const REQUEST = { subCommand: 0x01, parameters: 0x02, pinUvAuthProtocol: 0x03, pinUvAuthParam: 0x04 } as const;
const PARAMETER = { rpIdHash: 0x01, credentialId: 0x02 } as const;
const RESPONSE = {
  existing: 0x01,
  remaining: 0x02,
  rp: 0x03,
  rpIdHash: 0x04,
  totalRps: 0x05,
  user: 0x06,
  credentialId: 0x07,
  publicKey: 0x08,
  totalCredentials: 0x09,
  credProtect: 0x0a,
} as const;
const HASH_BYTES = 32;
/** More than any security key has room for. */
const MOST_ITEMS = 1000;

/** `DeviceUnsupported` where the security key has neither this nor its preview. */
export function credentialManagement(channel: CtapHid, info: AuthenticatorInfo, auth: PinUvAuth): CredentialManagement {
  const command = commandOf(info);

  /** Authenticated where it begins something; what goes on with an enumeration is not. */
  async function begin(subCommand: number, parameters: CborMap | null, options?: ExchangeOptions): Promise<Answer> {
    const signed = concat(Uint8Array.of(subCommand), parameters === null ? new Uint8Array() : encodeCbor(parameters));
    const request = cborMap(
      [REQUEST.subCommand, subCommand],
      [REQUEST.parameters, parameters ?? undefined],
      [REQUEST.pinUvAuthProtocol, auth.protocol],
      [REQUEST.pinUvAuthParam, await auth.authenticate(signed)],
    );
    return ctap2(channel, command, request, options);
  }

  async function enumerate<T>(
    first: Answer | null,
    total: number,
    next: number,
    read: (answer: Answer) => T,
    options: ExchangeOptions | undefined,
  ): Promise<T[]> {
    if (first === null || total === 0) return [];
    if (total > MOST_ITEMS) throw deviceFault('says that it keeps more than it can');
    const items = [read(first)];
    while (items.length < total) {
      items.push(read(await ctap2(channel, command, cborMap([REQUEST.subCommand, next]), options)));
    }
    return items;
  }

  return {
    async metadata(options) {
      const answer = await begin(SUBCOMMAND.getMetadata, null, options);
      return { existing: answer.number(RESPONSE.existing), remaining: answer.number(RESPONSE.remaining) };
    },
    async relyingParties(options) {
      const first = await noneIfEmpty(begin(SUBCOMMAND.enumerateRpsBegin, null, options));
      const total = first?.maybeNumber(RESPONSE.totalRps) ?? 0;
      return enumerate(first, total, SUBCOMMAND.enumerateRpsNext, readRelyingParty, options);
    },
    async credentials(idHash, options) {
      const parameters = cborMap([PARAMETER.rpIdHash, idHash]);
      const first = await noneIfEmpty(begin(SUBCOMMAND.enumerateCredentialsBegin, parameters, options));
      const total = first?.maybeNumber(RESPONSE.totalCredentials) ?? 0;
      return enumerate(first, total, SUBCOMMAND.enumerateCredentialsNext, readCredential, options);
    },
    async remove(credentialId, options) {
      const parameters = cborMap([PARAMETER.credentialId, credentialDescriptor(credentialId)]);
      await begin(SUBCOMMAND.deleteCredential, parameters, options);
    },
  };
}

function commandOf({ options, versions }: AuthenticatorInfo): number {
  if (options.get('credMgmt') === true) return CTAP_COMMAND.credentialManagement;
  const preview = options.get('credentialMgmtPreview') === true && versions.includes('FIDO_2_1_PRE');
  if (!preview) throw deviceUnsupported('list its credentials');
  return CTAP_COMMAND.credentialManagementPreview;
}

/** Security keys say that there are none by refusing to list them. */
async function noneIfEmpty(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KeyholdError && error.code === 'NoCredential') return null;
    throw error;
  }
}

function readRelyingParty(answer: Answer): RelyingParty {
  const idHash = answer.bytes(RESPONSE.rpIdHash).slice();
  if (idHash.length !== HASH_BYTES) throw deviceFault('sent a hash of a wrong length');
  return { id: answer.map(RESPONSE.rp).maybeText('id') ?? '', idHash };
}

function readCredential(answer: Answer): ResidentCredential {
  const user = answer.map(RESPONSE.user);
  const publicKey = answer.members.get(RESPONSE.publicKey);
  if (!isMap(publicKey)) throw deviceFault('sent a key that is none');
  return {
    credentialId: answer.map(RESPONSE.credentialId).bytes('id').slice(),
    publicKey: encodeCbor(publicKey),
    user: {
      id: user.bytes('id').slice(),
      name: user.maybeText('name'),
      displayName: user.maybeText('displayName'),
    },
    credProtect: answer.maybeNumber(RESPONSE.credProtect),
  };
}
