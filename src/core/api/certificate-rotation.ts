import { KeyholdError } from '../../contract/errors.ts';
import { draftDestroy, draftRollback } from '../certificates/draft-steps.ts';
import { issuedFor } from '../certificates/issued.ts';
import { makePair, requestOf } from '../certificates/pair.ts';
import { proveNext } from '../certificates/prove-next.ts';
import type { CertificateRecord } from '../certificates/record.ts';
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
    const things = await session.need(...KINDS);
    const { id, value } = things.byName('certificate', name);
    if (pem !== undefined) await install(call, id, pem);
    else if (value.next?.pair.issued === undefined) {
      throw new KeyholdError(
        'InvalidInput',
        `No certificate of ${value.name} waits to be tried: give the file that the CA answered with, keyhold certificate install ${value.name} FILE.`,
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

/** The file beside the key pair that it is for: the one that a certificate is awaited for, or the present one, which is renewed then. */
async function install({ core, actor }: CallContext, id: string, pem: string): Promise<void> {
  const session = core.session();
  const { things } = session;
  const now = core.ports.clock.now();
  await session.write(
    actor,
    (draft) => {
      const value = things.must('certificate', id);
      const { next } = value;
      const isPresent = hasCertificateOf(pem, Buffer.from(value.pair.publicKey, 'base64'));
      const pair = next === undefined || isPresent ? value.pair : next.pair;
      const issued = issuedFor(pem, pair.publicKey, now);
      const filled = { ...pair, issued };
      const whole: CertificateRecord =
        next === undefined || isPresent ? { ...value, pair: filled } : { ...value, next: { ...next, pair: filled } };
      draft.put('certificate', id, whole);
      draft.record('certificate.install', value.name, {
        reason: `${issued.subject}, serial number ${issued.serial}, until ${new Date(issued.notAfter).toISOString()}`,
      });
      return () => undefined;
    },
    ['certificate'],
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
      `The key of ${name} is being rotated already, to ${next.pair.keySpec} for ${next.pair.subject}. Install its certificate, or take that back first: keyhold rotate certificate ${name} --rollback.`,
    );
  }
  if (previous !== undefined) {
    throw new KeyholdError(
      'InUse',
      `The key before the present one of ${name} is still kept. Have it destroyed first (keyhold rotate certificate ${name} --confirm), or take that rotation back (--rollback).`,
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
  return new KeyholdError('NotFound', `${what} of ${name}. keyhold certificate show ${name} says where it stands.`);
}
