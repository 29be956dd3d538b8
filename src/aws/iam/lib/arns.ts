import type { OperationContext } from '../../local/operation-context.ts';

interface Named {
  readonly path: string;
  readonly name: string;
}

function iamArn({ account: { partition, accountId } }: OperationContext, resource: string): string {
  return `arn:${partition}:iam::${accountId}:${resource}`;
}

export function userArn(ctx: OperationContext, { path, name }: Named): string {
  return iamArn(ctx, `user${path}${name}`);
}

/** What MFA devices are called by: their SerialNumber. */
export function mfaArn(ctx: OperationContext, { path, name }: Named): string {
  return iamArn(ctx, `mfa${path}${name}`);
}

export function rootArn(ctx: OperationContext): string {
  return iamArn(ctx, 'root');
}
