import { utf8 } from '../crypto/bytes.ts';
import { wipe } from '../crypto/wipe.ts';
import type { SealedBlob } from '../hsm/protocol.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import type { Session } from '../session.ts';

/** The service of the credential scope in requests to an external key store proxy (XKS Proxy API specification, appendix A). */
export const PROXY_SERVICE = 'kms-xks-proxy';

/** Makes RawSecretAccessKey an HSM object (to be stored, version 1) that signs requests to proxies from this Region and nothing else. */
export async function importProxySecret(
  session: Pick<Session, 'hsm' | 'newId'>,
  secret: string,
  { region, label, now }: { region: string; label: string; now: number },
): Promise<{ id: string; blob: SealedBlob }> {
  const bytes = utf8(secret);
  try {
    const id = session.newId();
    const { blob } = await session.hsm.call('importObject', {
      id,
      sealed: await sealForHsm(session.hsm, 'secret-access-key', bytes),
      purpose: 'secret-access-key',
      attributes: {
        class: 'secret-key',
        spec: 'AWS_SECRET_ACCESS_KEY',
        usage: ['sigv4'],
        extractable: false,
        label,
        createdAt: now,
        policy: { services: [PROXY_SERVICE], regions: [region] },
      },
    });
    return { id, blob };
  } finally {
    wipe(bytes);
  }
}
