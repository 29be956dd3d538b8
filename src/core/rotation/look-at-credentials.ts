import type { Adapter, At } from './adapters/adapter.ts';
import { Halt } from './halt.ts';
import { type IamUserName, type Lookout, mayDoIt, quotaFull, type SeenKey } from './look-around.ts';
import { patiently } from './patience.ts';

interface Looked {
  record: At['record'] & { old: { accessKeyId: string } };
  adapter: Adapter;
}

/** What can be known about a user's credentials of one kind before one gets a successor. Throws `Halt` for what is in its way. */
export async function lookAtCredentials(
  lookout: Lookout,
  user: IamUserName,
  { record, adapter }: Looked,
): Promise<{ keys: SeenKey[]; notes: string[] }> {
  const { clock, iam } = lookout;
  const { accessKeyId } = record.old;
  const listed = await lookout.asUser((signer) =>
    patiently(clock, () => adapter.list({ iam, signer, userName: user.name, record })),
  );
  const keys = listed.map((key) => ({ ...key, lastUsed: null }));
  const own = keys.find((key) => key.accessKeyId === accessKeyId);
  if (own === undefined) {
    throw new Halt(
      'changed',
      `AWS lists no ${adapter.noun} ${accessKeyId} for ${user.name}. Look in IAM who has deleted it.`,
    );
  }
  if (keys.length >= adapter.most) throw quotaFull(user, keys, accessKeyId, adapter);
  const notes = own.active ? [] : [`${accessKeyId} is inactive in IAM.`];
  notes.push(...(await mayDoIt(lookout, user, adapter)));
  return { keys, notes };
}
