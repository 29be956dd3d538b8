import type { Adapter, At } from './adapters/adapter.ts';
import { askAsUser } from './as-user.ts';
import type { IamSigner } from './aws-iam.ts';
import { type Run, recordOf, userOf } from './run.ts';

/** A call about what is rotated, as the user, as often as it takes within bounds. */
export function askAdapter<T>(run: Run, work: (adapter: Adapter, at: At) => Promise<T>): Promise<T> {
  return askAsUser(run, (signer) => work(run.adapter, atOf(run, signer)));
}

export function atOf(run: Run, signer: IamSigner): At {
  return { iam: run.iam, signer, userName: userOf(run).name, record: recordOf(run) };
}
