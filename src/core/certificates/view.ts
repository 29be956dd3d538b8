import type { Certificate } from '../../contract/certificates.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { profilesReferringTo } from '../sessions/origins/profiles-referring-to.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import { pemOf } from './issued.ts';
import type { CertificatePair, CertificateRecord, Issued } from './record.ts';

/** `things` with their profiles read. */
export function viewCertificate(things: Things, { id, value }: Found<'certificate'>, now: number): Certificate {
  const { pair } = value;
  const rotation = viewRotation(value);
  return {
    id,
    name: value.name,
    keySpec: pair.keySpec,
    createdAt: instant(pair.createdAt),
    ...(value.imported === undefined ? {} : { imported: true as const }),
    state: stateOf(pair.issued, now),
    subject: pair.issued?.subject ?? pair.subject,
    ...issuedMember(pair.issued),
    profiles: profilesReferringTo(things, id).map((one) => one.value.name),
    ...(rotation === undefined ? {} : { rotation }),
  };
}

function stateOf(issued: Issued | undefined, now: number): Certificate['state'] {
  if (issued === undefined) return 'requested';
  if (issued.notAfter <= now) return 'expired';
  return issued.notBefore > now ? 'notYetValid' : 'valid';
}

function issuedMember(issued: Issued | undefined): Pick<Certificate, 'issued'> {
  if (issued === undefined) return {};
  const { subject, issuer, serial, notBefore, notAfter, chainSubjects } = issued;
  const times = { notBefore: instant(notBefore), notAfter: instant(notAfter) };
  return { issued: { subject, issuer, serial, ...times, chain: chainSubjects, pem: pemOf(issued) } };
}

function viewRotation({ name, next, previous }: CertificateRecord): Certificate['rotation'] {
  if (next !== undefined) {
    const state = next.pair.issued === undefined ? 'requested' : 'issued';
    return {
      ...common(next.pair),
      state,
      message:
        state === 'requested'
          ? `Have the CA issue a certificate for the new request (keyhold certificate csr ${quotedName(name)}), and install it: keyhold certificate install ${quotedName(name)} FILE.`
          : `The new certificate is here, and AWS has not been seen to take it; the one before stays in use. Try again with keyhold certificate install ${quotedName(name)}, or take the rotation back.`,
    };
  }
  if (previous === undefined) return undefined;
  const until = instant(previous.until);
  return {
    ...common(previous.pair),
    state: 'quarantine',
    startedAt: instant(previous.switchedAt),
    until,
    message: `The new certificate is in use. The key before it is kept for the way back until ${until}, and destroyed then; its certificate is good until the CA revokes it or it expires.`,
  };
}

function common(pair: CertificatePair) {
  return { keySpec: pair.keySpec, startedAt: instant(pair.createdAt), ...issuedMember(pair.issued) };
}
