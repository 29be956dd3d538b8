import { isFault } from '../faults.ts';
import { patiently } from '../patience.ts';
import { requireCurrent } from '../require-current.ts';
import { freshSigner, oldSigner, rest } from '../run.ts';
import { worksAs } from '../works-as.ts';
import type { Adapter } from './adapter.ts';

/** Access keys sign what is asked about them, so the key itself is the proof that it works; and AWS tells when it saw one. */
export const accessKeyAdapter: Adapter = {
  noun: 'key',
  most: 2,
  needed: ['iam:CreateAccessKey', 'iam:UpdateAccessKey', 'iam:DeleteAccessKey'],
  lastUsed: ({ iam, signer }, id) => iam.lastUsed(signer, id),
  list: ({ iam, signer, userName }) => iam.listAccessKeys(signer, userName),
  async create({ iam, signer, userName }) {
    const { accessKeyId, secret, createdAt } = await iam.createAccessKey(signer, userName);
    return { id: accessKeyId, secret, createdAt };
  },
  setActive: ({ iam, signer, userName }, accessKeyId, active) =>
    iam.setActive(signer, { userName, accessKeyId, active }),
  remove: ({ iam, signer, userName }, accessKeyId) => iam.deleteAccessKey(signer, { userName, accessKeyId }),
  kept: { purpose: 'secret-access-key', class: 'secret-key', spec: 'AWS_SECRET_ACCESS_KEY', usage: ['sigv4'] },
  verified: 'works, for the same user',

  async verify(run) {
    if (!(await worksAs(run, () => freshSigner(run)))) return false;
    // Once more: one of AWS's servers knows it, and the next one may not.
    await rest(run, 1000);
    const { clock } = run.call.core.ports;
    return patiently(clock, () => run.iam.whoAmI(freshSigner(run))).then(
      () => true,
      (error: unknown) => {
        if (isFault(error, 'badKey')) return false;
        throw error;
      },
    );
  },

  worksAgain: (run) => worksAs(run, () => oldSigner(run)),

  requireCurrent: (run, record, id) => void requireCurrent(run, record, id),

  swap(run, draft, record, { from, to }) {
    const { issuedAt: _of, ...value } = requireCurrent(run, record, from);
    const { accessKeyId, secret, issuedAt } = to;
    draft.put('accessKey', record.key, {
      ...value,
      accessKeyId,
      secret,
      ...(issuedAt === undefined ? {} : { issuedAt }),
    });
    return value.name;
  },
};
