import { randomBytes } from 'node:crypto';
import { toBase64 } from '../../src/client/base64.ts';
import { createReplyKey, type ReplyKeyPair, seal } from '../../src/client/seal.ts';
import type { Sealed, SealPurpose } from '../../src/contract/schemas.ts';
import { systemRandom } from '../../src/core/crypto/random.ts';
import { answer } from '../../src/core/hsm/answer.ts';
import { createHsmClient, type HsmClient, type HsmClientOptions } from '../../src/core/hsm/client.ts';
import type { Argon2Params, HeadState, Hsm, HsmOutput, HsmResponseFrame } from '../../src/core/hsm/protocol.ts';
import type { TokenPorts } from '../../src/core/hsm/state.ts';
import { stopWhenTampered } from '../../src/core/hsm/stop-when-tampered.ts';
import { createToken } from '../../src/core/hsm/token.ts';
import { wipeSent } from '../../src/core/hsm/wiped-once-sent.ts';
import type { HsmChannel } from '../../src/core/ports.ts';

/** The cheapest Argon2id that the HSM accepts: about 60 ms. */
export const FLOOR: Argon2Params = { memoryKiB: 65_536, passes: 3, parallelism: 1 };
export const PASSWORD = 'correct horse battery staple';

export function testTokenPorts(overrides: Partial<TokenPorts> = {}): TokenPorts {
  return {
    random: systemRandom,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    memoryBytes: 1024 ** 3,
    ...overrides,
  };
}

/**
 * A channel to a token in this process (no fork), with the same cloning, batching and frames as the real one. Fits `Ports.spawnHsm`; with `stops`, it stops like it
 * when the vault does not verify.
 * `kill()` and `crash()` end it.
 */
export function inProcessHsm(
  ports: TokenPorts = testTokenPorts(),
  { stops = false }: { stops?: boolean } = {},
): HsmChannel & { crash(): void } {
  const token = createToken(ports);
  const answering = stops ? stopWhenTampered(token) : token;
  const frameListeners: ((frames: HsmResponseFrame[]) => void)[] = [];
  const exitListeners: ((info: { code: number | null; signal: string | null }) => void)[] = [];
  let ended = false;
  let outbox: HsmResponseFrame[] = [];
  const flush = (): void => {
    const frames = structuredClone(outbox);
    for (const frame of outbox) if ('output' in frame) wipeSent(frame.output);
    outbox = [];
    if (!ended) for (const listener of frameListeners) listener(frames);
  };
  const end = (info: { code: number | null; signal: string | null }): void => {
    if (ended) return;
    ended = true;
    token.wipe();
    for (const listener of exitListeners) listener(info);
  };
  return {
    pid: undefined,
    send(frames) {
      if (ended) throw new Error('channel closed');
      for (const frame of structuredClone(frames)) {
        void answer(answering, frame).then((response) => {
          if (response === null) return;
          if (outbox.length === 0) setImmediate(flush);
          outbox.push(response);
        });
      }
    },
    onFrames: (listener) => void frameListeners.push(listener),
    onExit: (listener) => void exitListeners.push(listener),
    async kill() {
      end({ code: null, signal: 'SIGKILL' });
    },
    crash: () => end({ code: 70, signal: null }),
  };
}

/** An unlocked-by-nobody HSM in this process. */
export function startTestHsm(ports: Partial<TokenPorts> = {}, options: HsmClientOptions = {}): HsmClient {
  return createHsmClient(inProcessHsm(testTokenPorts(ports)), options);
}

/** Seals bytes (or the UTF-8 of a text) to an HSM as UI and CLI do. */
export async function sealFor(hsm: Hsm, purpose: SealPurpose, secret: Uint8Array | string): Promise<Sealed> {
  const { sealKeyId, publicKey } = await hsm.call('sealKey', {});
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  return seal({ sealKeyId, publicKey: toBase64(publicKey) }, purpose, bytes);
}

/** A caller's reply key in both forms: `raw` goes into HSM calls, `pair.open` opens the answer. */
export async function replyKey(): Promise<{ raw: Uint8Array; pair: ReplyKeyPair }> {
  const pair = await createReplyKey();
  return { raw: new Uint8Array(Buffer.from(pair.publicKey, 'base64')), pair };
}

export interface TestVault extends HsmOutput<'createVault'> {
  vaultId: Uint8Array;
  password: string;
  recoveryText: string;
}

/** Creates a vault in this HSM (floor Argon2id) and leaves it unlocked. */
export async function createTestVault(hsm: Hsm, password = PASSWORD): Promise<TestVault> {
  const vaultId = new Uint8Array(randomBytes(16));
  const reply = await replyKey();
  const created = await hsm.call('createVault', {
    vaultId,
    password: await sealFor(hsm, 'password', password),
    kdf: FLOOR,
    replyKey: reply.raw,
    createdAt: Date.now(),
  });
  const recoveryText = new TextDecoder().decode(await reply.pair.open(created.recoveryCode, 'recovery-code'));
  return { ...created, vaultId, password, recoveryText };
}

/** The head of a vault without records, as `commit` takes it. */
export function emptyHead(vault: Pick<TestVault, 'slots' | 'keks'>): HeadState {
  return {
    generation: 1,
    pageMacs: new Uint8Array(8192),
    slots: vault.slots,
    keks: vault.keks,
    auditSeq: 0,
    auditHash: new Uint8Array(32),
  };
}

/** One manifest entry with an empty tag: what `commit` expects for a record it seals. */
export function emptyEntry(id: string, version: number, kindNumber: number): Uint8Array {
  const entry = Buffer.alloc(41);
  entry.write(id, 'hex');
  entry.writeBigUInt64BE(BigInt(version), 16);
  entry.writeUInt8(kindNumber, 24);
  return new Uint8Array(entry);
}

/** Unlocks by password or recovery code. */
export async function unlockWith(
  hsm: Hsm,
  vault: Pick<TestVault, 'vaultId'>,
  secret: { factor: 'password' | 'recovery-code'; text: string },
  head: HeadState,
  headMac: Uint8Array,
  inspect?: boolean,
): Promise<HsmOutput<'unlock'>> {
  const sealed = await sealFor(hsm, secret.factor, secret.text);
  return hsm.call('unlock', {
    vaultId: vault.vaultId,
    secret: { factor: secret.factor, sealed },
    head,
    headMac,
    ...(inspect === undefined ? {} : { inspect }),
  });
}
