import type { Adapter, At } from './adapter.ts';
import type { OfService } from './credential-calls.ts';
import { OF_CREDENTIALS, put, requireCredential } from './held-credential.ts';

/** A password or an API key that IAM makes for one service: shown once, like an access key's secret. AWS does not tell when it was used. */
export const serviceAdapter: Adapter = {
  ...OF_CREDENTIALS,
  noun: 'password',
  most: 2,
  needed: [
    'iam:CreateServiceSpecificCredential',
    'iam:UpdateServiceSpecificCredential',
    'iam:DeleteServiceSpecificCredential',
  ],
  list: (at) => at.iam.listCredentials(at.signer, ofService(at)),
  async create(at) {
    const { userName, ...made } = await at.iam.createCredential(at.signer, ofService(at));
    return { ...made, shown: userName };
  },
  setActive: ({ iam, signer, userName }, id, active) => iam.setCredentialActive(signer, { userName, id, active }),
  remove: ({ iam, signer, userName }, id) => iam.deleteCredential(signer, { userName, id }),
  kept: { purpose: 'service-password', class: 'secret-key', spec: 'SERVICE_PASSWORD', usage: [] },

  swap(run, draft, record, { from, to }) {
    const { id, value } = requireCredential(run, record, from);
    if (value.type !== 'service') throw new Error('a rotation of another kind of credential');
    const { userName: _user, expiresAt: _end, ...rest } = value;
    const { accessKeyId, secret, shown, expiresAt } = to;
    const next = {
      ...rest,
      credentialId: accessKeyId,
      secret,
      ...(shown === undefined ? {} : { userName: shown }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    return put(draft, id, next, to);
  },
};

function ofService({ userName, record: { credential } }: At): OfService {
  if (credential?.service === undefined) throw new Error('a service’s credential without a service');
  return { userName, service: credential.service };
}
