import { KmsError } from '../../../core/kms/kms-error.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { requireChina } from './require-china.ts';

/** Key specs that the request's Region does not have (KMS API, CreateKey and GenerateDataKeyPair): SM2 elsewhere, ML-KEM in China. Throws UnsupportedOperationException. */
export function requireSpecHere(ctx: OperationContext, spec: string): void {
  if (spec === 'SM2') requireChina(ctx);
  if (!spec.startsWith('ML_KEM_') || ctx.account.partition !== 'aws-cn') return;
  const message = `${spec} is not available in the China Regions, and ${ctx.region} is one: choose another spec.`;
  throw new KmsError('UnsupportedOperationException', message);
}
