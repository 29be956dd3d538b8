import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { draftDestroy, draftRollback } from '../certificates/draft-steps.ts';
import { issuedFor } from '../certificates/issued.ts';
import { makePair, requestOf } from '../certificates/pair.ts';
import { assertProvedFor, evidenceOf, proveAt } from '../certificates/prove-at.ts';
import { proveNext } from '../certificates/prove-next.ts';
import type { CertificateRecord, Issued } from '../certificates/record.ts';
import { viewCertificate } from '../certificates/view.ts';
import type { Found } from '../things.ts';
import { hasCertificateOf } from '../x509/read-chain.ts';
import type { CallContext, Handlers } from './handler.ts';

type Methods = 'certificate.install' | 'certificate.rotate' | 'certificate.confirm' | 'certificate.rollback';
const KINDS = ['certificate', 'profile'] as const;

export const certificateRotationHandlers: Handlers<Methods> = {
  'certificate.rotate': async ({ core, actor }, { name, keySpec, subject, quarantineSeconds }) => {
    const session = core.session();
    const things = await session.need(...KINDS);
    const found = things.byName('certificate', name);
    const now = core.ports.clock.now();
    const { pair, next } = found.value;
    // Whoever lost the answer asks again, and gets the request of the same key.
    if (next !== undefined && isSame(next.pair, { keySpec, subject })) {
      const csr = await requestOf(session, next.pair, session.objectRef(next.pair.key.id));
      return { certificate: viewCertificate(things, found, now), csr };
    }
    assertRotatable(found.value);
    const wanted = {
      name: found.value.name,
      keySpec: keySpec ?? pair.keySpec,
      subject: subject ?? ownSubject(found.value),
    };
    const made = await makePair(session, wanted, now);
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('certificate', name);
      assertRotatable(value);
      const rotating: Found<'certificate'> = { id, value: { ...value, next: { pair: made.pair, quarantineSeconds } } };
      draft.putObject(made.pair.key.id, 1, made.blob);
      draft.put('certificate', id, rotating.value);
      draft.record('certificate.rotate', value.name, { reason: `${wanted.keySpec}, request for ${wanted.subject}` });
      return () => ({ certificate: viewCertificate(things, rotating, now), csr: made.csr });
    });
  },

  'certificate.install': async (call, { name, pem }) => {
    const session = call.core.session();
    const things = await session.need(...KINDS, 'account');
    const { id, value } = things.byName('certificate', name);
    if (pem !== undefined) await install(call, id, pem);
    else if (value.next?.pair.issued === undefined) {
      throw new KeyholdError(
        'InvalidInput',
        `No certificate of ${value.name} waits to be tried: give the file that the CA answered with, keyhold certificate install ${quotedName(value.name)} FILE.`,
      );
    }
    await proveNext(call.core, session, call.actor, id);
    return shown(call, id);
  },

  'certificate.confirm': async ({ core, actor }, { name }) => {
    const session = core.session();
    const { things } = session;
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('certificate', name);
      if (value.previous === undefined) throw nothing(value, 'No key before the present one is kept');
      const next = draftDestroy(draft, { id, value });
      return () => viewCertificate(things, { id, value: next }, core.ports.clock.now());
    });
  },

  'certificate.rollback': async ({ core, actor }, { name }) => {
    const session = core.session();
    const { things } = session;
    const now = core.ports.clock.now();
    return session.write(actor, (draft) => {
      const { id, value } = things.byName('certificate', name);
      if (value.next === undefined && value.previous === undefined) throw nothing(value, 'Nothing can be taken back');
      const before = value.next === undefined ? value.previous?.pair.issued : undefined;
      if (before !== undefined && before.notAfter <= now) {
        throw new KeyholdError(
          'InvalidInput',
          `The certificate before has expired on ${new Date(before.notAfter).toISOString()}, so going back to it would leave ${value.name} without a valid one. Keep the present one.`,
        );
      }
      const next = draftRollback(draft, { id, value });
      return () => viewCertificate(things, { id, value: next }, now);
    });
  },
};

