/** The account id in a key's ARN; undefined for anything else. */
export function accountOfArn(arn: string): string | undefined {
  return /^arn:[a-z-]+:kms:[a-z0-9-]+:(\d{12}):/.exec(arn)?.[1];
}
