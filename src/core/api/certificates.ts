import { KeyholdError } from '../../contract/errors.ts';
import { issuedFor } from '../certificates/issued.ts';
import { defaultSubject, makePair, requestOf } from '../certificates/pair.ts';
import type { CertificatePair, CertificateRecord } from '../certificates/record.ts';
import { viewCertificate } from '../certificates/view.ts';
import { renamed } from './accounts.ts';
import type { Handlers } from './handler.ts';
import { dependentsOfReferred, removeWithDependents } from './removal.ts';

type Methods =
  | 'certificate.list'
  | 'certificate.create'
  | 'certificate.csr'
  | 'certificate.import'
  | 'certificate.update'
  | 'certificate.remove';

export const certificateHandlers: Handlers<Methods> = {
  'certificate.list': async ({ core }) => {
    const things = await core.session().need('certificate', 'profile');
    const now = core.ports.clock.now();
    return { certificates: things.all('certificate').map((one) => viewCertificate(things, one, now)) };
  },

  'certificate.create': async ({ core, actor }, { name, keySpec, subject = defaultSubject(name) }) => {
    const session = core.session();
    const things = await session.need('certificate', 'profile');
    // Before an RSA key is looked for, which takes seconds.
    things.assertFree('certificate', name);
    const now = core.ports.clock.now();
    const { pair, blob, csr } = await makePair(session, { name, keySpec, subject }, now);
    return session.write(actor, (draft) => {
      things.assertFree('certificate', name);
      const made = { id: session.newId(), value: { name, pair } };
      draft.putObject(pair.key.id, 1, blob);
      draft.put('certificate', made.id, made.value);
      draft.record('certificate.create', name, { reason: `${keySpec}, request for ${subject}` });
      return () => ({ certificate: viewCertificate(things, made, now), csr });
    });
  },

  'certificate.csr': async ({ core }, { name }) => {
    const session = core.session();
    const things = await session.need('certificate', 'profile');
    const found = things.byName('certificate', name);
    const pair = found.value.next?.pair ?? found.value.pair;
    const csr = await requestOf(session, pair, session.objectRef(pair.key.id));
    return { certificate: viewCertificate(things, found, core.ports.clock.now()), csr };
  },

  'certificate.import': async ({ core, actor }, { name, privateKey, pem }) => {
    const session = core.session();
    const things = await session.need('certificate', 'profile');
    things.assertFree('certificate', name);
    const now = core.ports.clock.now();
    const id = session.newId();
    const label = `certificate ${name}`;
    const key = await session.hsm.call('importX509Key', { id, sealed: privateKey, label, createdAt: now });
    const publicKey = Buffer.from(key.publicKey).toString('base64');
    const issued = issuedFor(pem, publicKey, now);
    const pair: CertificatePair = {
      ...{ keySpec: key.spec, key: { id }, publicKey, subject: issued.subject, createdAt: now, issued },
    };
    return session.write(actor, (draft) => {
      things.assertFree('certificate', name);
      const twin = things.all('certificate').find(({ value }) => value.pair.publicKey === publicKey);
      if (twin !== undefined) {
        throw new KeyholdError('AlreadyExists', `This key is in the vault already, as ${twin.value.name}.`, {
          kind: 'certificate',
          name: twin.value.name,
        });
      }
      const value: CertificateRecord = { name, imported: true, pair };
      const made = { id: session.newId(), value };
      draft.putObject(id, 1, key.blob);
      draft.put('certificate', made.id, value);
      draft.record('certificate.import', name, { reason: `${issued.subject}, serial number ${issued.serial}` });
      return () => viewCertificate(things, made, now);
    });
  },

  'certificate.update': ({ core, actor }, { name, rename }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('certificate', name);
      things.assertFree('certificate', rename, id);
      const next = { ...value, name: rename };
      draft.put('certificate', id, next);
      draft.record('certificate.update', rename, renamed(value.name, rename));
      return () => viewCertificate(things, { id, value: next }, core.ports.clock.now());
    });
  },

  'certificate.remove': ({ core, actor }, { name, cascade }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('certificate', name);
      const removed = { noun: 'certificate', name: value.name, cascade: cascade ?? false };
      removeWithDependents(draft, things, removed, dependentsOfReferred(things, id));
      draft.remove('certificate', id);
      for (const pair of [value.pair, value.next?.pair, value.previous?.pair]) {
        if (pair !== undefined) draft.removeObject(pair.key.id);
      }
      draft.record('certificate.remove', value.name);
      return () => ({});
    });
  },
};