/**
 * The file beside the key pair that it is for: the one that a certificate is awaited for, or the present one, which is renewed then. A renewed one takes the place of the one that works only after AWS has
 * given it what that one is used for: there is no way back.
 */
async function install({ core, actor }: CallContext, id: string, pem: string): Promise<void> {
  const session = core.session();
  const { things } = session;
  const now = core.ports.clock.now();
  const before = things.must('certificate', id);
  const { name, next } = before;
  const isPresent = hasCertificateOf(pem, Buffer.from(before.pair.publicKey, 'base64'));
  const pair = next === undefined || isPresent ? before.pair : next.pair;
  const issued = issuedFor(pem, pair.publicKey, now);
  const filled = { ...pair, issued };
  const present = pair === before.pair ? pair.issued : undefined;
  if (present !== undefined) assertNotOlder(name, issued, present);
  // One that has ended is of no use to anybody.
  const proved = present !== undefined && present.notAfter > now;
  const users = proved
    ? await proveAt(
        core,
        session,
        { id, name, pair: filled },
        { before: `The renewed certificate of ${name} was not installed`, after: 'Then install it again.' },
      )
    : [];
  await session.write(
    actor,
    (draft) => {
      const value = things.get('certificate', id);
      if (value === undefined || pairsOf(value) !== pairsOf(before)) {
        throw new KeyholdError('InUse', `The certificate ${name} was changed meanwhile. Look at it, and try again.`);
      }
      if (proved) assertProvedFor(things, { id, name: `${value.name} FILE` }, users);
      const whole: CertificateRecord =
        value.next === undefined || isPresent
          ? { ...value, pair: filled }
          : { ...value, next: { ...value.next, pair: filled } };
      draft.put('certificate', id, whole);
      const until = new Date(issued.notAfter).toISOString();
      const evidence = proved ? `; ${evidenceOf(users)}` : '';
      draft.record('certificate.install', value.name, {
        reason: `${issued.subject}, serial number ${issued.serial}, until ${until}${evidence}`,
      });
      return () => undefined;
    },
    ['certificate', 'profile'],
  );
}

const pairsOf = ({ pair, next }: CertificateRecord): string => JSON.stringify([pair, next]);

function assertNotOlder(name: string, issued: Issued, present: Issued): void {
  if (issued.notBefore >= present.notBefore || issued.notAfter > present.notAfter) return;
  throw new KeyholdError(
    'InvalidInput',
    `This certificate is older than the one that ${name} has, which is good until ${new Date(present.notAfter).toISOString()}: give the file that the CA issued last.`,
  );
}

function shown({ core }: CallContext, id: string) {
  const { things } = core.session();
  return viewCertificate(things, { id, value: things.must('certificate', id) }, core.ports.clock.now());
}

function assertRotatable({ name, pair, next, previous }: CertificateRecord): void {
  if (next !== undefined) {
    throw new KeyholdError(
      'InUse',
      `The key of ${name} is being rotated already, to ${next.pair.keySpec} for ${next.pair.subject}. Install its certificate, or take that back first: keyhold rotate certificate ${quotedName(name)} --rollback.`,
    );
  }
  if (previous !== undefined) {
    throw new KeyholdError(
      'InUse',
      `The key before the present one of ${name} is still kept. Have it destroyed first (keyhold rotate certificate ${quotedName(name)} --confirm), or take that rotation back (--rollback).`,
    );
  }
  if (pair.issued === undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `The certificate ${name} has not been issued yet, so there is nothing to rotate: remove it and make another one, or install what the CA issued.`,
    );
  }
}

/** What the CA put into the certificate counts, not what was asked for. */
function ownSubject({ pair }: CertificateRecord): string {
  return pair.issued?.subject ?? pair.subject;
}

function isSame(
  pair: CertificateRecord['pair'],
  { keySpec = pair.keySpec, subject = pair.subject }: { keySpec: string | undefined; subject: string | undefined },
): boolean {
  return pair.keySpec === keySpec && pair.subject === subject;
}

function nothing({ name }: CertificateRecord, what: string): KeyholdError {
  return new KeyholdError(
    'NotFound',
    `${what} of ${name}. keyhold certificate show ${quotedName(name)} says where it stands.`,
  );
}
