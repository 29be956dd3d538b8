import type { KeyholdClient } from '../../src/client/client.ts';
import { createReplyKey } from '../../src/client/seal.ts';
import type { QuorumAct, QuorumService } from '../../src/contract/hsm-users.ts';
import type { Gate, Sealed } from '../../src/contract/schemas.ts';
import { PASSWORD } from './hsm.ts';

const utf8 = new TextEncoder();

/** The users of an HSM as CLI and page work with them; everybody's password is their name. */
export interface HsmPeople {
  /** The first officer, by the vault's owner. */
  init(name: string): Promise<void>;
  login(name: string): Promise<void>;
  add(name: string, role: 'crypto-officer' | 'crypto-user'): Promise<void>;
  quorum(service: QuorumService, required: number): Promise<void>;
  /** What an approval wants touched. */
  touch(service: QuorumService, wanted: Gate | null): Promise<void>;
  keyUse(needsLogin: boolean): Promise<void>;
  /** Asks for an approval and gives it, by these officers. */
  approved(act: QuorumAct, ...officers: string[]): Promise<string>;
  /** Takes back whatever waits for approval. */
  cancelAll(): Promise<void>;
  logout(): Promise<void>;
}

export function hsmPeople(client: KeyholdClient): HsmPeople {
  let secret = new Uint8Array();
  type Seal = Parameters<Parameters<KeyholdClient['callSealed']>[1]>[0];
  const session = (seal: Seal): Promise<Sealed> => seal('hsm-session', secret);
  const password = (seal: Seal, name: string): Promise<Sealed> => seal('hsm-password', utf8.encode(name));
  return {
    async init(name) {
      await client.callSealed('hsm.usersInit', async (seal) => ({
        authorize: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
        name,
        password: await password(seal, name),
      }));
      await this.login(name);
    },
    async login(name) {
      const reply = await createReplyKey();
      const login = await client.callSealed('hsm.login', async (seal) => ({
        name,
        password: await password(seal, name),
        replyKey: reply.publicKey,
      }));
      secret = await reply.open(login.session, 'hsm-session');
    },
    async add(name, role) {
      await client.callSealed('hsm.userAdd', async (seal) => ({
        session: await session(seal),
        name,
        role,
        password: await password(seal, name),
      }));
    },
    async quorum(service, required) {
      await client.callSealed('hsm.quorumSet', async (seal) => ({ session: await session(seal), service, required }));
    },
    async touch(service, wanted) {
      const change = { service, touch: wanted };
      await client.callSealed('hsm.approvalTouchSet', async (seal) => ({ session: await session(seal), ...change }));
    },
    async keyUse(needsLogin) {
      await client.callSealed('hsm.keyUseSet', async (seal) => ({ session: await session(seal), needsLogin }));
    },
    async approved(act, ...officers) {
      const { id } = await client.callSealed('hsm.quorumTokenCreate', async (seal) => ({
        session: await session(seal),
        act,
        expiresInSeconds: 3600,
      }));
      for (const user of officers) {
        await client.callSealed('hsm.quorumApprove', async (seal) => ({
          id,
          user,
          password: await password(seal, user),
        }));
      }
      return id;
    },
    async cancelAll() {
      const { tokens } = await client.call('hsm.users', {});
      for (const { id } of tokens) {
        await client.callSealed('hsm.quorumCancel', async (seal) => ({ session: await session(seal), id }));
      }
    },
    async logout() {
      await client.callSealed('hsm.logout', async (seal) => ({ session: await session(seal) }));
    },
  };
}
