import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import type { CallContext } from '../api/handler.ts';
import { isSameSshKey } from '../rotation/adapters/same-ssh-key.ts';
import { mayHaveBeenDone } from '../rotation/faults.ts';
import type { Found } from '../things.ts';
import { type Asking, askIam, thrownByAws } from './ask-iam.ts';

type Wanted = Extract<Input<'credential.add'>, { type: 'sshKey' }>;
interface Begun {
  id: string;
  publicKey: string;
  again: boolean;
}
interface Known {
  id: string;
  createdAt: number;
}

/** Makes the key pair in the HSM, and then tells IAM of its public half. Where that is interrupted, the next call with the same name goes on with the same key pair. */
export async function makeSshKey(call: CallContext, wanted: Wanted, key: Found<'accessKey'>): Promise<string> {
  const { core, actor } = call;
  const session = core.session();
  const asking = await askIam(call, key);
  const { id, publicKey, again } = await begin(call, wanted, key);
  const known =
    (again ? await findAtIam(asking, publicKey) : null) ?? (await upload(call, asking, { id, publicKey, again }));
  return session.write(actor, (draft) => {
    const value = session.things.must('credential', id);
    if (value.type !== 'sshKey') throw new Error('a credential of another kind');
    draft.put('credential', id, { ...value, credentialId: known.id, issuedAt: known.createdAt });
    draft.record('credential.add', value.name, { reason: `${known.id} is made` });
    return () => id;
  });
}

function begin({ core, actor }: CallContext, { name, note }: Wanted, key: Found<'accessKey'>): Promise<Begun> {
  const session = core.session();
  return session.write(actor, async (draft): Promise<() => Begun> => {
    const known = session.things.findByName('credential', name);
    if (known?.value.type === 'sshKey' && known.value.credentialId === undefined && known.value.key === key.id) {
      const { publicKey } = known.value;
      return () => ({ id: known.id, publicKey, again: true });
    }
    session.things.assertFree('credential', name);
    const createdAt = core.ports.clock.now();
    const made = await session.hsm.call('generateSshKey', { id: session.newId(), label: name, createdAt });
    const { publicKey } = made;
    const id = session.newId();
    draft.putObject(made.attributes.id, 1, made.blob);
    draft.put('credential', id, {
      ...{ type: 'sshKey', name, key: key.id, note: note ?? '', createdAt, publicKey },
      secret: { id: made.attributes.id },
    });
    draft.record('credential.add', name, { reason: 'a key pair is made' });
    return () => ({ id, publicKey, again: false });
  });
}

async function findAtIam({ iam, userName, ask }: Asking, publicKey: string): Promise<Known | null> {
  for (const { accessKeyId: id, createdAt } of await ask((signer) => iam.listSshKeys(signer, userName))) {
    const body = await ask((signer) => iam.sshKeyBody(signer, { userName, id }));
    if (isSameSshKey(body, publicKey)) return { id, createdAt };
  }
  return null;
}

async function upload(
  call: CallContext,
  { iam, userName, once }: Asking,
  { id, publicKey, again }: Begun,
): Promise<Known> {
  try {
    return await once((signer) => iam.uploadSshKey(signer, { userName, publicKey }));
  } catch (error) {
    const session = call.core.session();
    const { name } = session.things.must('credential', id);
    if (mayHaveBeenDone(thrownByAws(error))) {
      throw new KeyholdError(
        'Unreachable',
        `AWS’s answer was lost, and whether it has the public key of ${name} is not known. Add ${name} once more with the same name: it goes on with the same key pair.`,
        undefined,
        { cause: error },
      );
    }
    if (!again) await forget(call, id);
    throw error;
  }
}

/** IAM has refused it. */
function forget({ core, actor }: CallContext, id: string): Promise<void> {
  const session = core.session();
  return session.write(actor, (draft) => {
    const value = session.things.must('credential', id);
    draft.remove('credential', id);
    if (value.type === 'sshKey') draft.removeObject(value.secret.id);
    draft.record('credential.remove', value.name, { reason: 'IAM refused its public key' });
    return () => undefined;
  });
}
