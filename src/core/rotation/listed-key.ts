import { askAdapter } from './ask-adapter.ts';
import type { IamAccessKey } from './aws-iam.ts';
import { type Run, rest } from './run.ts';

/** What IAM has just made need not be in its lists yet. In ms. */
export const LOOKS: readonly number[] = [1000, 2000, 4000, 8000];

export function listKeys(run: Run): Promise<IamAccessKey[]> {
  return askAdapter(run, (adapter, at) => adapter.list(at));
}

/** A key of the user as IAM has it, once it has it; undefined where it does not come. */
export async function listedKey(run: Run, accessKeyId: string): Promise<IamAccessKey | undefined> {
  for (const wait of [...LOOKS, null]) {
    const found = (await listKeys(run)).find((key) => key.accessKeyId === accessKeyId);
    if (found !== undefined || wait === null) return found;
    await rest(run, wait);
  }
  return undefined;
}
