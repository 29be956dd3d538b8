import { KeyholdError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import type { AuditEvent } from '../contract/schemas.ts';
import { RefusalWindows } from './audit/refusal-windows.ts';
import { userNameOf } from './client-user-name.ts';
import type { ClockDrift } from './clock-drift.ts';
import type { DoorBackend, DoorClient, DoorCredentials } from './door.ts';
import { hexId } from './draft.ts';
import { onBehalfOf } from './gates/touch-call.ts';
import type { ObjectRef } from './hsm/protocol.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Ports } from './ports.ts';
import type { Session } from './session.ts';
import { chainOf } from './sessions/chain.ts';
import { keyOfChain } from './sessions/credentials.ts';
import type { SessionBroker } from './sessions/session-broker.ts';
import type { Found } from './things.ts';

/**
 * What the front door asks of the core: everything by reference, key bytes never. `settle` writes what has only been counted so far, and
 * is called before the vault is locked or closed.
 */
export function createDoorBackend(
  ports: Ports,
  lifecycle: Lifecycle,
  emit: (event: DaemonEvent) => void,
  drift: ClockDrift,
): { backend: DoorBackend; settle(): void } {
  const write = (event: AuditEvent): void => {
    lifecycle.audit()?.record(event);
    emit({ type: 'audit', event });
  };
  const refusals = new RefusalWindows({ clock: ports.clock, newId: () => hexId(ports), write });
  // Both may be removed while a request of theirs is under way.
  const secretOf = (session: Session, { accessKeyId, secret }: DoorCredentials): ObjectRef => {
    if (session.vault.version(secret.id) === undefined) throw removed(`access key ${accessKeyId}`);
    return secret;
  };
  const clientSecret = (session: Session, client: DoorClient): ObjectRef => {
    const found = session.things.get('client', client.id);
    if (found === undefined) throw removed(`client "${client.name}"`);
    return session.objectRef(found.secret.id);
  };

  const profileGate = (session: Session, client: DoorClient): ObjectRef | undefined => {
    const profile = session.things.get('client', client.id)?.profile;
    const gate = profile === undefined ? undefined : session.things.get('profile', profile)?.gate?.object;
    return gate === undefined ? undefined : session.objectRef(gate.id);
  };

  /** Called while an answer passes, where an error would have nobody to go to. */
  const tellBroker = (client: DoorClient, tell: (broker: SessionBroker, profile: string) => void): void => {
    if (lifecycle.state() !== 'unlocked') return;
    const { things, broker } = lifecycle.session();
    const profile = things.get('client', client.id)?.profile;
    if (profile === undefined) return;
    try {
      tell(broker, profile);
    } catch (error) {
      ports.log.error('what AWS said of a session could not be followed', { error });
    }
  };

  const backend: DoorBackend = {
    state: () => lifecycle.state(),
    lockDetail: () => lifecycle.lockDetail(),

    async resolveClient(accessKeyId) {
      const session = lifecycle.session();
      // A request that cannot be recorded is not let in.
      await session.audit.admit();
      await session.need('client', 'profile', 'account', 'accessKey');
      const found = session.things.clientByKeyId(accessKeyId);
      return found === undefined ? null : doorClient(session, found);
    },

    clientSigningKey(client, scope) {
      const session = lifecycle.session();
      return session.signingKeys.get(clientSecret(session, client), scope);
    },

    async isSignatureOf(client, scope, stringToSign, signature) {
      const session = lifecycle.session();
      const key = clientSecret(session, client);
      return (await session.hsm.call('sigv4Verify', { key, scope, stringToSign, signature })).valid;
    },

    async passProfile(client, purpose) {
      const session = lifecycle.session();
      const gate = profileGate(session, client);
      if (gate !== undefined) await session.hsm.call('passGate', { key: gate, purpose });
    },

    async touchAge(client) {
      const session = lifecycle.session();
      const gates = [...(client.gated ? [clientSecret(session, client)] : []), profileGate(session, client)];
      const ages: number[] = [];
      for (const key of gates) {
        if (key === undefined) continue;
        const { touch } = await session.hsm.call('lastTouch', { key });
        if (touch !== null) ages.push(Math.floor(touch.agoMs / 1000));
      }
      return ages.length === 0 ? undefined : Math.min(...ages);
    },

    onBehalfOf,

    clientPublicKey(client) {
      const session = lifecycle.session();
      return session.signingKeys.publicKey(clientSecret(session, client), client.accessKeyId);
    },

    async credentials(client) {
      const session = lifecycle.session();
      const profile = session.things.get('client', client.id)?.profile;
      if (profile === undefined) throw removed(`client "${client.name}"`);
      const { expiresAt, arn, ...credentials } = await session.broker.credentials(profile, client.name);
      return {
        ...credentials,
        session: expiresAt !== undefined,
        ...(arn === undefined ? {} : { assumedRole: arn }),
      };
    },

    sessionEnded(client, { accessKeyId }) {
      tellBroker(client, (broker, profile) => broker.ended(profile, accessKeyId));
    },

    sessionDenied(client, { accessKeyId }) {
      tellBroker(client, (broker, profile) => broker.denied(profile, accessKeyId));
    },

    async sign(credentials, scope, stringToSign) {
      const session = lifecycle.session();
      const key = secretOf(session, credentials);
      const { signature } = await session.hsm.call('sigv4Sign', { key, scope, stringToSign });
      return signature;
    },

    async signV4a(credentials, stringToSign) {
      const session = lifecycle.session();
      const key = secretOf(session, credentials);
      const { accessKeyId } = credentials;
      const { signature } = await session.hsm.call('sigv4aSign', { key, accessKeyId, stringToSign });
      return signature;
    },

    async signChunks(credentials, input) {
      const session = lifecycle.session();
      return session.hsm.call('sigv4SignChunks', { key: secretOf(session, credentials), ...input });
    },

    record(event, client, unproven) {
      try {
        const whole: AuditEvent = { id: hexId(ports), kind: 'request', actor: 'door', ...event };
        if (unproven !== undefined) {
          refusals.record(`${unproven} ${client?.id ?? ''}`, whole);
          return;
        }
        write(whole);
        if (client !== null && lifecycle.state() === 'unlocked') noteUse(lifecycle.session(), whole, client, ports);
      } catch (error) {
        ports.log.error('a request could not be recorded', { error });
      }
    },

    session: () => lifecycle.session(),

    touch: () => lifecycle.touch(),

    noteDate: (date) => drift.note(date),
  };
  return { backend, settle: () => refusals.settle() };
}

function removed(what: string): KeyholdError {
  return new KeyholdError('HsmRefused', `The ${what} has been removed from Keyhold.`);
}

/** A request that the client signed counts for it whatever became of it, for the key only when it went out. */
function noteUse(session: Session, event: AuditEvent, client: DoorClient, ports: Ports): void {
  const at = ports.clock.now();
  session.usage.noteClient(client.id, at);
  if (event.status === undefined || client.kind === 'local' || client.key === undefined) return;
  if (event.sessionKeyId !== undefined) return;
  session.usage.noteKey(client.key.id, {
    at,
    ...(event.service === undefined ? {} : { service: event.service }),
    ...(event.region === undefined ? {} : { region: event.region }),
  });
}

function doorClient({ things }: Session, { id, value }: Found<'client'>): DoorClient {
  const profile = things.must('profile', value.profile);
  const account = things.must('account', profile.account);
  const parts = {
    id,
    name: value.name,
    accessKeyId: value.accessKeyId,
    enabled: value.enabled,
    ...(value.expiresAt === undefined ? {} : { expiresAt: value.expiresAt }),
    profile: { name: profile.name, region: profile.region, gated: profile.gate !== undefined },
    gated: value.gate !== undefined,
  };
  if (account.kind === 'local') {
    return {
      ...parts,
      kind: 'local',
      account: { id: profile.account, name: account.name, accountId: account.accountId },
      principal:
        value.policy === undefined
          ? { type: 'root' }
          : { type: 'policy', document: value.policy, userName: userNameOf(value) },
    };
  }
  const key = keyOfChain(things, chainOf(things, { id: value.profile, value: profile }));
  return {
    ...parts,
    kind: 'remote',
    account: {
      name: account.name,
      accountId: account.accountId,
      ...(account.endpointUrl === undefined ? {} : { endpointUrl: account.endpointUrl }),
    },
    ...(key === undefined ? {} : { key: { id: key.id, name: key.value.name, status: key.value.status } }),
  };
}
