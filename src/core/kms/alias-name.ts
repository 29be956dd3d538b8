import { KmsError } from './kms-error.ts';

const PREFIX = 'alias/';
const MANAGED_PREFIX = 'alias/aws/';

/**
 * Services whose AWS managed keys have a predefined alias, `alias/aws/` and this; the value is the name in `kms:ViaService` where that
 * is another one.
 */
const SERVICES: Readonly<Record<string, string>> = {
  acm: 'acm',
  backup: 'backup',
  codecommit: 'codecommit',
  dms: 'dms',
  dynamodb: 'dynamodb',
  ebs: 'ec2',
  elasticfilesystem: 'elasticfilesystem',
  es: 'es',
  fsx: 'fsx',
  glue: 'glue',
  kinesis: 'kinesis',
  kinesisvideo: 'kinesisvideo',
  lambda: 'lambda',
  rds: 'rds',
  redshift: 'redshift',
  s3: 's3',
  secretsmanager: 'secretsmanager',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
  workspaces: 'workspaces',
  xray: 'xray',
};

/** Every predefined alias, in order. */
export const MANAGED_ALIASES: readonly string[] = Object.keys(SERVICES).map((service) => MANAGED_PREFIX + service);

/** The service of a predefined alias as `kms:ViaService` names it; undefined for any other alias. */
export function serviceOfManagedAlias(name: string): string | undefined {
  if (!name.startsWith(MANAGED_PREFIX)) return undefined;
  const service = name.slice(MANAGED_PREFIX.length);
  return Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined;
}

export function isReservedAlias(name: string): boolean {
  return name.startsWith(MANAGED_PREFIX) || name === 'alias/aws';
}

/**
 * Checks the name of an alias that is to be made, changed or deleted; the model's constraints (1 to 256 characters of
 * `[a-zA-Z0-9:/_-]`) have been checked. Throws ValidationException, InvalidAliasNameException or NotAuthorizedException.
 */
export function checkAliasName(name: string): void {
  if (!name.startsWith(PREFIX)) {
    throw new KmsError(
      'ValidationException',
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  if (isReservedAlias(name)) throw new KmsError('NotAuthorizedException', '');
  if (name === PREFIX) throw new KmsError('ValidationException', 'Invalid identifier');
  if (name.includes(':')) {
    throw new KmsError('InvalidAliasNameException', `${name} contains invalid characters for an alias`);
  }
}
