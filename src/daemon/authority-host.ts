import { type AuthorityKey, createAuthority, createLeaf } from '../aws/authority.ts';
import type { Core, RotatedCa } from '../core/core.ts';
import { type Actor, type Draft, hexId } from '../core/draft.ts';
import type { SealedBlob } from '../core/hsm/protocol.ts';
import type { Session } from '../core/session.ts';
import type { Thing } from '../core/things.ts';
import { instant } from '../core/views.ts';
import type { DoorTls } from './door-host.ts';

type Authority = Thing<'authority'>;

/** A CA that ends sooner is replaced: leaves must not outlive it. */
const LEAST_LIFE_MS = 30 * 86_400_000;

/** The vault's local CA, made at first use. Throws `Locked`. */
export async function exportCa(core: Core, actor: Actor): Promise<{ pem: string; notAfter: string }> {
  const { pem, notAfter } = await ensureAuthority(core, actor);
  await core.session().note(actor, 'ca.export');
  return { pem, notAfter: instant(notAfter) };
}

/** Makes another CA, whatever age the present one has. Throws `Locked`. */
export function rotateCa(core: Core, actor: Actor): Promise<RotatedCa> {
  const session = core.session();
  const rotate = async (draft: Draft): Promise<() => RotatedCa> => {
    const [before] = session.things.all('authority');
    removeAll(session, draft);
    const { pem, notAfter } = await makeAuthority(core, session, draft, core.ports.clock.now());
    draft.record('ca.rotate');
    const previous = before === undefined ? null : { pem: before.value.pem, notAfter: instant(before.value.notAfter) };
    return () => ({ pem, notAfter: instant(notAfter), previous });
  };
  return session.write(actor, rotate, ['authority']);
}

function removeAll(session: Session, draft: Draft): void {
  for (const { id, value } of session.things.all('authority')) {
    draft.remove('authority', id);
    draft.removeObject(value.key.id);
  }
}

/** A certificate for this run's HTTPS listener. Throws `Locked`. */
export async function issueTls(core: Core): Promise<DoorTls> {
  const authority = await ensureAuthority(core, 'daemon');
  const { ports } = core;
  const key = keyOf(core.session(), authority);
  const leaf = await createLeaf({ pem: authority.pem, key }, ports.random, ports.clock.now());
  return { key: leaf.key, cert: leaf.pem, ca: authority.pem };
}

function ensureAuthority(core: Core, actor: Actor): Promise<Authority> {
  const session = core.session();
  const ensure = async (draft: Draft): Promise<() => Authority> => {
    const now = core.ports.clock.now();
    const [present, ...others] = session.things.all('authority');
    if (present !== undefined && others.length === 0 && present.value.notAfter - now >= LEAST_LIFE_MS) {
      return () => present.value;
    }
    removeAll(session, draft);
    const made = await makeAuthority(core, session, draft, now);
    return () => made;
  };
  return session.write(actor, ensure, ['authority']);
}

async function makeAuthority(core: Core, session: Session, draft: Draft, now: number): Promise<Authority> {
  const object = await session.hsm.call('generateObject', {
    id: hexId(core.ports),
    attributes: {
      class: 'private-key',
      spec: 'EC_P256',
      usage: ['sign'],
      extractable: false,
      label: 'Keyhold local CA',
      createdAt: now,
      policy: {},
    },
  });
  const publicKey = object.publicKey ?? new Uint8Array();
  const { id } = object.attributes;
  const key = signingKey(session, publicKey, { id, version: 1, blob: object.blob });
  const { pem, notAfter } = await createAuthority(key, core.ports.random, now);
  const authority: Authority = {
    pem,
    publicKey: Buffer.from(publicKey).toString('base64'),
    key: { id },
    createdAt: now,
    notAfter,
  };
  draft.putObject(id, 1, object.blob);
  draft.put('authority', hexId(core.ports), authority);
  draft.record('ca.create');
  return authority;
}

function keyOf(session: Session, authority: Authority): AuthorityKey {
  const publicKey = new Uint8Array(Buffer.from(authority.publicKey, 'base64'));
  return signingKey(session, publicKey, session.objectRef(authority.key.id));
}

function signingKey(
  session: Session,
  publicKey: Uint8Array,
  key: { id: string; version: number; blob?: SealedBlob },
): AuthorityKey {
  return {
    publicKey,
    async sign(message) {
      const { signature } = await session.hsm.call('ecdsaSign', { key, message });
      return signature;
    },
  };
}
