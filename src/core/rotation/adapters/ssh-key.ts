import { askAsUser } from '../as-user.ts';
import type { IamAccessKey } from '../aws-iam.ts';
import { isFault } from '../faults.ts';
import { LOOKS, listKeys } from '../listed-key.ts';
import { now, type Run, recordOf, rest, userOf } from '../run.ts';
import type { Adapter, Made } from './adapter.ts';
import { OF_CREDENTIALS, put, requireCredential } from './held-credential.ts';
import { isSameSshKey } from './same-ssh-key.ts';

/** Of CodeCommit. The key pair is made in the HSM before IAM hears of it, so no lost answer loses a secret: whichever of the user's keys has this public key is the one. */
export const sshKeyAdapter: Adapter = {
  ...OF_CREDENTIALS,
  noun: 'SSH key',
  most: 5,
  needed: ['iam:UploadSSHPublicKey', 'iam:UpdateSSHPublicKey', 'iam:DeleteSSHPublicKey'],
  list: ({ iam, signer, userName }) => iam.listSshKeys(signer, userName),
  async create({ iam, signer, userName, record: { prepared } }) {
    if (prepared === undefined) throw new Error('there is no key pair to be uploaded');
    const { publicKey } = prepared;
    return { ...(await iam.uploadSshKey(signer, { userName, publicKey })), shown: publicKey };
  },
  setActive: ({ iam, signer, userName }, id, active) => iam.setSshKeyActive(signer, { userName, id, active }),
  remove: ({ iam, signer, userName }, id) => iam.deleteSshKey(signer, { userName, id }),
  kept: null,

  async prepare(run, draft) {
    const { session } = run;
    const { credential } = recordOf(run);
    const { attributes, blob, publicKey } = await session.hsm.call('generateSshKey', {
      id: session.newId(),
      label: credential?.name ?? '',
      createdAt: now(run),
    });
    draft.putObject(attributes.id, 1, blob);
    return { prepared: { secret: { id: attributes.id }, publicKey } };
  },

  async found(run) {
    const { prepared } = recordOf(run);
    if (prepared === undefined) return null;
    for (const wait of [...LOOKS, null]) {
      const found = await withBody(run, await listKeys(run), prepared.publicKey);
      if (found !== null || wait === null) return found;
      await rest(run, wait);
    }
    return null;
  },

  swap(run, draft, record, { from, to }) {
    const { id, value } = requireCredential(run, record, from);
    const { accessKeyId, secret, shown } = to;
    if (value.type !== 'sshKey' || shown === undefined) throw new Error('a rotation of another kind of credential');
    return put(draft, id, { ...value, credentialId: accessKeyId, secret, publicKey: shown }, to);
  },
};

async function withBody(run: Run, listed: readonly IamAccessKey[], publicKey: string): Promise<Made | null> {
  const userName = userOf(run).name;
  for (const { accessKeyId: id, createdAt } of listed) {
    const body = await askAsUser(run, (signer) => run.iam.sshKeyBody(signer, { userName, id })).catch(
      (error: unknown) => {
        // Deleted since it was listed.
        if (isFault(error, 'missing')) return '';
        throw error;
      },
    );
    if (isSameSshKey(body, publicKey)) return { id, createdAt, shown: publicKey };
  }
  return null;
}
