import type { Certificate } from '../../src/contract/certificates.ts';

const DAY = 86_400_000;
const CSR =
  '-----BEGIN CERTIFICATE REQUEST-----\nMIHVMH4CAQAwHDEaMBgGA1UEAwwRYnVpbGQuZXhhbXBsZS5jb20w\n-----END CERTIFICATE REQUEST-----\n';

/** Certificates of a fake vault: one that ends soon and one that is being rotated, where it has any, and whatever is made. */
export function fakeCertificateHandlers(now = Date.now(), hasSome = true) {
  const at = (ms: number): string => new Date(now + ms).toISOString();
  let certificates: Certificate[] = [
    {
      id: `71${'0'.repeat(30)}`,
      name: 'build',
      keySpec: 'EC_P256',
      createdAt: at(-350 * DAY),
      state: 'valid',
      subject: 'CN=build,O=Example',
      issued: {
        subject: 'CN=build,O=Example',
        issuer: 'CN=Example CA,O=Example',
        serial: '4711',
        notBefore: at(-350 * DAY),
        notAfter: at(15 * DAY),
        chain: ['CN=Example CA,O=Example'],
        pem: '',
      },
      profiles: [],
    },
    {
      id: `72${'0'.repeat(30)}`,
      name: 'edge',
      keySpec: 'EC_P256',
      createdAt: at(-50 * DAY),
      state: 'valid',
      subject: 'CN=edge,O=Example',
      issued: {
        subject: 'CN=edge,O=Example',
        issuer: 'CN=Example CA,O=Example',
        serial: '4712',
        notBefore: at(-50 * DAY),
        notAfter: at(300 * DAY),
        chain: ['CN=Example CA,O=Example'],
        pem: '',
      },
      profiles: ['edge-upload'],
      rotation: {
        state: 'issued',
        keySpec: 'EC_P256',
        startedAt: at(-DAY),
        message: 'The new certificate is here, and AWS has not been seen to take it; the one before stays in use.',
      },
    },
  ];
  if (!hasSome) certificates = [];
  const named = (name: unknown): Certificate => {
    const found = certificates.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no certificate ${String(name)}`);
    return found;
  };
  const turn = (name: unknown, rotation: Certificate['rotation']): Certificate => {
    const { rotation: _before, ...rest } = named(name);
    const turned = { ...rest, ...(rotation === undefined ? {} : { rotation }) };
    certificates = certificates.map((one) => (one.id === rest.id ? turned : one));
    return turned;
  };
  return {
    'certificate.install': ({ name }: Record<string, unknown>) =>
      turn(name, {
        state: 'quarantine',
        keySpec: 'EC_P256',
        startedAt: at(-DAY),
        until: at(DAY),
        message: 'The new key is in use, and the one before is kept for a day.',
      }),
    'certificate.import': ({ name, pem }: Record<string, unknown>) => {
      const made: Certificate = {
        ...named('build'),
        id: `73${String(certificates.length).padStart(30, '1')}`,
        name: String(name),
        imported: true,
        createdAt: at(0),
        profiles: [],
      };
      if (!String(pem).includes('BEGIN CERTIFICATE')) throw new Error('no certificate');
      certificates = [...certificates, made];
      return made;
    },
    'certificate.confirm': ({ name }: Record<string, unknown>) => turn(name, undefined),
    'certificate.rollback': ({ name }: Record<string, unknown>) => turn(name, undefined),
    'certificate.list': () => ({ certificates }),
    'certificate.create': ({ name }: Record<string, unknown>) => {
      const made: Certificate = {
        id: `71${String(certificates.length).padStart(30, '1')}`,
        name: String(name),
        keySpec: 'EC_P256',
        createdAt: at(0),
        state: 'requested',
        subject: `CN=${String(name)}`,
        profiles: [],
      };
      certificates = [...certificates, made];
      return { certificate: made, csr: CSR };
    },
    'certificate.csr': ({ name }: Record<string, unknown>) => ({ certificate: named(name), csr: CSR }),
    'certificate.remove': ({ name }: Record<string, unknown>) => {
      certificates = certificates.filter((one) => one !== named(name));
      return {};
    },
  };
}
